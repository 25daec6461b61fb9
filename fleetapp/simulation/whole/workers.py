"""Planner and recogniser in virtual time: the production search, a label for an image.

Both may be slow, or dead: then nothing comes back. What was asked while the planner
is dead is lost; of a recogniser that comes back each robot's newest frame is answered,
as the engine gives it again.
"""

import hashlib
import heapq
from dataclasses import dataclass

from fleetapp.core.decisions import PlanRequested
from fleetapp.core.observations import Input, PackageRecognised, SeenBox
from fleetapp.core.state import Floor
from fleetapp.engine.planner import solve
from fleetapp.terms.reasons import Abstain

RECOGNITION_MS = 150
PLAIN = b"plain"


class Later:
    """Messages that come at a time."""

    def __init__(self) -> None:
        """None yet."""
        self._heap: list[tuple[int, int, Input]] = []
        self._count = 0

    def put(self, at_ms: int, message: Input) -> None:
        """Let a message come at a time."""
        self._count += 1
        heapq.heappush(self._heap, (at_ms, self._count, message))

    def next_ms(self) -> int | None:
        """When the next one comes."""
        return self._heap[0][0] if self._heap else None

    def due(self, now_ms: int) -> list[Input]:
        """Those whose time has come."""
        found = []
        while self._heap and self._heap[0][0] <= now_ms:
            found.append(heapq.heappop(self._heap)[2])
        return found

    def clear(self) -> None:
        """Forget all."""
        self._heap = []


class VirtualPlanner:
    """Answers route problems after a while."""

    def __init__(self, floor: Floor, later: Later) -> None:
        """Answers come through `later`."""
        self.delay_ms = 0
        self.dead = False
        self._floor = floor
        self._later = later

    def change_floor(self, floor: Floor) -> None:
        """Plan on another layout."""
        self._floor = floor

    def solve(self, problem: PlanRequested, now_ms: int) -> None:
        """Take a problem."""
        if not self.dead:
            self._later.put(now_ms + self.delay_ms, solve(self._floor, problem))


@dataclass(frozen=True, slots=True)
class _Frame:
    robot_id: str
    frame_id: str
    image: bytes


class VirtualRecogniser:
    """Reads an image that is the text of its label."""

    def __init__(self, later: Later) -> None:
        """Answers come through `later`."""
        self.delay_ms = RECOGNITION_MS
        self.dead = False
        self._later = later
        self._unanswered: dict[str, _Frame] = {}

    def look(self, robot_id: str, frame_id: str, image: bytes, now_ms: int) -> None:
        """Take a frame."""
        frame = _Frame(robot_id, frame_id, image)
        if self.dead:
            self._unanswered[robot_id] = frame
            return
        self._later.put(now_ms + self.delay_ms, _answer(frame))

    def wake(self, now_ms: int) -> None:
        """Come back: the frames that wait are answered."""
        self.dead = False
        for frame in self._unanswered.values():
            self._later.put(now_ms + self.delay_ms, _answer(frame))
        self._unanswered = {}


def _answer(frame: _Frame) -> PackageRecognised:
    """`CODE|anything` is a package with that code; `!kind|...` one that nobody can judge."""
    label = frame.image.decode(errors="replace").partition("|")[0]
    sha256 = hashlib.sha256(frame.image).hexdigest()
    code = () if label in ("", PLAIN.decode()) or label.startswith("!") else (label,)
    confidence = 300 if label == "!low_confidence" else 950
    boxes = () if label == "!no_package" else (_box(code, confidence),)
    abstain = Abstain.TOO_DARK if label == "!too_dark" else None
    error = "the model cannot be read" if label == "!error" else ""
    return PackageRecognised(
        frame.robot_id,
        0,
        frame.frame_id,
        sha256,
        "virtual",
        "",
        1280,
        960,
        500,
        900,
        0,
        abstain,
        boxes,
        80,
        error,
    )


def _box(codes: tuple[str, ...], confidence_permille: int) -> SeenBox:
    return SeenBox(400, 300, 480, 360, "box", confidence_permille, codes)
