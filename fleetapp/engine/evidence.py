"""What contradicted a journal is kept for whoever looks into it: never used, never pruned.

A doubt lies here in a file of its own before the core hears of it: the journal may not
take its row, and the next start must know it all the same.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import msgspec

from fleetapp.audit.disk import copy_whole, make_folder, read_plain, replace_whole
from fleetapp.engine.data_folder import DataFolder
from fleetapp.engine.witnesses import Doubt

log = logging.getLogger(__name__)

DOUBTS = "doubt*.json"
SECOND = "second.anchor"  # whatever its own name is: it must not be taken for one of the folder


def place_of(folder: DataFolder, boot_id: str) -> Path:
    """Where all that this start finds is kept."""
    return folder.evidence_dir / boot_id


def second_of(folder: DataFolder, boot_id: str) -> Path:
    """Where this start keeps what it finds in the second place."""
    return place_of(folder, boot_id) / SECOND


def write_down(folder: DataFolder, boot_id: str, doubt: Doubt) -> bool:
    """Put the doubt into a file of its own; whether it stands there."""
    place = place_of(folder, boot_id)
    try:
        make_folder(place)
        place.chmod(0o700)
        _write_down(place, doubt)
    except OSError as error:
        log.warning("the evidence in %s is not whole: %s", place, error)
        return False
    return True


def keep_evidence(folder: DataFolder, boot_id: str, doubt: Doubt, others: Iterable[Path]) -> bool:
    """Write the doubt down, and copy anchor, ring and these files; whether all of it stands.

    What was copied since the start stays as it was then.
    """
    place = place_of(folder, boot_id)
    if not write_down(folder, boot_id, doubt):
        return False
    try:
        for path in (folder.anchor, folder.ring, *others):
            if path.exists() and not (place / path.name).exists():
                copy_whole(path, place / path.name)
    except OSError as error:
        log.warning("the evidence in %s is not whole: %s", place, error)
        return False
    return True


def _write_down(place: Path, doubt: Doubt) -> None:
    """One file a doubt.

    Raises:
        OSError: if the folder does not take it.
    """
    known = sorted(place.glob(DOUBTS))
    if any(_read(path) == doubt for path in known):
        return
    name = f"doubt-{len(known) + 1}.json" if known else "doubt.json"
    replace_whole(place / name, json.dumps(asdict(doubt)).encode())


def written_down(folder: DataFolder) -> tuple[Doubt, ...]:
    """Every doubt of every start; the journal says which of them it has recorded."""
    found = (_read(path) for path in sorted(folder.evidence_dir.glob(f"*/{DOUBTS}")))
    return tuple(dict.fromkeys(doubt for doubt in found if doubt is not None))


def _read(path: Path) -> Doubt | None:
    try:
        return msgspec.json.decode(read_plain(path), type=Doubt)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("the doubt in %s cannot be read: %s", path, error)
        return None
