"""The recogniser's process: frames on standard input, answers on standard output.

A request is a length (4 bytes, big endian), a JSON header of that length, then
as many image bytes as the header's `size` says; an answer is a length and JSON.
The first answer says that it is ready. It ends when its input closes, so it
never outlives the engine. Nothing is written to disk.
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

from fleetapp.vision.infer import ImageError, Recogniser, pixels_of
from fleetapp.vision.recognition import Recognition

LENGTH = struct.Struct(">I")
CROP_WIDTH_PX = 960
CROP_BYTES = 80_000


def serve(folder: Path, source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer until the input closes."""
    recogniser = Recogniser(folder)
    card = recogniser.card
    _send(
        sink,
        {"ready": True, "bundle": card.name, "version": card.version, "digest": card.digest},
    )
    while (request := _receive(source)) is not None:
        header, image = request
        _send(sink, _answer(recogniser, header, image))


def _receive(source: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    header = json.loads(source.read(LENGTH.unpack(head)[0]))
    image = source.read(int(header["size"]))
    return (header, image) if len(image) == header["size"] else None


def _send(sink: IO[bytes], answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    sink.write(LENGTH.pack(len(body)) + body)
    sink.flush()


def _answer(recogniser: Recogniser, header: dict[str, Any], image: bytes) -> dict[str, Any]:
    began = time.perf_counter()
    ids = {"frame_id": header.get("frame_id"), "robot_id": header.get("robot_id")}
    try:
        pixels = pixels_of(image)
    except ImageError as error:
        return {**ids, "ok": False, "error": str(error), "packages": []}
    recognition = recogniser.recognise(pixels)
    return {
        **ids,
        "ok": True,
        **as_json(recognition),
        "frame_sha256": hashlib.sha256(image).hexdigest(),
        "latency_ms": round((time.perf_counter() - began) * 1000, 1),
        "crop_jpeg_base64": base64.b64encode(crop_of(pixels)).decode(),
    }


def as_json(recognition: Recognition) -> dict[str, Any]:
    """A recognition in the words of `fleetapp perceive --json`."""
    return {
        "width": recognition.width,
        "height": recognition.height,
        "bundle": recognition.bundle,
        "abstain": recognition.abstain.value if recognition.abstain is not None else None,
        "ood_score": recognition.ood_score,
        "light": recognition.light,
        "sharpness": recognition.sharpness,
        "packages": [
            {
                "bbox": list(package.bbox),
                "class": package.label,
                "confidence": package.confidence,
                "codes": list(package.codes),
                "abstain": None,
            }
            for package in recognition.packages
        ],
    }


def crop_of(pixels: NDArray[np.uint8]) -> bytes:
    """A JPEG for the review, at most 960 px wide and 80 kB."""
    image = Image.fromarray(pixels)
    if image.width > CROP_WIDTH_PX:
        size = (CROP_WIDTH_PX, round(image.height * CROP_WIDTH_PX / image.width))
        image = image.resize(size, Image.Resampling.BILINEAR)
    for quality in (80, 60, 40, 25):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= CROP_BYTES:
            break
    return buffer.getvalue()
