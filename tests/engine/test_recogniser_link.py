"""The engine's side of the recogniser: a process that hangs, dies or talks nonsense."""

import json
import os
import signal
import sys
import threading
from dataclasses import dataclass, field

import pytest

from fleetapp.core.observations import PackageRecognised
from fleetapp.core.observations_engine import WorkerChanged
from fleetapp.engine.recogniser import CROPS_KEPT, RecogniserLink
from fleetapp.engine.recogniser_talk import MOST_CODES, Frame, TalkError, observation_of

# A recogniser without a model. It answers each frame as the frame's own bytes say:
# "good" properly, others in the ways a process can fail.
PLAYED = r"""
import base64, json, os, struct, sys, time
LENGTH = struct.Struct(">I")
def say(body):
    sys.stdout.buffer.write(LENGTH.pack(len(body)) + body)
    sys.stdout.buffer.flush()
say(json.dumps({"ready": True, "bundle": "played", "version": "1", "digest": "d"}).encode())
while True:
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        break
    header = json.loads(sys.stdin.buffer.read(LENGTH.unpack(head)[0]))
    image = sys.stdin.buffer.read(header["size"]).decode()
    answer = {"frame_id": header["frame_id"], "robot_id": header["robot_id"], "ok": True,
              "width": 8, "height": 6, "light": 0.5, "sharpness": 0.5, "ood_score": 0.1,
              "abstain": None, "packages": [], "latency_ms": 1}
    if image == "dies":
        os._exit(3)
    if image == "hangs":
        time.sleep(600)
    if image == "list":
        say(b"[]"); continue
    if image == "noise":
        say(b"\xff\xfe"); continue
    if image == "huge":
        sys.stdout.buffer.write(LENGTH.pack(2**32 - 1)); sys.stdout.buffer.flush(); continue
    if image == "other":
        answer["frame_id"] = "another frame"
    if image == "crop":
        named = header["robot_id"] + " " + header["frame_id"]
        answer["crop_jpeg_base64"] = base64.b64encode(named.encode()).decode()
    if image == "torn":
        del answer["width"]
    say(json.dumps(answer).encode())
"""


@dataclass
class Heard:
    """What the core would be told."""

    messages: list = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def put(self, message):
        with self.news:
            self.messages.append(message)
            self.news.notify_all()

    def of(self, kind):
        return [message for message in self.messages if isinstance(message, kind)]

    def until(self, true, seconds=30):
        with self.news:
            assert self.news.wait_for(true, seconds), f"not in {seconds} s: {self.messages}"

    def answer_to(self, frame_id):
        self.until(lambda: any(m.frame_id == frame_id for m in self.of(PackageRecognised)))
        return next(m for m in self.of(PackageRecognised) if m.frame_id == frame_id)


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def link(heard):
    link = RecogniserLink((sys.executable, "-c", PLAYED), heard.put, answer_s=1.5)
    link.start()
    assert link.ready.wait(20)
    yield link
    link.stop()


@pytest.mark.parametrize("way", ["dies", "hangs", "list", "noise", "huge", "other", "torn"])
def test_a_frame_that_no_process_survives_is_answered_and_those_of_others_are_judged(
    link, heard, way
):
    link.look("m/bad", "f1", "image/jpeg", way.encode())
    link.look("m/good", "f2", "image/jpeg", b"good")

    bad, good = heard.answer_to("f1"), heard.answer_to("f2")

    assert "no recogniser answered it" in bad.error
    assert good.error == ""
    assert [change.ok for change in heard.of(WorkerChanged)] == [True, False, True, False, True]


def test_a_stopped_process_is_ended_and_the_frame_given_to_the_next_one(link, heard):
    first = link.pid
    os.kill(first, signal.SIGSTOP)

    link.look("m/r1", "f1", "image/jpeg", b"good")

    assert heard.answer_to("f1").error == ""
    assert link.pid != first


def test_the_kept_frame_is_given_to_the_process_that_follows_a_killed_one(link, heard):
    first = link.pid
    os.kill(first, signal.SIGSTOP)  # it can answer nothing before it is killed
    link.look("m/r1", "f1", "image/jpeg", b"good")

    os.kill(first, signal.SIGKILL)

    assert heard.answer_to("f1").error == ""
    assert link.pid != first


def test_of_frames_that_wait_only_the_newest_of_each_robot_is_looked_at(link, heard):
    os.kill(link.pid, signal.SIGSTOP)
    for number in range(50):
        link.look("m/r1", f"f{number}", "image/jpeg", b"good")

    os.kill(link.pid, signal.SIGCONT)
    heard.answer_to("f49")

    # The first may have been on its way to the process already.
    assert len(heard.of(PackageRecognised)) <= 2


def test_the_crop_of_an_open_review_outlives_the_crops_of_frames_to_come(link, heard):
    link.look("m/r1", "asked", "image/jpeg", b"crop")
    heard.answer_to("asked")
    link.keep_for_review("m/r1", "asked")

    for number in range(CROPS_KEPT + 1):
        link.look("m/r1", f"f{number}", "image/jpeg", b"crop")
        heard.answer_to(f"f{number}")

    assert link.crop("m/r1", "asked") == b"m/r1 asked"
    assert link.crop("m/r1", "f0") is None


def test_two_robots_that_name_their_frames_alike_keep_a_crop_each(link, heard):
    for robot_id in ("m/r1", "m/r2"):
        link.look(robot_id, "1", "image/jpeg", b"crop")
    heard.until(lambda: len(heard.of(PackageRecognised)) == 2)

    assert link.crop("m/r1", "1") == b"m/r1 1"
    assert link.crop("m/r2", "1") == b"m/r2 1"


def test_ending_the_link_is_no_failure_of_the_process(link, heard):
    link.stop()

    assert [change.ok for change in heard.of(WorkerChanged)] == [True]
    assert link.pid is None


FRAME = Frame("m/r1", "f1", "image/jpeg", b"x")
ANSWER = {
    "frame_id": "f1",
    "robot_id": "m/r1",
    "ok": True,
    "width": 8,
    "height": 6,
    "light": 0.5,
    "sharpness": 0.5,
    "ood_score": 0.1,
    "abstain": None,
    "packages": [{"bbox": [1, 2, 3, 4], "confidence": 0.5, "codes": []}],
}


@pytest.mark.parametrize(
    "change",
    [
        {"frame_id": "f2"},
        {"robot_id": "m/r2"},
        {"abstain": "a reason of its own"},
        {"light": float("nan")},
        {"light": None},
        {"width": float("inf")},
        {"packages": None},
        {"packages": [7]},
        {"packages": [{"bbox": [1, 2], "confidence": 0.5}]},
        {"packages": [{"bbox": [1, 2, 3, 4]}]},
    ],
)
def test_an_answer_that_does_not_fit_is_refused_whole(change):
    with pytest.raises(TalkError):
        observation_of({**ANSWER, **change}, FRAME, "b", "d")


def test_codes_beyond_any_label_are_left_out_so_that_a_picture_fills_no_journal():
    many = ["x" * 7000] + [f"C{number}" for number in range(5000)]
    packages = [{"bbox": [1, 2, 3, 4], "confidence": 0.5, "codes": many}]

    seen = observation_of({**ANSWER, "packages": packages}, FRAME, "b", "d")

    assert seen.boxes[0].codes == tuple(many[1 : MOST_CODES + 1])
    assert len(json.dumps(seen.boxes[0].codes)) < 1000
