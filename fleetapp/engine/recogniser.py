"""The recogniser's process and the thread that talks to it.

Frames stay in memory only. Of each robot the newest unanswered frame is kept and
given to a recogniser that was started again; after ten seconds the core makes
silence a hold, whatever happens here. A recogniser that hangs is ended and started
again; a frame on which two of them ended is given to no third.
"""

import base64
import binascii
import json
import logging
import struct
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from fleetapp.core.observations import Input, PackageRecognised, SeenBox, WorkerChanged
from fleetapp.terms.reasons import Abstain
from fleetapp.terms.units import permille

log = logging.getLogger(__name__)

CROPS_KEPT = 200
BACK_OFF_S = (0.2, 1.0, 2.0, 5.0)
START_S = 120.0  # loading the model on a busy machine
ANSWER_S = 10.0  # a loaded machine needs 4 s for the first frame; then the core holds anyway
TRIES = 2
LENGTH = struct.Struct(">I")


@dataclass(slots=True)
class Frame:
    """A frame on its way to the recogniser."""

    robot_id: str
    frame_id: str
    encoding: str
    image: bytes
    tries: int = 0


class RecogniserLink:
    """Implements `engine.ports.Recogniser` with a process of its own."""

    def __init__(self, command: tuple[str, ...], on_message: Callable[[Input], None]) -> None:
        """`command` starts the process; `on_message` takes answers, from another thread."""
        self.answer_s = ANSWER_S
        self._command = command
        self._on_message = on_message
        self._frames: OrderedDict[str, Frame] = OrderedDict()
        self._crops: OrderedDict[str, bytes] = OrderedDict()
        self._wake = threading.Condition()
        self._stopping = False
        self._process: subprocess.Popen[bytes] | None = None
        self._attempt = 0
        self._thread = threading.Thread(target=self._run, name="recogniser-link", daemon=True)
        self.bundle = ""
        self.bundle_digest = ""
        self.ready = threading.Event()

    def start(self) -> None:
        """Start the process and its thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the process; frames not answered are forgotten."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._end_process()
        self._thread.join(timeout=5)

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        return self._process.pid if self._process is not None else None

    def look(self, robot_id: str, frame_id: str, encoding: str, image: bytes) -> None:
        """Queue a frame; an older unanswered one of the same robot is dropped."""
        with self._wake:
            self._frames.pop(robot_id, None)
            self._frames[robot_id] = Frame(robot_id, frame_id, encoding, image)
            self._wake.notify()

    def crop(self, frame_id: str) -> bytes | None:
        """The JPEG shown in a review, None if it is no longer kept."""
        return self._crops.get(frame_id)

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._serve()
            except (OSError, ValueError, EOFError) as error:
                log.warning("recogniser failed: %s", error)
                self.ready.clear()
                self._on_message(WorkerChanged(0, "recogniser", ok=False, detail=str(error)))
            self._end_process()
            with self._wake:
                if not self._stopping:
                    self._wake.wait(BACK_OFF_S[min(self._attempt, len(BACK_OFF_S) - 1)])
            self._attempt += 1

    def _serve(self) -> None:
        """Start a process and feed it until it fails."""
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None
        )
        self._process = process
        if process.stdin is None or process.stdout is None:
            raise OSError("the recogniser has no pipes")
        with _ended_after(process, START_S):
            hello = _receive(process.stdout)
        self._attempt = 0
        self.bundle = f"{hello.get('bundle', '')} {hello.get('version', '')}".strip()
        self.bundle_digest = str(hello.get("digest", ""))
        self.ready.set()
        self._on_message(WorkerChanged(0, "recogniser", ok=True, detail=self.bundle))
        while not self._stopping:
            frame = self._next_frame()
            if frame is not None:
                with _ended_after(process, self.answer_s):
                    self._exchange(process.stdin, process.stdout, frame)

    def _next_frame(self) -> Frame | None:
        with self._wake:
            if not self._frames and not self._stopping:
                self._wake.wait(1.0)
            process = self._process
            if process is not None and process.poll() is not None:
                raise EOFError(f"the recogniser ended with status {process.returncode}")
            frame = next(iter(self._frames.values()), None)
            if frame is None or frame.tries < TRIES:
                return frame
            del self._frames[frame.robot_id]
        log.error(
            "frame %s of %s is given up after %d tries", frame.frame_id, frame.robot_id, TRIES
        )
        return None

    def _exchange(self, to: IO[bytes], of: IO[bytes], frame: Frame) -> None:
        frame.tries += 1
        header = json.dumps(
            {
                "frame_id": frame.frame_id,
                "robot_id": frame.robot_id,
                "encoding": frame.encoding,
                "size": len(frame.image),
            }
        ).encode()
        to.write(LENGTH.pack(len(header)) + header + frame.image)
        to.flush()
        answer = _receive(of)
        with self._wake:
            if self._frames.get(frame.robot_id) is frame:
                del self._frames[frame.robot_id]
        self._keep_crop(frame.frame_id, str(answer.get("crop_jpeg_base64") or ""))
        self._on_message(observation_of(answer, frame, self.bundle, self.bundle_digest))

    def _keep_crop(self, frame_id: str, encoded: str) -> None:
        try:
            self._crops[frame_id] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return
        while len(self._crops) > CROPS_KEPT:
            self._crops.popitem(last=False)

    def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        self._process = None
        process.kill()
        process.wait(timeout=5)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)


@contextmanager
def _ended_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """End a process that has not done in time what is waited for: its pipes close then."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        log.debug("a pipe of the recogniser was broken already")


def _receive(pipe: IO[bytes]) -> dict[str, Any]:
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError("the recogniser closed its output")
    (length,) = LENGTH.unpack(head)
    body = pipe.read(length)
    if len(body) < length:
        raise EOFError("the recogniser's answer was cut off")
    answer: dict[str, Any] = json.loads(body)
    return answer


def observation_of(
    answer: dict[str, Any], frame: Frame, bundle: str, digest: str
) -> PackageRecognised:
    """The recogniser's answer in the integers of the core."""
    abstain = answer.get("abstain")
    return PackageRecognised(
        robot_id=frame.robot_id,
        at_ms=0,
        frame_id=frame.frame_id,
        frame_sha256=str(answer.get("frame_sha256", "")),
        bundle=bundle,
        bundle_digest=digest,
        width_px=int(answer.get("width", 0)),
        height_px=int(answer.get("height", 0)),
        light_permille=permille(float(answer.get("light", 0.0))),
        sharpness_permille=permille(float(answer.get("sharpness", 0.0))),
        ood_permille=permille(float(answer.get("ood_score", 0.0))),
        abstain=Abstain(abstain) if abstain else None,
        boxes=tuple(_box(package) for package in answer.get("packages", ())),
        latency_ms=round(float(answer.get("latency_ms", 0))),
        error="" if answer.get("ok", True) else str(answer.get("error", "unknown error")),
    )


def _box(package: dict[str, Any]) -> SeenBox:
    x, y, width, height = (round(float(value)) for value in package["bbox"])
    return SeenBox(
        x,
        y,
        width,
        height,
        str(package.get("class", "box")),
        permille(float(package["confidence"])),
        tuple(str(code) for code in package.get("codes", ())),
    )


def recogniser_command(bundle_dir: str) -> tuple[str, ...]:
    """How the recogniser's process is started."""
    return (sys.executable, "-m", "fleetapp", "recogniser", "--bundle", bundle_dir)
