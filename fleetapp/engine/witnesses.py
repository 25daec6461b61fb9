"""Is this the journal that we left? What anchors, snapshots and ring say about it at a start.

Each names rows that were durable once. A journal that ends before such a row, or has
another one in its place, was cut, altered, lost or put back from an older copy. One
that goes on behind them is the usual case, and so is a folder in which nothing is yet.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fleetapp.audit.anchor import Anchor, AnchorError, SecondPlace, read_anchor, read_distant
from fleetapp.audit.heads import Compared, NamedHead, compare
from fleetapp.audit.ring_slots import Promise
from fleetapp.engine import snapshots
from fleetapp.engine.data_folder import DataFolder
from fleetapp.engine.snapshots import Found

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why this may not be the journal that we left."""

    witness: str
    named_seq: int  # the row that it names
    found_seq: int  # where the journal ends
    text: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What the witnesses said."""

    doubts: tuple[Doubt, ...]
    usable: tuple[Found, ...]  # snapshots that are proven, newest first
    contradicted: tuple[Path, ...]  # snapshots of lost rows, and those that were altered
    lost: frozenset[NamedHead]  # heads that it does not hold


def examine(
    folder: DataFolder, second: SecondPlace | None, kept: tuple[Promise, ...], ring_damage: str = ""
) -> Examined:
    """Compare every witness with the journal; nothing is changed.

    `ring_damage` says why the ring is not the file that was left, "" if it is.

    Raises:
        OSError: if there is a database that cannot be read.
    """
    anchors, damaged = _anchors(folder, second)
    images = snapshots.there(folder.snapshots_dir)
    named = (
        *(NamedHead(witness, anchor.head) for witness, anchor in anchors),
        *(NamedHead("snapshot", image.head) for image in images if image.head is not None),
        *(NamedHead("ring", promise.head) for promise in kept),
    )
    found = compare(folder.database, named)
    lost = frozenset(found.contradicted)
    of_lost = [i for i in images if i.head and NamedHead("snapshot", i.head) in lost]
    names = [_names(image, anchors) for image in images]
    altered = [i for i, named in zip(images, names, strict=True) if named - {i.checksum}]
    # Without anchors and heads the folder is from before there was a ring.
    had_ring = bool(anchors or damaged or any(image.head for image in images))
    doubts = (
        _of_lost_rows(found, folder.database) or _of_damage(damaged, found),
        *(_of_altered(image, found) for image in altered),
        _of_ring(folder.ring, ring_damage or _lacking(anchors, kept, found), found)
        if had_ring
        else None,
    )
    # What no anchor names is not believed: its rows are followed instead.
    proven = [i for i, named in zip(images, names, strict=True) if named == {i.checksum}]
    return Examined(
        tuple(doubt for doubt in doubts if doubt is not None),
        tuple(image for image in proven if image not in of_lost),
        tuple(image.path for image in images if image in of_lost or image in altered),
        lost,
    )


def _names(image: Found, anchors: Iterable[tuple[str, Anchor]]) -> set[str]:
    """The checksums under which anchors know the snapshot of this row."""
    named = {anchor.snapshots.get(str(image.seq)) for _, anchor in anchors}
    return {checksum for checksum in named if checksum is not None}


def _lacking(
    anchors: Iterable[tuple[str, Anchor]], kept: Iterable[Promise], found: Compared
) -> str:
    """What anchors say of entries that neither ring nor journal has, "" if nothing."""
    there = {promise.number for promise in kept}
    lost = {
        number
        for _, anchor in anchors
        for number, row_seq in anchor.ring
        # A row that was not made yet comes behind the row of its start.
        if number not in there and found.ends_at < (row_seq or anchor.seq + 2)
    }
    if not lost:
        return ""
    return f"lacks {len(lost)} entries that an anchor names, the newest number {max(lost)}"


def _of_ring(ring: Path, damage: str, found: Compared) -> Doubt | None:
    """Stops and holds may be lost with it, unless there is no journal either."""
    if not damage or not found.ends_at:
        return None
    return Doubt(
        "ring",
        0,
        found.ends_at,
        f"the emergency ring {ring.name} {damage}: stops and holds that were in force when the "
        "fleet ended may be missing",
    )


def _of_altered(image: Found, found: Compared) -> Doubt:
    return Doubt(
        "snapshot",
        image.seq,
        found.ends_at,
        f"snapshot {image.path.name} is not the one that was written: it is not used",
    )


def _anchors(
    folder: DataFolder, second: SecondPlace | None
) -> tuple[list[tuple[str, Anchor]], list[tuple[str, str]]]:
    """The anchors that can be read, and those that are none."""
    found: list[tuple[str, Anchor]] = []
    damaged: list[tuple[str, str]] = []
    try:
        beside = read_anchor(folder.anchor)
        if beside is not None:
            found.append(("anchor", beside))
    except AnchorError as error:
        damaged.append(("anchor", str(error)))
    except OSError as error:
        log.warning("the anchor %s cannot be read: %s", folder.anchor, error)
    if second is None:
        return found, damaged
    try:
        distant = read_distant(second.path)
        if distant is not None and _is_ours(distant, folder, second):
            found.append(("second anchor", distant))
    except AnchorError as error:
        damaged.append(("second anchor", str(error)))
    except OSError as error:
        second.fails(str(error))
    return found, damaged


def _is_ours(anchor: Anchor, folder: DataFolder, second: SecondPlace) -> bool:
    """Whether it is of this data folder; that of another fleet is left alone."""
    if anchor.folder == str(folder.root.resolve()):
        return True
    second.closed = True
    second.fails(
        f"it holds the anchor of {anchor.folder}: name another file in site.toml, or move this "
        "one away if that data folder was moved here"
    )
    return False


def _of_lost_rows(found: Compared, database: Path) -> Doubt | None:
    """The doubt about the newest row that is not there."""
    if not found.contradicted:
        return None
    worst = max(found.contradicted, key=lambda one: one.head.seq)
    witnesses = ", ".join(sorted({one.witness for one in found.contradicted}))
    return Doubt(
        worst.witness,
        worst.head.seq,
        found.ends_at,
        f"{_what(worst, found, database)}; contradicted by: {witnesses}",
    )


def _what(worst: NamedHead, found: Compared, database: Path) -> str:
    seq, ends_at = worst.head.seq, found.ends_at
    if not database.exists():
        return f"{database.name} is gone, it held row {seq}"
    if seq > ends_at:
        return f"{database.name} ends at row {ends_at}, it held row {seq}"
    return f"row {seq} of {database.name} is not the one that was written"


def _of_damage(damaged: list[tuple[str, str]], found: Compared) -> Doubt | None:
    if not damaged:
        return None
    witness, text = damaged[0]
    return Doubt(witness, 0, found.ends_at, text)
