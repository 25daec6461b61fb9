"""The journal gives the same state again, and its inputs the same rows, byte for byte."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, zip_longest

from fleetapp.core.rows import Entry
from fleetapp.core.state import State
from fleetapp.core.step import step
from fleetapp.core.turn import Row
from fleetapp.engine.entries import entries_of, row_of
from fleetapp.engine.snapshots import encode_state, restore


def differs_folded(image: State, entries: Sequence[Entry], state: State) -> str:
    """What the journal folds to against the state that made it, "" if they are equal."""
    # A start is always followed by dispatch; whether it is due is no part of the record.
    folded = encode_state(replace(restore(image, entries), dispatch_due=True))
    live = encode_state(replace(state, dispatch_due=True))
    if folded == live:
        return ""
    place = next(
        (n for n, pair in enumerate(zip(folded, live, strict=False)) if pair[0] != pair[1]), 0
    )
    at = slice(max(0, place - 60), place + 60)
    return f"folded ...{folded[at].decode()!r}, live ...{live[at].decode()!r}"


def differs_decided(image: State, entries: Sequence[Entry]) -> str:
    """The first row that the recorded inputs do not give again, "" if there is none."""
    state = image
    for _, ticks in groupby(entries, key=lambda entry: entry.at_ms):
        rows = tuple(ticks)
        inputs = [row_of(entry).message for entry in rows if entry.kind == "input"]
        state, made = step(state, inputs)  # type: ignore[arg-type]
        again = entries_of(made, rows[0].at_ms, _cannot_be_written)
        for old, new in zip_longest(rows, again):
            if old != new:
                return f"recorded {_told(old)}, again {_told(new)}"
    return ""


def _cannot_be_written(row: Row, error: Exception) -> None:
    raise ValueError(f"row {row.seq} cannot be written: {error}")


def _told(entry: Entry | None) -> str:
    return (
        f"{entry.seq} {entry.type} {entry.body.decode()[:120]}" if entry is not None else "nothing"
    )
