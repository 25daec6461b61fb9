"""What seeds send to robots, in order: written to a file, and compared with one.

A line a message: seed, number, robot and topic, payload. In virtual time nothing of it
is left to chance, so whole payloads are kept, headers too.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path


class Recorder:
    """Lines of all seeds; written in the end if there is a file."""

    def __init__(self, path: Path | None) -> None:
        """Begin a file, or none."""
        self.lines: list[str] = []
        self._path = path

    def note(self, seed: int, wire: Sequence[tuple[str, bytes]]) -> None:
        """The messages of a seed."""
        for number, (address, payload) in enumerate(wire):
            line = json.dumps([seed, number, address, payload.decode()], separators=(",", ":"))
            self.lines.append(line)

    def close(self) -> None:
        """Write the file."""
        if self._path is None:
            return
        with gzip.GzipFile(self._path, "wb", mtime=0) as file:
            for line in self.lines:
                file.write(line.encode() + b"\n")


def _recorded(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def first_difference(path: Path, lines: Sequence[str]) -> str:
    """Seed, message and place of the first difference, "" if there is none.

    Two that are empty are not the same: nothing was compared.
    """
    if not lines:
        return "this run sent nothing that could be compared"
    for old, new in zip_longest(_recorded(path), lines):
        if old != new:
            return _told(old, new)
    return ""


def _told(old: str | None, new: str | None) -> str:
    if old is None or new is None:
        seed, number, address, _ = json.loads(old or new or "[]")
        which = "recording" if new is None else "run"
        return f"seed {seed}, message {number} to {address}: only in the {which}"
    was, now = json.loads(old), json.loads(new)
    if was[:3] != now[:3]:
        return f"seed {was[0]}, message {was[1]}: to {was[2]}, now seed {now[0]} to {now[2]}"
    place = next((n for n, pair in enumerate(zip_longest(was[3], now[3])) if pair[0] != pair[1]), 0)
    around = slice(max(0, place - 60), place + 60)
    return (
        f"seed {was[0]}, message {was[1]} to {was[2]}, sign {place}: "
        f"...{was[3][around]}..., now ...{now[3][around]}..."
    )
