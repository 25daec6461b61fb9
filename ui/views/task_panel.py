"""The chosen task: its steps, life cycle, robot, load, and what cancelling does."""

from collections import Counter

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from fleetapp.api.views import Candidate, TaskView
from fleetapp.terms.modes import LoadState

from ..context import Context
from ..figures import clock, duration
from ..models.task_rows import ENDED, item_words, state_words
from .flow import Flow
from .panel import Facts, button, clear, column, label, line
from .side import SIDE_PX
from .small_map import SmallMap

STEPS = ("Drive", "Look", "Pick", "Carry", "Drop")
SHOWN_CANDIDATES = 4
LONG_ID = 14
OUT_WORDS = {
    "has_task": "has a task",
    "held": "held",
    "silent": "silent",
    "low_battery": "battery low",
    "out_of_reach": "battery too low for the way",
    "charges_for_task": "charges for another task",
    "not_automatic": "not automatic",
    "emergency_stop": "emergency stop",
    "loaded": "carries something",
    "off_roadmap": "off the roadmap",
    "unreachable": "no way there",
    "busy": "busy",
    "other_wished": "another is wished",
    "fatal_error": "fault",
    "not_admitted": "not admitted",
}

OUT_MANY = {"has_task": "have a task", "loaded": "carry something"}


class Steps(QWidget):
    """Five bars and their names."""

    def __init__(self, context: Context) -> None:
        """Nothing done."""
        super().__init__()
        self._context = context
        self._step, self._now = 0, len(STEPS)
        self.setFixedHeight(30)

    @property
    def now(self) -> str:
        """The step that is being done, "" if none is."""
        return STEPS[self._now] if self._now < len(STEPS) else ""

    def show_task(self, task: TaskView) -> None:
        """How many are done; the next one is being done only while a robot has the task."""
        under_way = task.robot_id is not None and task.state not in ENDED
        seen = (task.step, task.step if under_way else len(STEPS))
        if seen != (self._step, self._now) or not self.accessibleName():
            self._step, self._now = seen
            doing = f", {self.now} now" if self.now else ""
            self.setAccessibleName(f"{task.step} of {len(STEPS)} steps done{doing}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Done light, now accent, to come a line."""
        theme = self._context.theme
        painter = QPainter(self)
        width = (self.width() - 4 * 3) / len(STEPS)
        for number, name in enumerate(STEPS):
            x = number * (width + 3)
            token = "text-2" if number < self._step else "line"
            token = "accent" if number == self._now else token
            painter.fillRect(QRectF(x, 2, width, 3), theme.colour(token))
            reached = number < self._step or number == self._now
            painter.setPen(theme.colour("text-1" if reached else "text-3"))
            text = QRectF(x, 11, width + 3, 18)
            painter.drawText(text, Qt.AlignmentFlag.AlignLeft, name)
        painter.end()


def beyond(others: list[Candidate], counted: tuple[tuple[str, int], ...]) -> str:
    """Those not listed: how many had a cost, how many were out for what."""
    costed = sum(1 for candidate in others if candidate.out is None)
    out = Counter(candidate.out for candidate in others if candidate.out is not None)
    out.update(dict(counted))
    parts = [f"{costed} more with a cost"] if costed else []
    for why, count in sorted(out.items(), key=lambda item: (-item[1], item[0])):
        words = OUT_WORDS.get(why, why)
        parts.append(f"{count} {words if count == 1 else OUT_MANY.get(why, words)}")
    return ", ".join(parts)


class Weighed(QWidget):
    """Why this robot: candidates with their costs, those out with the reason."""

    def __init__(self, context: Context) -> None:
        """Nobody."""
        super().__init__()
        self._context = context
        self._seen: object = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(5)
        self._grid.setHorizontalSpacing(16)
        self._grid.setColumnStretch(1, 1)

    def show_task(self, task: TaskView | None) -> None:
        """Built anew only if other candidates stand there."""
        seen = (task.task_id, task.candidates, task.robot_id) if task is not None else None
        if seen == self._seen:
            return
        clear(self._grid)
        if task is not None:
            self._show_candidates(task)
        self._seen = seen

    def _show_candidates(self, task: TaskView) -> None:
        ranked = sorted(
            task.candidates,
            key=lambda c: (c.robot_id != task.robot_id, c.cost_ms is None, c.cost_ms or 0),
        )
        for number, candidate in enumerate(ranked[:SHOWN_CANDIDATES]):
            self._line(number, task, candidate.robot_id, candidate.cost_ms, candidate.out)
        rest = beyond(ranked[SHOWN_CANDIDATES:], task.candidates_out)
        if rest:
            begin = "Beyond these" if ranked else "Out"
            more = label(f"{begin}: {rest}.", "third", wrap=True)
            self._grid.addWidget(more, SHOWN_CANDIDATES, 0, 1, 3)

    def _line(
        self, number: int, task: TaskView, robot_id: str, cost_ms: int | None, out: str | None
    ) -> None:
        robot = self._context.store.model.robots.get(robot_id)
        chosen = robot_id == task.robot_id
        least = next((c.cost_ms for c in task.candidates if c.robot_id == task.robot_id), None)
        slower = cost_ms is not None and least is not None and cost_ms > least
        reason = "takes longer" if slower else "better used for another task"
        if chosen:
            reason = "chosen: least time over all"
        if out is not None:
            reason = f"out: {OUT_WORDS.get(out, out)}"
        words = robot.name if robot is not None else robot_id
        name = label(words, "strong" if chosen else "", wrap=True)
        cost = duration(cost_ms) if cost_ms is not None else "–"
        self._grid.addWidget(name, number, 0)
        self._grid.addWidget(label(reason, "second", wrap=True), number, 1)
        right = Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(label(cost, "strong" if chosen else "second"), number, 2, right)


class TaskPanel(QScrollArea):
    """Everything about one task."""

    def __init__(self, context: Context) -> None:
        """Nothing chosen."""
        super().__init__()
        self._context = context
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._name = label("", "title", wrap=True)
        self._state = label("", "tag")
        self._why = label("", "why", wrap=True)
        self._steps = Steps(context)
        self._life = Facts("Created", "By", "Assigned", "Due", "Ended", "After")
        self._weighed = Weighed(context)
        self._load = Facts("Load", "Identity")
        self._where = SmallMap(context, SIDE_PX - 32)
        self.cancel = button("Cancel task …", "Del", "critical", context.icons.icon("ban"))
        self.requeue = button("Queue again", "", "critical", context.icons.icon("undo-2"))
        self._follows = label("", "second", wrap=True)
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for part in (
            column(Flow(self._name, self._state)),
            column(self._why, self._steps),
            column(label("Life cycle", "section"), self._life),
            column(label("Why this robot", "section"), self._weighed),
            column(label("Where the load is", "section"), self._load, self._where),
            column(Flow(self.cancel, self.requeue), self._follows),
        ):
            box.addLayout(part)
            box.addWidget(line())
        box.addStretch(1)
        self.setWidget(body)

    def show_task(self, task: TaskView) -> None:
        """Texts change in place."""
        model = self._context.store.model
        self._name.setText(task.task_id)
        self._state.setText(state_words(task, model.robots, model.fleet))
        self._why.setText(
            f"{item_words(task)}, {task.from_station} → {task.to_station}. "
            f"{task.sentence.rstrip('.')}."
        )
        self._steps.show_task(task)
        life = self._life
        life.put("Created", clock(task.created_ms))
        life.put("By", task.created_by)
        life.put("Assigned", clock(task.assigned_ms) if task.assigned_ms else "")
        life.put("Due", clock(task.due_ms) if task.due_ms else "")
        life.put("Ended", clock(task.ended_ms) if task.ended_ms else "")
        life.put("After", task.after_task_id or "")
        self._weighed.show_task(task)
        self._load.put("Load", task.load_is)
        self._load.put(
            "Identity", task.verification.value.replace("_", " ") if task.verification else ""
        )
        ended = task.state in ENDED
        self._where.setVisible(task.robot_id is not None and not ended)
        self._where.show_robot(task.robot_id or "")
        self.cancel.setEnabled(not ended)
        self.requeue.setVisible(task.state.value == "failed" or task.may_go_alone)
        self.requeue.setText(alone_words(task) if task.may_go_alone else "Queue again")
        self._follows.setText("" if ended else cancel_words(self._context, task))


def alone_words(task: TaskView) -> str:
    """On a button: an id that does not fit it stands in the sentence and under "After"."""
    before = task.after_task_id or ""
    return f"Send on without {before if len(before) <= LONG_ID else 'it'}"


def cancel_words(context: Context, task: TaskView) -> str:
    """What cancelling this task would do to its load."""
    robot = context.store.model.robots.get(task.robot_id or "")
    if robot is None:
        return "Cancelled, it leaves the queue. No robot has begun it."
    if robot.load is LoadState.LOADED:
        return f"Cancelled, {robot.name} brings what it carries to the return station."
    if robot.load is LoadState.UNKNOWN:
        return f"Cancelled, {robot.name} is held for a person: its load is not known."
    return f"Cancelled, {robot.name} gives the order up and is free again."
