"""What is hashed of a journal row, byte for byte, and the link to the row before.

The hash of a row is SHA-256 over the hash of the row before it and the row's
columns in the order of `COLUMNS`, each as its length in bytes (8 bytes, big
endian) and its UTF-8 text; NULL is the length 2**64 - 1 and nothing after it.
The first row's predecessor is 32 zero bytes. Documented in docs/audit-format.md.
"""

import hashlib
import struct
from collections.abc import Iterable

COLUMNS = (
    "seq",
    "wall_ns",
    "mono_ns",
    "boot_id",
    "kind",
    "type",
    "version",
    "actor",
    "robot_id",
    "task_id",
    "order_id",
    "order_update_id",
    "cause_seq",
    "body",
)
FIRST = bytes(32)
_LENGTH = struct.Struct(">Q")
_SHORT = tuple(_LENGTH.pack(length) for length in range(1024))
_NULL = _LENGTH.pack(2**64 - 1)

Value = str | int | None


def row_hash(before: bytes, values: Iterable[Value]) -> bytes:
    """The hash of a row, 32 bytes.

    Args:
        before: hash of the row before, 32 bytes.
        values: the columns in the order of `COLUMNS`.
    """
    parts = [before]
    add = parts.append
    for value in values:
        if value is None:
            add(_NULL)
            continue
        text = (value if value.__class__ is str else str(value)).encode()
        length = len(text)
        add(_SHORT[length] if length < len(_SHORT) else _LENGTH.pack(length))
        add(text)
    return hashlib.sha256(b"".join(parts)).digest()
