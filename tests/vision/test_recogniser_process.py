"""The recogniser's process: frames in, answers out, gone when its input closes."""

import base64
import hashlib
import io
import json
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fleetapp.simulation.robots.camera import Camera, Shares
from fleetapp.vision.worker import CROP_BYTES, RequestError, crop_of, receive

ROOT = Path(__file__).parents[2]
LENGTH = struct.Struct(">I")


def request(image: bytes, **header: object) -> bytes:
    named = {"frame_id": "f1", "robot_id": "m/s", "encoding": "image/jpeg", "size": len(image)}
    body = json.dumps(named | header).encode()
    return LENGTH.pack(len(body)) + body + image


class Talk:
    """A recogniser's process and its pipes."""

    def __init__(self, bundle: Path) -> None:
        command = [sys.executable, "-m", "fleetapp", "recogniser", "--bundle", str(bundle)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        (length,) = LENGTH.unpack(self.process.stdout.read(LENGTH.size))
        answer: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return answer

    def ask(self, body: bytes) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(body)
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors.decode()


@pytest.fixture(scope="module")
def jpeg(frames_folder: Path) -> bytes:
    return Camera(frames_folder, 2, Shares(0, 0, 0, 0)).frame("LPN-7", "S", "r1", 0).jpeg


@pytest.fixture
def talk(bundle_folder: Path) -> Iterator[Talk]:
    talk = Talk(bundle_folder)
    yield talk
    if talk.process.poll() is None:
        talk.process.kill()
        talk.close()


def test_a_frame_is_answered_with_all_that_a_review_needs(talk: Talk, jpeg: bytes):
    hello = talk.answer()
    answer = talk.ask(request(jpeg))
    bad = talk.ask(request(b"no image", frame_id="f2"))
    after = talk.ask(request(jpeg, frame_id="f3"))
    status, errors = talk.close()

    assert (hello["ready"], len(hello["digest"])) == (True, 64)
    assert (answer["ok"], answer["frame_id"], answer["robot_id"]) == (True, "f1", "m/s")
    assert (answer["width"], answer["height"]) == (1280, 960)
    assert answer["frame_sha256"] == hashlib.sha256(jpeg).hexdigest()
    assert answer["bundle_digest"] == hello["digest"]
    assert answer["latency_ms"] > 0
    crop = base64.b64decode(answer["crop_jpeg_base64"])
    assert len(crop) <= CROP_BYTES
    assert Image.open(io.BytesIO(crop)).size == (960, 720)
    assert (bad["ok"], bad["frame_id"]) == (False, "f2")
    assert "send a whole JPEG or PNG" in bad["error"]
    assert (after["frame_id"], after["packages"]) == ("f3", answer["packages"])
    assert (status, errors) == (0, "")


def test_a_request_that_cannot_be_framed_ends_the_process_with_its_value(talk: Talk):
    talk.answer()
    assert talk.process.stdin is not None
    talk.process.stdin.write(LENGTH.pack(2**31))

    status, errors = talk.close()

    assert status == 2
    assert "a header of 2147483648 bytes" in errors


def test_it_ends_quietly_when_nobody_reads_its_answers_any_more(talk: Talk, jpeg: bytes):
    talk.answer()
    assert talk.process.stdin is not None
    assert talk.process.stdout is not None
    talk.process.stdout.close()
    talk.process.stdin.write(request(jpeg))
    talk.process.stdin.close()

    status = talk.process.wait(timeout=20)

    assert talk.process.stderr is not None
    with talk.process.stderr as errors:
        assert (status, errors.read()) == (0, b"")


def test_a_missing_bundle_is_named(tmp_path: Path):
    status, errors = Talk(tmp_path / "none").close()

    assert status == 2
    assert str(tmp_path / "none") in errors


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"size": -1}', b'{"size": "9"}', b'{"size": 99999999}', b"{}"]
)
def test_a_header_without_a_usable_size_is_refused(body: bytes):
    with pytest.raises(RequestError):
        receive(io.BytesIO(LENGTH.pack(len(body)) + body))


@pytest.mark.parametrize("length", [0, 2, 5, 30])
def test_a_request_cut_off_by_the_end_is_no_request(length: int):
    assert receive(io.BytesIO(request(b"123456")[:length])) is None


def test_even_a_frame_of_noise_has_a_small_crop():
    noise = np.random.default_rng(0).integers(0, 256, (960, 1280, 3), dtype=np.uint8)

    assert len(crop_of(noise)) <= CROP_BYTES


LOADS = """
import os, threading, time
from fleetapp.cli.recogniser import _end_with
threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
print(os.getpid(), flush=True)
time.sleep(120)
"""
ENGINE = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {LOADS!r}])
time.sleep(120)
"""


def test_a_recogniser_whose_engine_is_killed_while_it_loads_is_gone_soon():
    engine = subprocess.Popen(
        [sys.executable, "-c", ENGINE], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    pid = int(engine.stdout.readline())
    assert is_there(pid)
    engine.kill()
    engine.wait()
    engine.stdout.close()

    end = time.monotonic() + 60
    while time.monotonic() < end and is_there(pid):
        time.sleep(0.1)

    assert not is_there(pid)


def is_there(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
