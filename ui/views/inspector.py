"""The selected robot: why it stands, what it does, its task, itself, its story."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from fleetapp.api.commands import HoldRobot
from fleetapp.api.model import Changes
from fleetapp.api.views import RobotView, TaskView

from ..commands import new_id, words_of
from ..context import Context
from ..figures import clock, duration, glued, percent
from ..models.stop_look import still_to_stand, why_sentence
from .flow import Flow
from .panel import Facts, button, clear, column, label, line, row
from .sheets import ReleaseSheet, RemoveSheet
from .state_pill import StatePill
from .task_panel import Steps, Weighed


class RobotInspector(QScrollArea):
    """Everything about one robot; texts change in place, nothing flickers."""

    def __init__(self, context: Context) -> None:
        """Nothing selected."""
        super().__init__()
        self._context = context
        self._robot_id = ""
        self._story_seen: tuple[int, ...] = ()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._make_parts()
        self._build()
        context.store.changed.connect(self._take)

    def _make_parts(self) -> None:
        icons = self._context.icons
        self._name = label("", "title", wrap=True)
        self._state = StatePill(self._context)
        self._head = label("", "section")
        self._why = label("", "why", wrap=True)
        self._times = Facts("Since", "Ends", "Evidence")
        self._hold = button("Hold", "H", "critical", icons.icon("hand", "text-1"))
        self._hold.clicked.connect(self.hold)
        self._release = button("Release …", "Shift H", "critical", icons.icon("play", "text-1"))
        self._release.clicked.connect(self.release)
        self._remove = button("Remove from the fleet …")
        self._remove.clicked.connect(self.remove)
        self._task_head = label("Task", "section", wrap=True)
        self._task = label("", wrap=True)
        self._task_why = label("", "second", wrap=True)
        self._steps = Steps(self._context)
        self._weighed = Weighed(self._context)
        self._weighed_head = label("Why this robot", "section")
        self._facts = Facts(
            "Battery",
            "Load",
            "Last report",
            "If we go silent",
            "Type",
            "Identity",
            "Software",
            "Quirks",
            "Errors",
        )
        self._story = QGridLayout()
        self._story.setColumnStretch(1, 1)
        self._story.setVerticalSpacing(6)

    def _build(self) -> None:
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(column(Flow(self._name, self._state)))
        box.addWidget(line())
        acts = Flow(self._hold, self._release)
        box.addLayout(column(self._head, self._why, self._times, acts))
        box.addWidget(line())
        box.addLayout(column(self._task_head, self._task, self._steps, self._task_why))
        box.addWidget(line())
        box.addLayout(column(self._weighed_head, self._weighed))
        box.addWidget(line())
        box.addLayout(
            column(label("Robot", "section"), self._facts, row(self._remove, None), spacing=10)
        )
        box.addWidget(line())
        box.addLayout(column(label("Story", "section"), self._story))
        box.addStretch(1)
        self.setWidget(body)

    def show_robot(self, robot_id: str) -> None:
        """Show another robot."""
        self._robot_id = robot_id
        self._story_seen = ()
        self._refresh()

    def _take(self, changes: Changes) -> None:
        if changes.everything or self._robot_id in changes.robots or changes.fleet:
            self._refresh()

    def _refresh(self) -> None:
        robot = self._context.store.model.robots.get(self._robot_id)
        if robot is None:
            return
        self._show_head(robot)
        task = self._context.store.model.tasks.get(robot.task_id or "")
        self._show_task(task)
        self._show_facts(robot)
        self._show_story(robot)

    def _show_head(self, robot: RobotView) -> None:
        now, fleet = self._context.store.model.at_ms, self._context.store.model.fleet
        _put(self._name, robot.name)
        why, hollow = robot.why, still_to_stand(robot, fleet)
        self._state.show_robot(robot)
        stands = "Why it is to stand still" if hollow else "Why it stands still"
        _put(self._head, stands if why is not None else "What it does")
        _put(self._why, glued(why_sentence(robot, fleet)) or f"{robot.doing.rstrip('.')}.")
        self._times.setVisible(why is not None)
        if why is not None:
            age = duration(now - why.since_ms)
            self._times.put("Since", f"{clock(why.since_ms)}, {age} ago")
            self._times.put("Ends", why.ends)
            row_no = f"row {why.journal_seq:,}" if why.journal_seq else ""
            self._times.put("Evidence", ", ".join(filter(None, (why.evidence, row_no))))
        self._hold.setVisible(robot.admitted and not robot.holds)
        self._remove.setVisible(robot.admitted)
        self._release.setVisible(bool(robot.holds))

    def _show_task(self, task: TaskView | None) -> None:
        self._steps.setVisible(task is not None)
        self._task_why.setVisible(task is not None)
        if task is None:
            _put(self._task_head, "Task")
            _put(self._task, "None.")
            self._show_weighed(None)
            return
        what = task.label_code or task.sku or "item"
        _put(self._task_head, f"Task {task.task_id}")
        _put(self._task, f"{task.count} × {what}, {task.from_station} → {task.to_station}")
        _put(self._task_why, task.sentence)
        self._steps.show_task(task)
        self._show_weighed(task)

    def _show_weighed(self, task: TaskView | None) -> None:
        shown = task is not None and bool(task.candidates)
        self._weighed_head.setVisible(shown)
        self._weighed.setVisible(shown)
        self._weighed.show_task(task if shown else None)

    def _show_facts(self, robot: RobotView) -> None:
        now = self._context.store.model.at_ms
        charge = robot.battery_fraction
        words = "" if charge is None else percent(charge)
        self._facts.put("Battery", f"{words}{', charging' if robot.charging else ''}")
        self._facts.put("Load", robot.load.value)
        age = (now - robot.last_report_ms) / 1000 if robot.last_report_ms else None
        spoken = f"VDA 5050 {robot.protocol}" if robot.protocol else ""
        report = f"{max(0.0, age):.1f} s ago" if age is not None else ""
        self._facts.put("Last report", ", ".join(filter(None, (report, spoken))))
        end = robot.base[-1] if robot.base else ""
        silent = f"drives on to {end}, stops there" if len(robot.base) > 1 else "stays here"
        self._facts.put("If we go silent", silent)
        self._facts.put("Type", robot.robot_type or "not admitted")
        self._facts.put("Software", robot.software)
        self._facts.put("Identity", robot.robot_id)
        self._facts.put("Quirks", ", ".join(robot.quirks) or "none seen")
        self._facts.put("Errors", ", ".join(robot.errors) or "none reported")

    def _show_story(self, robot: RobotView) -> None:
        seen = tuple(entry.seq for entry in robot.story[:8])
        if seen == self._story_seen:
            return
        clear(self._story)
        for number, entry in enumerate(robot.story[:8]):
            when = QLabel(clock(entry.at_ms))
            when.setProperty("role", "second")
            self._story.addWidget(when, number, 0, Qt.AlignmentFlag.AlignTop)
            self._story.addWidget(label(glued(entry.text), wrap=True), number, 1)
        self._story_seen = seen

    def hold(self) -> None:
        """Hold the robot; at once, never asked."""
        if self._robot_id:
            self._context.commands.send(
                HoldRobot(new_id(), self._robot_id),
                lambda answer: self._context.toast(words_of(answer)),
            )

    def release(self) -> None:
        """A supervisor releases it, in a sheet."""
        robot = self._context.store.model.robots.get(self._robot_id)
        if robot is not None and robot.holds:
            self._context.open_sheet(ReleaseSheet(self._context, robot))

    def remove(self) -> None:
        """A supervisor removes it, in a sheet."""
        robot = self._context.store.model.robots.get(self._robot_id)
        if robot is not None and robot.admitted:
            self._context.open_sheet(RemoveSheet(self._context, robot))


def _put(target: QLabel, text: str) -> None:
    if target.text() != text:
        target.setText(text)
