"""Keeps what took long to compute: exclusions and driving times, by digest.

A file that is missing, damaged or of another shape is computed anew, so the
folder may be deleted at any time. Plain arrays only, never pickled objects.
"""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleetapp.layout.exclusion import Exclusions, Pairs

_PAIRS = ("node_node", "node_edge", "edge_edge")


@dataclass(frozen=True, slots=True)
class CachedTables:
    """What one cache file holds."""

    exclusions: Exclusions
    travel_ms: NDArray[np.int32] | None


def load_tables(cache_dir: Path | None, key: str) -> CachedTables | None:
    """The tables of a key, None if they are not there or not readable."""
    if cache_dir is None or not _file(cache_dir, key).is_file():  # a pipe never ends
        return None
    try:
        # Opened here: numpy leaves a file that is no archive open.
        with (
            _file(cache_dir, key).open("rb") as file,
            np.load(file, allow_pickle=False) as stored,
        ):
            pairs = {name: _pairs(stored[name]) for name in _PAIRS}
            travel_ms = stored["travel_ms"].astype(np.int32)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return CachedTables(Exclusions(**pairs), travel_ms if travel_ms.size else None)


def save_tables(
    cache_dir: Path, key: str, pairs: Exclusions, travel_ms: NDArray[np.int32] | None
) -> None:
    """Write the tables of a key; a folder that cannot be written is no error."""
    target = _file(cache_dir, key)
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    table = np.empty((0, 0), dtype=np.int32) if travel_ms is None else travel_ms
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with draft.open("xb") as file:
            np.savez(
                file,
                node_node=pairs.node_node,
                node_edge=pairs.node_edge,
                edge_edge=pairs.edge_edge,
                travel_ms=table,
            )
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)


def _file(cache_dir: Path, key: str) -> Path:
    return cache_dir / f"roadmap-{key}.npz"


def _pairs(stored: NDArray[np.int32]) -> Pairs:
    if stored.ndim != 2 or stored.shape[1] != 2 or stored.dtype != np.int32:
        raise ValueError(f"stored pairs have shape {stored.shape} and type {stored.dtype}")
    return stored
