"""The columns of the tasks table: texts, colours, the mark and the five bars."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from fleetapp.api.views import RobotView, TaskView
from fleetapp.terms.modes import Priority, RobotState

from ..context import Context
from ..figures import clock, duration
from ..models.table import Column
from ..models.task_rows import is_hollow, sign_of, state_words
from ..theme.marks import TEXT_TOKENS, paint_state, paint_stop

MISSED_LEAST = ("Steps", "Count", "Priority", "Due")


def widths_in(columns: tuple[Column, ...], room_px: int) -> tuple[int, ...]:
    """Widths that fit: 0 for columns that are dropped, the others narrower if need be."""
    widths = [column.width_px for column in columns]
    for head in MISSED_LEAST:
        if sum(widths) <= room_px:
            break
        number = next(n for n, column in enumerate(columns) if column.head == head)
        widths[number] = 0
    share = min(1.0, room_px / sum(widths))
    return tuple(int(width * share) for width in widths)


class TaskColumns:
    """How one task is shown in a row."""

    def __init__(self, context: Context) -> None:
        """Robots and time come from the store."""
        self._context = context

    def all(self) -> tuple[Column, ...]:
        """From left to right."""
        return (
            Column("", self._state, 44, paint=self._paint_sign),
            Column("State", self._state, 112, token=self._state_token, bold=self._is_odd),
            Column("Task", lambda t: t.task_id, 88, bold=lambda _t: True),
            Column("Count", lambda t: f"{t.count} ×", 48, right=True),
            Column("What", lambda t: t.label_code or t.sku or "", 132, mono=True,
                   token=lambda _t: "text-2"),
            Column("Priority", lambda t: t.priority.value.capitalize(), 68,
                   token=_priority_token, bold=lambda t: t.priority is Priority.HIGH),
            Column("From", lambda t: t.from_station, 74),
            Column("To", lambda t: t.to_station, 48),
            Column("Robot", self._robot, 56, bold=lambda _t: True),
            Column("Steps", _steps, 74, paint=self._paint_steps),
            Column("Due", lambda t: clock(t.due_ms)[:5] if t.due_ms else "–", 56, right=True),
            Column("Time left", self._left, 92, right=True, token=self._left_token,
                   bold=self.is_late, ages=True),
        )  # fmt: skip

    @property
    def _robots(self) -> dict[str, RobotView]:
        return self._context.store.model.robots

    def _state(self, task: TaskView) -> str:
        return state_words(task, self._robots, self._context.store.model.fleet)

    def _is_odd(self, task: TaskView) -> bool:
        return self._state_token(task) != "text-2"

    def _state_token(self, task: TaskView) -> str:
        sign = sign_of(task, self._robots)
        return TEXT_TOKENS.get(sign, "text-2") if isinstance(sign, RobotState) else "text-3"

    def _robot(self, task: TaskView) -> str:
        robot = self._robots.get(task.robot_id or "")
        return robot.name if robot is not None else "–"

    def is_late(self, task: TaskView) -> bool:
        """Whether it is open past its time."""
        late = task.due_ms is not None and task.due_ms < self._context.store.model.at_ms
        return late and task.ended_ms is None

    def _left(self, task: TaskView) -> str:
        if task.due_ms is None or task.ended_ms is not None:
            return "–"
        left = task.due_ms - self._context.store.model.at_ms
        minutes = abs(left) // 60_000
        span = f"{minutes} min" if 1 <= minutes < 60 else duration(abs(left))
        return span if left >= 0 else f"{span} late"

    def _left_token(self, task: TaskView) -> str:
        return "text-1" if self.is_late(task) else "text-3"

    def _paint_sign(self, painter: QPainter, room: QRectF, task: TaskView) -> None:
        sign = sign_of(task, self._robots)
        place = QRectF(room.left(), room.center().y() - 8, 16, 16)
        if is_hollow(task, self._robots, self._context.store.model.fleet):
            paint_stop(painter, self._context.theme, place, full=False)
            return
        if isinstance(sign, RobotState):
            paint_state(painter, self._context.theme, sign, place)
            return
        painter.drawPixmap(place.topLeft(), self._context.icons.pixmap(sign, "text-3"))

    def _paint_steps(self, painter: QPainter, room: QRectF, task: TaskView) -> None:
        for number in range(5):
            token = "text-3" if number < task.step else "line"
            if number == task.step and task.robot_id:
                token = "text-1"
            bar = QRectF(room.left() + number * 12, room.center().y() - 1.5, 10, 3)
            painter.fillRect(bar, self._context.theme.colour(token))


def _priority_token(task: TaskView) -> str:
    return "text-1" if task.priority is Priority.HIGH else "text-3"


def _steps(task: TaskView) -> str:
    return f"step {task.step} of 5" if task.robot_id else f"{task.step} of 5"
