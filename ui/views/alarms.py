"""The alarms: what is abnormal, since when, what to do about it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from fleetapp.api.commands import AcknowledgeAlarm
from fleetapp.api.model import Changes
from fleetapp.api.views import AlarmView

from ..commands import new_id, words_of
from ..context import Context
from ..figures import duration
from .alarm_rows import AlarmMark, AlarmRow, Cure
from .dock import ViewDock
from .empty import Empty
from .panel import Facts, button, clear, column, label, line, row, upright
from .sheets import ReleaseSheet
from .side import Side
from .small_map import SmallMap
from .tables import page

KEYS = (("↑ ↓", "choose"), ("Space", "acknowledge"), ("Enter", "first action"), ("M", "map"))
VIEWS: tuple[tuple[str, str, str, Callable[[AlarmView], bool]], ...] = (
    ("active", "Active", "bell", lambda a: a.gone_ms is None),
    ("new", "Not acknowledged", "circle-alert",
     lambda a: a.gone_ms is None and not a.acknowledged_by),
    ("gone", "Gone, not acknowledged", "undo-2",
     lambda a: a.gone_ms is not None and not a.acknowledged_by),
    ("all", "All kept here", "history", lambda _a: True),
)  # fmt: skip
SHOWN = 80
WHY_PRIORITY = {
    1: "People or goods may be in danger now: act at once.",
    2: "A robot or a part of the system is lost: act within five minutes.",
    3: "Work stands still until somebody looks.",
    4: "Good to know. Nothing stands still for it.",
}


class AlarmsPage(QWidget):
    """Views, rows by priority then age, the chosen one at the right."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._title = label("Alarms", "title")
        self._second = label("", "second")
        self._seen: tuple[object, ...] = ()
        self._rows: dict[str, AlarmRow] = {}
        self._chosen = ""
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._counts = label("", "second", wrap=True)
        self._build()
        for key, act in (
            (Qt.Key.Key_Space, self.acknowledge_chosen),
            (Qt.Key.Key_Return, self.cure_chosen),
            (Qt.Key.Key_Down, lambda: self.move_on(1)),
            (Qt.Key.Key_Up, lambda: self.move_on(-1)),
        ):
            QShortcut(QKeySequence(key), self, act)
        context.store.changed.connect(self._take)

    def _build(self) -> None:
        self._dock = ViewDock(self._context, "Alarms")
        for key, text, icon, _fits in VIEWS:
            self._dock.add(key, text, icon)
        self._dock.chosen.connect(lambda _view: self.refresh())
        self._dock.section("Most frequent, of those kept here")
        self._dock.put(self._counts)
        self._dock.box.addStretch(1)
        inner = QWidget()
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(self._list)
        whole.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(inner)
        self._empty = Empty(
            self._context,
            "bell",
            "Nothing is abnormal here. What needs a person stands here first, with what to do.",
            "Show the map",
            lambda: self._context.hub.page_wanted.emit("Map"),
        )
        body = QWidget()
        body.setLayout(column(self._area, self._empty, margins=(0, 0, 0, 0), spacing=0))
        title = QWidget()
        title.setLayout(row(self._title, self._second, spacing=12))
        self._where = SmallMap(self._context)
        self._head, self._detail = column(), QVBoxLayout()
        self._detail.setContentsMargins(0, 0, 0, 0)
        self._detail.setSpacing(0)
        side = column(self._head, self._where, line(), self._detail, margins=(0, 0, 0, 0))
        side.setSpacing(0)
        side.setStretch(3, 1)
        self.side_panel = Side(side)
        middle = page(title, (), body, KEYS)
        box = row(self._dock, upright(), middle, self.side_panel, spacing=0)
        box.setStretch(2, 1)
        self.setLayout(box)

    def _take(self, changes: Changes) -> None:
        if self.isVisible() and (changes.everything or changes.alarms or changes.fleet):
            self.refresh()

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def _ordered(self) -> list[AlarmView]:
        return sorted(
            self._context.store.model.alarms.values(),
            key=lambda a: (a.gone_ms is not None, a.priority, bool(a.acknowledged_by),
                           a.raised_ms, a.alarm_id),
        )  # fmt: skip

    def refresh(self) -> None:
        """Rows anew only if an alarm changed; else only the ages."""
        alarms = self._ordered()
        for key, _text, _icon, fits in VIEWS:
            self._dock.set_count(key, sum(1 for a in alarms if fits(a)))
        fits = next(view[3] for view in VIEWS if view[0] == self._dock.view)
        shown = [a for a in alarms if fits(a)][:SHOWN]
        seen: tuple[object, ...] = (self._dock.view, *shown)
        if seen == self._seen:
            for made in self._rows.values():
                made.tick()
            return
        self._seen = seen
        self._tell(alarms)
        self._fill(shown)

    def _tell(self, alarms: list[AlarmView]) -> None:
        active = [a for a in alarms if a.gone_ms is None]
        fresh = [a for a in active if not a.acknowledged_by]
        self._title.setText(f"{len(active)} active")
        words = "nothing needs you"
        if fresh:
            oldest = self._context.store.model.at_ms - min(a.raised_ms for a in fresh)
            words = f"{len(fresh)} not acknowledged, oldest for {duration(oldest)}"
        self._second.setText(words)
        kinds: dict[str, int] = {}
        for alarm in alarms:
            name = alarm.kind.value.replace("_", " ").capitalize()
            kinds[name] = kinds.get(name, 0) + alarm.count
        top = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:4]
        self._counts.setText("\n".join(f"{name}: {count}" for name, count in top) or "–")

    def _fill(self, shown: list[AlarmView]) -> None:
        clear(self._list)
        self._rows = {}
        for alarm in shown:
            made = AlarmRow(self._context, alarm, self._cure(alarm))
            made.chosen.connect(self.choose)
            made.acknowledged.connect(self._acknowledge)
            self._rows[alarm.alarm_id] = made
            self._list.addWidget(made)
        self._empty.setVisible(not shown)
        self._area.setVisible(bool(shown))
        first = shown[0].alarm_id if shown else ""
        self.choose(self._chosen if self._chosen in self._rows else first)

    # --- the chosen one ---------------------------------------------------------
    def choose(self, alarm_id: str) -> None:
        """Show what to do about it."""
        self._chosen = alarm_id
        for name, made in self._rows.items():
            made.set_chosen(chosen=name == alarm_id)
        alarm = self._context.store.model.alarms.get(alarm_id)
        clear(self._head)
        clear(self._detail)
        self._where.show_robot(next(iter(alarm.robot_ids), "") if alarm is not None else "")
        self.side_panel.want(wanted=alarm is not None)
        if alarm is not None:
            self._show_detail(alarm)

    def _show_detail(self, alarm: AlarmView) -> None:
        mark = AlarmMark(self._context, alarm.priority, faded=bool(alarm.acknowledged_by))
        title = label(alarm.title, "title", wrap=True)
        head = row(mark, title, spacing=10)
        head.setStretch(1, 1)
        self._head.addLayout(head)
        facts = Facts("Effect", "Robots", "Seen", "Acknowledged")
        facts.put("Effect", alarm.effect)
        facts.put("Robots", ", ".join(self._name(r) for r in alarm.robot_ids))
        facts.put("Seen", f"{alarm.count} times" if alarm.count > 1 else "once")
        facts.put("Acknowledged", alarm.acknowledged_by or "by nobody yet")
        self._detail.addLayout(column(label(alarm.cause, "why", wrap=True), facts))
        self._detail.addWidget(line())
        steps = column(label("What to do", "section"), spacing=10)
        for number, words in enumerate(alarm.todo, start=1):
            sign = label(str(number), "number")
            sign.setFixedSize(20, 20)
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            step = row(sign, label(words, wrap=True), spacing=10)
            step.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
            step.setStretch(1, 1)
            steps.addLayout(step)
        self._detail.addLayout(steps)
        self._detail.addWidget(line())
        self._detail.addLayout(self._acts(alarm))
        self._detail.addWidget(line())
        why = label(WHY_PRIORITY.get(alarm.priority, ""), "second", wrap=True)
        self._detail.addLayout(column(label(f"Why priority {alarm.priority}", "section"), why))
        self._detail.addStretch(1)

    def _acts(self, alarm: AlarmView) -> QVBoxLayout:
        made = column()
        cure = self._cure(alarm)
        if cure is not None:
            first = button(cure.text, "Enter", "default")
            first.setMinimumHeight(34)
            first.clicked.connect(cure.act)
            made.addWidget(first)
        if not alarm.acknowledged_by:
            seen = button("Acknowledge", "Space")
            seen.setMinimumHeight(34)
            seen.clicked.connect(lambda: self._acknowledge(alarm.alarm_id))
            made.addWidget(seen)
        return made

    def _name(self, robot_id: str) -> str:
        robot = self._context.store.model.robots.get(robot_id)
        return robot.name if robot is not None else robot_id

    def _cure(self, alarm: AlarmView) -> Cure | None:
        """Answer the review, release the robot, or go and look."""
        if not alarm.robot_ids:
            return None
        robot_id = alarm.robot_ids[0]
        model = self._context.store.model
        if any(r.robot_id == robot_id and r.answered_ms is None for r in model.reviews.values()):
            return Cure("Review", lambda: self._context.hub.page_wanted.emit("Reviews"))
        robot = model.robots.get(robot_id)
        if robot is not None and robot.holds and alarm.gone_ms is None:
            return Cure(
                "Release …", lambda: self._context.open_sheet(ReleaseSheet(self._context, robot))
            )
        return Cure(f"Show {self._name(robot_id)}", lambda: self._show(robot_id))

    # --- acts -------------------------------------------------------------------
    def _show(self, robot_id: str) -> None:
        self._context.hub.page_wanted.emit("Map")
        self._context.hub.robot_selected.emit(robot_id)

    def _acknowledge(self, alarm_id: str) -> None:
        self._context.commands.send(
            AcknowledgeAlarm(new_id(), alarm_id),
            lambda answer: self._context.toast(words_of(answer)),
        )

    def acknowledge_chosen(self) -> None:
        """Space: somebody has seen it."""
        alarm = self._context.store.model.alarms.get(self._chosen)
        if alarm is not None and not alarm.acknowledged_by:
            self._acknowledge(alarm.alarm_id)

    def cure_chosen(self) -> None:
        """Enter: the first action."""
        alarm = self._context.store.model.alarms.get(self._chosen)
        cure = self._cure(alarm) if alarm is not None else None
        if cure is not None:
            cure.act()

    def move_on(self, step: int) -> None:
        """The next or previous row."""
        names = list(self._rows)
        if names:
            at = names.index(self._chosen) if self._chosen in names else -step
            self.choose(names[max(0, min(len(names) - 1, at + step))])
