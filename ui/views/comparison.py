"""What the task expects beside what the camera sees, and whether they agree."""

from dataclasses import dataclass

from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from fleetapp.api.views import ReviewView

from ..context import Context
from ..figures import percent
from .panel import label, row

HEADS = ("", "The task expects", "The camera sees", "")
NAMES = ("Package", "Label code", "Item")
AGREES, NOT_SURE, DIFFERS, UNKNOWN = "agrees", "not sure", "differs", "not compared"
SIGNS = {
    AGREES: ("check", "ok", "okay"),
    NOT_SURE: ("circle-alert", "p3", "warn"),
    DIFFERS: ("circle-x", "p1", "bad"),
    UNKNOWN: ("minus", "text-3", "third"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One line: expected, seen, verdict."""

    expected: str
    seen: str
    verdict: str


NOTHING = Compared("–", "–", UNKNOWN)


def compare(review: ReviewView) -> tuple[Compared, ...]:
    """Package, label code, item; never a verdict that nothing supports."""
    target = next((p for p in review.packages if p.is_target), None)
    seen = "none at the crosshair"
    verdict = NOT_SURE
    if target is not None:
        sure, needed = percent(target.confidence), percent(review.threshold)
        seen = f"1 carton, {sure} sure ({needed} needed)"
        verdict = AGREES if target.confidence >= review.threshold else NOT_SURE
    return (
        Compared("1 carton", seen, verdict),
        _code(review, target.codes if target is not None else ()),
        Compared(review.expected_sku or "–", "–", UNKNOWN),
    )


def _code(review: ReviewView, codes: tuple[str, ...]) -> Compared:
    seen = ", ".join(codes) or "none read"
    if review.expected_code is None:
        return Compared("–", seen, UNKNOWN)
    if review.expected_code in codes:
        return Compared(review.expected_code, seen, AGREES)
    return Compared(review.expected_code, seen, DIFFERS if codes else NOT_SURE)


class Comparison(QFrame):
    """The table below the frame."""

    def __init__(self, context: Context) -> None:
        """Nothing compared."""
        super().__init__()
        self.setProperty("role", "boxed")
        self._context = context
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 10, 16, 10)
        grid.setVerticalSpacing(9)
        for number, head in enumerate(HEADS):
            grid.addWidget(label(head, "third"), 0, number)
        self._cells: list[tuple[QLabel, QLabel, QLabel, QLabel]] = []
        for number, name in enumerate(NAMES, start=1):
            role = "mono" if name == "Label code" else ""
            sign, word = QLabel(), label("")
            cells = (label("", role), label("", role or "strong"), sign, word)
            grid.addWidget(label(name, "third"), number, 0)
            grid.addWidget(cells[0], number, 1)
            grid.addWidget(cells[1], number, 2)
            grid.addLayout(row(sign, word, None), number, 3)
            self._cells.append(cells)
        for number, share in enumerate((2, 5, 6, 3)):
            grid.setColumnStretch(number, share)

    def show_review(self, review: ReviewView | None) -> None:
        """Compare another one."""
        lines = compare(review) if review is not None else (NOTHING,) * len(NAMES)
        for cells, line in zip(self._cells, lines, strict=True):
            expected, seen, sign, word = cells
            icon, token, role = SIGNS[line.verdict]
            expected.setText(line.expected)
            seen.setText(line.seen)
            sign.setPixmap(self._context.icons.pixmap(icon, token))
            word.setText(line.verdict)
            if word.property("role") != role:
                word.setProperty("role", role)
                word.style().polish(word)
