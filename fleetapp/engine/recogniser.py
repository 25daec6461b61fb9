"""The recogniser's process and the thread that talks to it.

Frames stay in memory only. Of each robot the newest unanswered frame is kept and
given to a recogniser that was started again; after ten seconds the core makes
silence a hold, whatever happens here. A process that hangs is ended. A frame that
two processes did not survive is answered as one that cannot be judged, so that the
frames of other robots are not kept waiting by it.
"""

import base64
import binascii
import logging
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from fleetapp.core.observations import Input
from fleetapp.core.observations_engine import WorkerChanged
from fleetapp.engine.recogniser_talk import (
    Frame,
    TalkError,
    observation_of,
    receive,
    send,
    without_answer,
)

log = logging.getLogger(__name__)

CROPS_KEPT = 50  # until the core has judged
REVIEW_CROPS_KEPT = 500  # of at most 80 kB each
BACK_OFF_S = (0.2, 1.0, 2.0, 5.0)
# A look takes 0.15 s, the first one 4 s and the largest picture 3 s on a busy machine.
# After the core's ten seconds a person is asked, whatever happens here.
ANSWER_S = 8.0
START_S = 120.0  # loading the model takes 14 s on a busy machine
MOST_TRIES = 2
NOT_SURVIVED = "no recogniser answered it; look again, or a person sees to the package"


class RecogniserLink:
    """Implements `engine.ports.Recogniser` with a process of its own."""

    def __init__(
        self,
        command: tuple[str, ...],
        on_message: Callable[[Input], None],
        *,
        answer_s: float = ANSWER_S,
    ) -> None:
        """`command` starts the process; `on_message` takes answers, from another thread."""
        self._command = command
        self._on_message = on_message
        self._answer_s = answer_s
        self._frames: OrderedDict[str, Frame] = OrderedDict()
        self._tried: tuple[Frame | None, int] = (None, 0)
        # By robot and frame id: robots name their frames themselves.
        self._crops: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._review_crops: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._wake = threading.Condition()
        self._stopping = threading.Event()
        self._failures = 0  # since the last answer
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="recogniser-link", daemon=True)
        self.bundle = ""
        self.bundle_digest = ""
        self.ready = threading.Event()

    def start(self) -> None:
        """Start the process and its thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the process; frames not answered are forgotten."""
        self._stopping.set()
        with self._wake:
            self._wake.notify()
        self._end_process()
        self._thread.join(timeout=5)

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        process = self._process
        return process.pid if process is not None else None

    def look(self, robot_id: str, frame_id: str, encoding: str, image: bytes) -> None:
        """Queue a frame; an older unanswered one of the same robot is dropped."""
        with self._wake:
            self._frames.pop(robot_id, None)
            self._frames[robot_id] = Frame(robot_id, frame_id, encoding, image)
            self._wake.notify()

    def crop(self, robot_id: str, frame_id: str) -> bytes | None:
        """The JPEG shown in a review, None if it is no longer kept."""
        key = (robot_id, frame_id)
        return self._review_crops.get(key) or self._crops.get(key)

    def keep_for_review(self, robot_id: str, frame_id: str) -> None:
        """A person is asked about this frame: frames to come do not push its crop out."""
        crop = self._crops.get((robot_id, frame_id))
        if crop is None:
            return
        self._review_crops[robot_id, frame_id] = crop
        while len(self._review_crops) > REVIEW_CROPS_KEPT:
            self._review_crops.popitem(last=False)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve_one()
            except Exception as error:
                # Whatever it was, another process is started: nobody else would look.
                if not isinstance(error, OSError | EOFError | TalkError):
                    log.exception("the recogniser's link met an error that nobody foresaw")
                self._tell_failure(error)
            self._stopping.wait(BACK_OFF_S[min(self._failures, len(BACK_OFF_S)) - 1])

    def _serve_one(self) -> None:
        try:
            self._serve()
        finally:
            self._end_process()

    def _tell_failure(self, error: Exception) -> None:
        self._failures += 1
        self.ready.clear()
        if self._stopping.is_set():
            return
        log.warning("recogniser failed: %s", error)
        self._on_message(WorkerChanged(0, "recogniser", ok=False, detail=str(error)))

    def _serve(self) -> None:
        """Start a process and feed it until it fails."""
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None
        )
        self._process = process
        log.info("recogniser started: process %d", process.pid)
        if process.stdin is None or process.stdout is None:
            raise OSError("the recogniser has no pipes")
        with _ended_after(START_S, process, "the recogniser did not start"):
            hello = receive(process.stdout)
        if hello.get("ready") is not True:
            raise TalkError(f"the recogniser's first words are {str(hello)[:80]}")
        self.bundle = f"{hello.get('bundle', '')} {hello.get('version', '')}".strip()
        self.bundle_digest = str(hello.get("digest", ""))
        self.ready.set()
        log.info("recogniser is ready: %s", self.bundle)
        self._on_message(WorkerChanged(0, "recogniser", ok=True, detail=self.bundle))
        while not self._stopping.is_set():
            frame = self._next_frame(process)
            if frame is not None:
                self._have_answered(process, process.stdin, process.stdout, frame)

    def _next_frame(self, process: "subprocess.Popen[bytes]") -> Frame | None:
        with self._wake:
            if not self._frames and not self._stopping.is_set():
                self._wake.wait(1.0)
            frame = next(iter(self._frames.values()), None)
        if process.poll() is not None:
            raise EOFError(f"the recogniser ended with status {process.returncode}")
        return frame

    def _have_answered(
        self,
        process: "subprocess.Popen[bytes]",
        to: IO[bytes],
        of: IO[bytes],
        frame: Frame,
    ) -> None:
        known, tries = self._tried
        self._tried = (frame, tries + 1 if known is frame else 1)
        if self._tried[1] > MOST_TRIES:
            log.warning("frame %s of %s: %s", frame.frame_id, frame.robot_id, NOT_SURVIVED)
            self._forget(frame)
            self._on_message(without_answer(frame, self.bundle, self.bundle_digest, NOT_SURVIVED))
            return
        with _ended_after(self._answer_s, process, "the recogniser gave no answer"):
            send(to, frame)
            answer = receive(of)
        observation = observation_of(answer, frame, self.bundle, self.bundle_digest)
        self._failures = 0
        self._forget(frame)
        self._keep_crop(frame, str(answer.get("crop_jpeg_base64") or ""))
        self._on_message(observation)

    def _forget(self, frame: Frame) -> None:
        with self._wake:
            if self._frames.get(frame.robot_id) is frame:
                del self._frames[frame.robot_id]

    def _keep_crop(self, frame: Frame, encoded: str) -> None:
        try:
            self._crops[frame.robot_id, frame.frame_id] = base64.b64decode(encoded, validate=True)
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
def _ended_after(seconds: float, process: "subprocess.Popen[bytes]", what: str) -> Iterator[None]:
    """End a process that takes too long: whoever waits for it then reads its end.

    Raises:
        EOFError: saying what was waited for, if that happened.
    """
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, EOFError) as error:
        if late.is_set():
            raise EOFError(f"{what} for {seconds:g} s and was ended") from error
        raise
    finally:
        timer.cancel()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        log.debug("a pipe of the recogniser was broken already")


def recogniser_command(bundle_dir: str) -> tuple[str, ...]:
    """How the recogniser's process is started."""
    return (sys.executable, "-m", "fleetapp", "recogniser", "--bundle", bundle_dir)
