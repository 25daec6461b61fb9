"""A CSV file of tasks as the command line reads it: whole, before anything is ordered.

A file that cannot be read to its end (too long, not UTF-8, no header) orders nothing,
so that it can be mended and given again. The rows are `fleetapp.client.task_rows`.
"""

import io
import uuid
from pathlib import Path

from fleetapp.client.task_order import Known
from fleetapp.client.task_rows import FileRow, rows_of

MOST_BYTES = 20_000_000  # some 500,000 rows


def read_tasks(path: Path, known: Known) -> tuple[FileRow, ...]:
    """All rows of a file; nothing is ordered yet.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is no such file as a whole; the message names the remedy.
    """
    with path.open("rb") as handle:
        data = handle.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} has more than {MOST_BYTES:,} bytes: split the file")
    lines = io.StringIO(_decoded(path.name, data), newline="")
    return tuple(rows_of(path.name, lines, known, lambda: uuid.uuid4().hex))


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{name}: line {line} holds the byte 0x{data[error.start]:02x}, which is not UTF-8: "
            'save the file as "CSV UTF-8"; nothing was ordered'
        ) from error
