"""When a recognition is sure enough to pick: the gate before every pick.

Sure means that the target box - the one that covers the crosshair of the view -
passes the confidence threshold, and, where the task names a label code, that
this code was read on it and can be no other's. None or two alike under the
crosshair is not sure.

Source: DESIGN.md section 5, "frame to hold to override".
"""

from dataclasses import dataclass

from fleetapp.terms.modes import Verification
from fleetapp.terms.reasons import Abstain
from fleetapp.terms.units import whole_percent

ALIKE_PERMILLE = 700  # overlap (intersection over union) above which two boxes are one
WITHIN_PERMILLE = 800  # share of a box inside another above which it is a part of that


@dataclass(frozen=True, slots=True)
class Box:
    """A package in the frame: pixels, confidence in permille, codes read on it."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int
    confidence_permille: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits of the gate."""

    confidence_permille: int
    # A second box under the crosshair counts as a rival from this share of the first's confidence.
    rival_permille: int = 800
    # From this share on a second box there must carry the code too: else the first may be
    # two packages seen as one, and the code the other's.
    second_permille: int = 500
    # A box elsewhere, so sure, that carries the code as well makes it doubtful whose it is.
    neighbour_permille: int = 300


@dataclass(frozen=True, slots=True)
class GateResult:
    """The verdict: `abstain` is None if sure, `verification` None if not."""

    sure: bool
    abstain: Abstain | None
    verification: Verification | None
    target: int | None  # index among the boxes
    sentence: str


FRAME_DOUBTS: dict[Abstain, str] = {
    Abstain.TOO_DARK: "The frame is too dark to tell.",
    Abstain.BLURRED: "The frame is too blurred to tell.",
    Abstain.NO_PACKAGE: "No package is seen where the robot looks.",
    Abstain.AMBIGUOUS: "The frame shows more than one package where the robot looks.",
    Abstain.LOW_CONFIDENCE: "The frame is unlike those the model knows.",
    Abstain.CODE_UNREAD: "No label could be read.",
    Abstain.CODE_MISMATCH: "The label is another one than the task's.",
}


def judge(
    *,
    boxes: tuple[Box, ...],
    frame_abstain: Abstain | None,
    width_px: int,
    height_px: int,
    sku: str | None,
    label_code: str | None,
    thresholds: Thresholds,
) -> GateResult:
    """The verdict on one frame.

    Args:
        boxes: what the recogniser found, in any order.
        frame_abstain: its doubt about the frame as a whole, if any.
        width_px: of the frame; the crosshair is its middle.
        height_px: of the frame.
        sku: what the task wants, for the sentence only.
        label_code: the code that must be on the package, None if the task has none.
        thresholds: the limits.
    """
    if frame_abstain is not None:
        return _unsure(frame_abstain, None, FRAME_DOUBTS[frame_abstain])
    under = [n for n, box in enumerate(boxes) if _covers(box, width_px // 2, height_px // 2)]
    if not under:
        return _unsure(Abstain.NO_PACKAGE, None, FRAME_DOUBTS[Abstain.NO_PACKAGE])
    under.sort(key=lambda n: (-boxes[n].confidence_permille, n))
    target = under[0]
    if _has_rival(boxes, under, thresholds):
        return _unsure(Abstain.AMBIGUOUS, target, "Two packages are alike where the robot looks.")
    if boxes[target].confidence_permille < thresholds.confidence_permille:
        return _low(boxes[target], target, thresholds)
    if label_code is None:
        return _without_code(boxes[target], target, sku)
    if label_code in boxes[target].codes:
        return _with_code(boxes, under, label_code, thresholds)
    return _other_code(boxes[target], target, label_code)


def _covers(box: Box, x_px: int, y_px: int) -> bool:
    inside_x = box.x_px <= x_px <= box.x_px + box.width_px
    return inside_x and box.y_px <= y_px <= box.y_px + box.height_px


def _has_rival(boxes: tuple[Box, ...], under: list[int], thresholds: Thresholds) -> bool:
    """Whether a second box under the crosshair is as good as the first and not the same."""
    first = boxes[under[0]]
    least = first.confidence_permille * thresholds.rival_permille // 1000
    return any(
        boxes[n].confidence_permille >= least
        and _overlap_permille(first, boxes[n]) < ALIKE_PERMILLE
        for n in under[1:]
    )


def _may_be_anothers(
    boxes: tuple[Box, ...], under: list[int], label_code: str, thresholds: Thresholds
) -> bool:
    """Whether the code that was read on the first may belong to another package."""
    first = boxes[under[0]]
    least = first.confidence_permille * thresholds.second_permille // 1000
    for n, box in enumerate(boxes):
        if n == under[0] or _overlap_permille(first, box) >= ALIKE_PERMILLE:
            continue
        has_code = label_code in box.codes
        if n in under and box.confidence_permille >= least and not has_code:
            return True
        beside = n not in under and not _lies_within(box, first)
        if beside and has_code and box.confidence_permille >= thresholds.neighbour_permille:
            return True
    return False


def _lies_within(box: Box, other: Box) -> bool:
    """Whether most of the box is a part of the other, as a label or a flap is."""
    return _shared_px(box, other) * 1000 >= WITHIN_PERMILLE * box.width_px * box.height_px


def _overlap_permille(one: Box, other: Box) -> int:
    """Intersection over union, in permille."""
    shared = _shared_px(one, other)
    total = one.width_px * one.height_px + other.width_px * other.height_px - shared
    return shared * 1000 // max(1, total)


def _shared_px(one: Box, other: Box) -> int:
    """The area that two boxes share."""
    across = min(one.x_px + one.width_px, other.x_px + other.width_px) - max(one.x_px, other.x_px)
    down = min(one.y_px + one.height_px, other.y_px + other.height_px) - max(one.y_px, other.y_px)
    return max(0, across) * max(0, down)


def _low(box: Box, target: int, thresholds: Thresholds) -> GateResult:
    sure = whole_percent(box.confidence_permille)
    needed = whole_percent(thresholds.confidence_permille)
    return _unsure(
        Abstain.LOW_CONFIDENCE,
        target,
        f"The camera is {sure} % sure of a package; {needed} % are needed.",
    )


def _without_code(box: Box, target: int, sku: str | None) -> GateResult:
    percent = whole_percent(box.confidence_permille)
    return GateResult(
        sure=True,
        abstain=None,
        verification=Verification.IDENTITY_NOT_VERIFIED,
        target=target,
        sentence=f"Saw a package, {percent} % sure; {sku or 'the item'} has no code to verify.",
    )


def _with_code(
    boxes: tuple[Box, ...], under: list[int], label_code: str, thresholds: Thresholds
) -> GateResult:
    target = under[0]
    if _may_be_anothers(boxes, under, label_code, thresholds):
        return _unsure(
            Abstain.AMBIGUOUS,
            target,
            f"{label_code} was read, but it may be the label of another package.",
        )
    percent = whole_percent(boxes[target].confidence_permille)
    return GateResult(
        sure=True,
        abstain=None,
        verification=Verification.VERIFIED,
        target=target,
        sentence=f"Saw the package, {percent} % sure, and read {label_code} on it.",
    )


def _other_code(box: Box, target: int, label_code: str) -> GateResult:
    if not box.codes:
        return _unsure(
            Abstain.CODE_UNREAD, target, f"The label could not be read; {label_code} is expected."
        )
    return _unsure(
        Abstain.CODE_MISMATCH,
        target,
        f"The label says {box.codes[0]}; {label_code} is expected.",
    )


def _unsure(abstain: Abstain, target: int | None, sentence: str) -> GateResult:
    return GateResult(
        sure=False, abstain=abstain, verification=None, target=target, sentence=sentence
    )
