"""Messages that robots of today send against the schema, brought into its shape.

Measured and reported: null where a value is required, numbers for ids, a byte order
mark. What stands for nothing is left out, so that the default of the field counts;
nothing is made up. Only messages that do not decode as they are come here.
"""

import contextlib
from typing import Any

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TEXTS = frozenset(
    {
        "timestamp",
        "version",
        "manufacturer",
        "serialNumber",
        "orderId",
        "lastNodeId",
        "nodeId",
        "edgeId",
        "actionId",
        "mapId",
        "errorType",
        "errorLevel",
        "referenceKey",
        "frameId",
    }
)
WHOLE = frozenset({"headerId", "orderUpdateId", "lastNodeSequenceId", "sequenceId"})


def mended(message: Any) -> Any:
    """The message without nulls, ids as text, whole numbers whole, no half position."""
    if isinstance(message, list):
        return [mended(item) for item in message]
    if not isinstance(message, dict):
        return message
    fields = {key: _value(key, item) for key, item in message.items() if item is not None}
    position = fields.get("agvPosition")
    if isinstance(position, dict) and not {"x", "y"} <= position.keys():
        del fields["agvPosition"]  # it does not know where it is
    return fields


def _value(key: str, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if key in TEXTS and isinstance(value, int | float):
        return str(value)
    if key in WHOLE and isinstance(value, float):
        with contextlib.suppress(OverflowError, ValueError):
            return int(value)
    return mended(value)
