"""A recogniser that dies or hangs is started again, and no frame can keep it down."""

import queue
import sys
from dataclasses import dataclass

import pytest

from fleetapp.core.observations import PackageRecognised, WorkerChanged
from fleetapp.engine.recogniser import RecogniserLink

PATIENCE_S = 60
# Answers every frame, but hangs at images that say "hang" and dies of those that say "die".
STAND_IN = """
import json, struct, sys, time
def say(answer):
    body = json.dumps(answer).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(body)) + body)
    sys.stdout.buffer.flush()
say({"bundle": "stand-in", "version": "1", "digest": "d"})
while True:
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        break
    header = json.loads(sys.stdin.buffer.read(struct.unpack(">I", head)[0]))
    image = sys.stdin.buffer.read(header["size"])
    if image == b"hang":
        time.sleep(600)
    if image == b"die":
        sys.exit(9)
    say({"frame_sha256": image.decode(), "packages": []})
"""


@dataclass
class Heard:
    """What the link told, in order."""

    told: "queue.Queue[object]"

    def answer(self) -> PackageRecognised:
        while True:
            message = self.told.get(timeout=PATIENCE_S)
            if isinstance(message, PackageRecognised):
                return message

    def worker(self, *, ok: bool) -> WorkerChanged:
        while True:
            message = self.told.get(timeout=PATIENCE_S)
            if isinstance(message, WorkerChanged) and message.ok is ok:
                return message


@pytest.fixture
def rig():
    heard = Heard(queue.Queue())
    link = RecogniserLink((sys.executable, "-c", STAND_IN), heard.told.put)
    link.answer_s = 1.0
    link.start()
    yield link, heard
    link.stop()


def test_a_recogniser_that_hangs_is_ended_told_of_and_started_again(rig):
    link, heard = rig
    heard.worker(ok=True)
    first = link.pid

    link.look("m/s1", "f1", "image/jpeg", b"hang")

    heard.worker(ok=False)
    heard.worker(ok=True)
    assert link.pid != first


@pytest.mark.parametrize("poison", [b"die", b"hang"])
def test_a_frame_that_no_recogniser_survives_keeps_the_others_waiting_only_twice(rig, poison):
    link, heard = rig
    heard.worker(ok=True)

    link.look("m/s1", "f1", "image/jpeg", poison)
    link.look("m/s2", "f2", "image/jpeg", b"well")

    assert heard.answer().frame_id == "f2"


def test_the_newest_unanswered_frame_is_given_to_a_recogniser_that_was_started_again(rig):
    link, heard = rig
    heard.worker(ok=True)

    link.look("m/s1", "f1", "image/jpeg", b"die")
    heard.worker(ok=False)
    link.look("m/s1", "f2", "image/jpeg", b"well")

    assert heard.answer().frame_id == "f2"
