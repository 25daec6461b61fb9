"""The recogniser's process: frames on standard input, answers on standard output.

A request is a length (4 bytes, big endian), a JSON header of that length, then
as many image bytes as the header's `size` says; an answer is a length and JSON.
The first answer says that it is ready. It ends when its input closes, so it
never outlives the engine. Nothing is written to disk.

A frame that cannot be judged gets an answer that says so: a process that dies
would be started again and given the same frame. A request that cannot be framed
ends the process, for what follows it in the stream has no known beginning.
"""

import base64
import hashlib
import io
import json
import struct
import time
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fleetapp.vision import load_bundle
from fleetapp.vision.images import ImageError, pixels_of
from fleetapp.vision.infer import Recogniser
from fleetapp.vision.recognition import Recognition

LENGTH = struct.Struct(">I")
LARGEST_HEADER = 65_536
LARGEST_IMAGE = 16 * 1024 * 1024
CROP_WIDTH_PX = 960
CROP_BYTES = 80_000
CROP_TRIES = ((1.0, 80), (1.0, 60), (1.0, 40), (0.5, 40), (0.25, 40))  # scale, JPEG quality


class RequestError(ValueError):
    """Bytes on standard input that are no request."""


def serve(folder: Path, source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer until the input closes.

    Raises:
        BundleError: if the bundle must not be used.
        RequestError: if what comes in is no request.
    """
    recogniser = load_bundle(folder)
    # The first look allocates; nobody should wait for that.
    recogniser.recognise(np.zeros((64, 64, 3), dtype=np.uint8))
    card = recogniser.card
    _send(
        sink,
        {"ready": True, "bundle": card.name, "version": card.version, "digest": card.digest},
    )
    while (request := receive(source)) is not None:
        header, image = request
        _send(sink, answer_to(recogniser, header, image))


def receive(source: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next request; None when the input has closed, even in the middle of one.

    Raises:
        RequestError: naming the value that does not fit.
    """
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    if length > LARGEST_HEADER:
        raise RequestError(f"a header of {length} bytes: at most {LARGEST_HEADER} are taken")
    body = source.read(length)
    if len(body) < length:
        return None
    header = _header(body)
    image = source.read(header["size"])
    return (header, image) if len(image) == header["size"] else None


def _header(body: bytes) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(body)
        size = header["size"]
    except (ValueError, TypeError, KeyError) as error:
        raise RequestError(f"the header {body[:80]!r} is no JSON object with a size") from error
    if not isinstance(size, int) or not 0 <= size <= LARGEST_IMAGE:
        raise RequestError(f"an image of {size} bytes: 0 to {LARGEST_IMAGE} are taken")
    return header


def _send(sink: IO[bytes], answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    sink.write(LENGTH.pack(len(body)) + body)
    sink.flush()


def answer_to(recogniser: Recogniser, header: dict[str, Any], image: bytes) -> dict[str, Any]:
    """The answer to one frame."""
    began = time.perf_counter()
    known = {
        "frame_id": header.get("frame_id"),
        "robot_id": header.get("robot_id"),
        "frame_sha256": hashlib.sha256(image).hexdigest(),
    }
    try:
        pixels = pixels_of(image)
        recognition = recogniser.recognise(pixels)
        crop = crop_of(pixels)
    except ImageError as error:
        return {**known, "ok": False, "error": str(error), "packages": []}
    except (RuntimeError, ValueError, ArithmeticError, MemoryError) as error:
        text = f"the frame could not be judged ({error!r}): look again or ask a person"
        return {**known, "ok": False, "error": text, "packages": []}
    return {
        **known,
        "ok": True,
        **as_json(recognition),
        "bundle_digest": recognition.bundle_digest,
        "light": recognition.light,
        "sharpness": recognition.sharpness,
        "latency_ms": round((time.perf_counter() - began) * 1000, 1),
        "crop_jpeg_base64": base64.b64encode(crop).decode(),
    }


def as_json(recognition: Recognition) -> dict[str, Any]:
    """A recognition in the words of `fleetapp perceive --json`."""
    return {
        "width": recognition.width,
        "height": recognition.height,
        "bundle": recognition.bundle,
        "abstain": recognition.abstain,
        "ood_score": recognition.ood_score,
        "packages": [
            {
                "bbox": list(package.bbox),
                "class": package.label,
                "confidence": package.confidence,
                "codes": list(package.codes),
                "abstain": package.abstain,
            }
            for package in recognition.packages
        ],
    }


def crop_of(pixels: NDArray[np.uint8]) -> bytes:
    """A JPEG for the review, at most 960 px wide and 80 kB."""
    image = Image.fromarray(pixels)
    shrink = min(1.0, CROP_WIDTH_PX / image.width)
    jpeg = b""
    for scale, quality in CROP_TRIES:
        size = tuple(max(1, round(side * shrink * scale)) for side in image.size)
        buffer = io.BytesIO()
        image.resize((size[0], size[1]), Image.Resampling.BILINEAR).save(
            buffer, "JPEG", quality=quality
        )
        jpeg = buffer.getvalue()
        if len(jpeg) <= CROP_BYTES:
            break
    return jpeg
