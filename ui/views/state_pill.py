"""A state in a rounded frame: mark, word, age."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from fleetapp.api.views import RobotView
from fleetapp.terms.modes import RobotState

from ..context import Context
from ..figures import duration
from ..models.stop_look import state_word, still_to_stand
from ..theme.marks import paint_state, paint_stop
from .panel import label, row


class Mark(QWidget):
    """A state mark."""

    def __init__(self, context: Context) -> None:
        """16 px."""
        super().__init__()
        self._context = context
        self.state, self.hollow = RobotState.IDLE, False
        self.setFixedSize(QSize(18, 18))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The mark."""
        painter = QPainter(self)
        where = QRectF(1, 1, 16, 16)
        if self.hollow:
            paint_stop(painter, self._context.theme, where, full=False)
        else:
            paint_state(painter, self._context.theme, self.state, where)
        painter.end()


class StatePill(QFrame):
    """Mark, word and age in a rounded frame."""

    def __init__(self, context: Context) -> None:
        """Of nothing yet."""
        super().__init__()
        self.setProperty("role", "pill")
        self._context = context
        self._mark = Mark(context)
        self._word = label("", "strong")
        inner = row(self._mark, self._word, spacing=4)
        inner.setContentsMargins(6, 1, 9, 1)
        self.setLayout(inner)

    def show_robot(self, robot: RobotView) -> None:
        """The state of a robot and for how long; during a fleet stop by its own report."""
        model = self._context.store.model
        words = f"{state_word(robot, model.fleet)} {duration(model.at_ms - robot.state_since_ms)}"
        self.show_state(robot.state, words, hollow=still_to_stand(robot, model.fleet))

    def show_state(self, state: RobotState, words: str, *, hollow: bool = False) -> None:
        """Another state; a stop that is told and not yet reported is hollow."""
        self._mark.state, self._mark.hollow = state, hollow
        self._mark.update()
        if self._word.text() != words:
            self._word.setText(words)
