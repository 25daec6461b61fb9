"""Camera frames and factsheets, read with distrust.

The numbers of a factsheet may be anything that JSON holds: one that is no size of a
robot counts as not given.
"""

import base64
import binascii
import math
from dataclasses import dataclass

from fleetapp.core.observations import FactsheetSeen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.decode import Rejected
from fleetapp.vda5050.plain_text import ID_SIGNS, WORD_SIGNS, shown

LARGEST_M = 1_000.0


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """A frame on its way to the recogniser; never kept."""

    robot_id: str
    frame_id: str
    encoding: str
    image: bytes


def frame_of(robot_id: str, message: wire.Frame) -> CameraFrame | Rejected:
    """The image in a message, or why there is none."""
    try:
        image = base64.b64decode(message.data, validate=True)
    except (binascii.Error, ValueError):
        return Rejected("data is not base64", "send base64 without breaks")
    if not message.frame_id or not image:
        return Rejected("frameId or data is empty", "send both")
    for name in ("frame_id", "action_id", "node_id", "encoding"):
        text = getattr(message, name)
        if len(text) > ID_SIGNS or not text.isprintable():
            return Rejected(
                f"{name} is {shown(text, WORD_SIGNS)!r}", f"send at most {ID_SIGNS} printable signs"
            )
    return CameraFrame(robot_id, message.frame_id, message.encoding, image)


def factsheet_seen(robot_id: str, message: wire.Factsheet, now_ms: int) -> FactsheetSeen:
    """What a robot says about itself."""
    kind, body = message.type_specification, message.physical_parameters
    versions = message.vehicle_config.versions if message.vehicle_config else None
    software = next((v.value or "" for v in versions or () if v.value), "")
    return FactsheetSeen(
        robot_id,
        now_ms,
        shown((kind.series_name or "") if kind is not None else "", WORD_SIGNS),
        shown(software, WORD_SIGNS),
        _mm(body.length if body is not None else None),
        _mm(body.width if body is not None else None),
        _mm(body.speed_max if body is not None else None),
    )


def _mm(length_m: float | None) -> int | None:
    if length_m is None or not math.isfinite(length_m) or not 0 <= length_m <= LARGEST_M:
        return None
    return round(length_m * 1000)
