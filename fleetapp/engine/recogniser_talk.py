"""What the engine and the recogniser's process say to each other.

A frame goes out as a length, a JSON header and its bytes; an answer comes back as
a length and JSON. An answer that is none of ours is an error of the process, never
of the engine: `TalkError` ends the process, and another one is asked.
"""

import json
import math
import struct
from dataclasses import dataclass
from typing import IO, Any

from fleetapp.core.observations import PackageRecognised, SeenBox
from fleetapp.terms.reasons import Abstain
from fleetapp.terms.units import permille

LENGTH = struct.Struct(">I")
LONGEST_ANSWER = 4 * 1024 * 1024
MOST_BOXES = 400
MOST_CODES = 20  # on one package
LONGEST_CODE = 200


class TalkError(ValueError):
    """The process said something that is no answer."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame on its way to the recogniser."""

    robot_id: str
    frame_id: str
    encoding: str
    image: bytes


def send(pipe: IO[bytes], frame: Frame) -> None:
    """Hand a frame to the process."""
    header = json.dumps(
        {
            "frame_id": frame.frame_id,
            "robot_id": frame.robot_id,
            "encoding": frame.encoding,
            "size": len(frame.image),
        }
    ).encode()
    pipe.write(LENGTH.pack(len(header)) + header + frame.image)
    pipe.flush()


def receive(pipe: IO[bytes]) -> dict[str, Any]:
    """The next thing the process says.

    Raises:
        EOFError: if it has closed its output.
        TalkError: if it is no JSON object of a sensible length.
    """
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError("the recogniser closed its output")
    (length,) = LENGTH.unpack(head)
    if length > LONGEST_ANSWER:
        raise TalkError(f"the recogniser's answer of {length} bytes is no answer")
    body = pipe.read(length)
    if len(body) < length:
        raise EOFError("the recogniser's answer was cut off")
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise TalkError(f"the recogniser's answer {body[:40]!r} is no JSON") from error
    if not isinstance(answer, dict):
        raise TalkError(f"the recogniser's answer {body[:40]!r} is no JSON object")
    return answer


def observation_of(
    answer: dict[str, Any], frame: Frame, bundle: str, digest: str
) -> PackageRecognised:
    """The recogniser's answer in the integers of the core.

    Raises:
        TalkError: if it answers another frame, or lacks what an answer has.
    """
    if answer.get("frame_id") != frame.frame_id or answer.get("robot_id") != frame.robot_id:
        raise TalkError(f"the recogniser answers {answer.get('frame_id')!r}, not {frame.frame_id}")
    try:
        return _observation(answer, frame, bundle, digest)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise TalkError(f"the recogniser's answer does not fit ({error!r})") from error


def _observation(
    answer: dict[str, Any], frame: Frame, bundle: str, digest: str
) -> PackageRecognised:
    abstain = answer.get("abstain")
    judged = bool(answer["ok"])
    return PackageRecognised(
        robot_id=frame.robot_id,
        at_ms=0,
        frame_id=frame.frame_id,
        frame_sha256=str(answer.get("frame_sha256", "")),
        bundle=bundle,
        bundle_digest=digest,
        width_px=int(answer["width"]) if judged else 0,
        height_px=int(answer["height"]) if judged else 0,
        light_permille=_share(answer["light"]) if judged else 0,
        sharpness_permille=_share(answer["sharpness"]) if judged else 0,
        ood_permille=_share(answer["ood_score"]) if judged else 0,
        abstain=Abstain(abstain) if abstain else None,
        boxes=tuple(_box(package) for package in answer["packages"][:MOST_BOXES]),
        latency_ms=round(float(answer.get("latency_ms", 0))),
        error="" if judged else str(answer.get("error") or "unknown error"),
    )


def without_answer(frame: Frame, bundle: str, digest: str, why: str) -> PackageRecognised:
    """What the core is told of a frame that no recogniser survives."""
    return PackageRecognised(
        frame.robot_id, 0, frame.frame_id, "", bundle, digest, 0, 0, 0, 0, 0, None, (), 0, why
    )


def _labels(codes: list[str]) -> tuple[str, ...]:
    """Codes that a label may have; longer ones are left out, for a part proves nothing."""
    return tuple(code for code in codes if len(code) <= LONGEST_CODE)[:MOST_CODES]


def _share(value: object) -> int:
    """A share of 1 in permille; what is no number is no answer."""
    share = float(str(value))
    if not math.isfinite(share):
        raise ValueError(f"{share} is no share")
    return permille(share)


def _box(package: dict[str, Any]) -> SeenBox:
    x, y, width, height = (round(float(value)) for value in package["bbox"])
    return SeenBox(
        x,
        y,
        width,
        height,
        str(package.get("class", "box")),
        _share(package["confidence"]),
        _labels(package.get("codes", ())),
    )
