"""The alarms: what is abnormal, since when, what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from fleetapp.api.commands import AcknowledgeAlarm
from fleetapp.api.model import Changes
from fleetapp.api.views import AlarmView, HaltView

from ..commands import new_id, words_of
from ..context import Context
from ..figures import duration
from ..models.alarm_list import AlarmLine, AlarmListModel
from ..turns import REFRESH_MS, Later
from .alarm_panel import AlarmPanel
from .alarm_rows import CURE, AlarmRows
from .dock import ViewDock
from .empty import Empty
from .halts import EndHaltSheet, halt_of, open_halts
from .panel import column, label, put, row, scrolled, upright
from .sheets import ReleaseSheet
from .side import Side
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


@dataclass(frozen=True, slots=True)
class Cure:
    """The act that ends an alarm, as a verb."""

    text: str
    act: Callable[[], None]


class AlarmsPage(QWidget):
    """Views, rows by priority then age, the chosen one at the right."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._title = label("Alarms", "title")
        self._second = label("", "second")
        self._model = AlarmListModel()
        self._rows = AlarmRows(context, self._model)
        self._rows.chosen.connect(self.choose)
        self._rows.wanted.connect(self._do)
        self._panel = AlarmPanel(context)
        self._panel.cure_wanted.connect(self.cure_chosen)
        self._panel.acknowledge_wanted.connect(self.acknowledge_chosen)
        self._counts = label("", "second", wrap=True)
        self._build()
        for key, act in (
            (Qt.Key.Key_Space, self.acknowledge_chosen),
            (Qt.Key.Key_Return, self.cure_chosen),
            (Qt.Key.Key_Down, lambda: self.move_on(1)),
            (Qt.Key.Key_Up, lambda: self.move_on(-1)),
        ):
            QShortcut(QKeySequence(key), self, act)
        self._halts: tuple[HaltView, ...] = ()
        self._refresh_soon = Later(self, self.refresh, REFRESH_MS)
        context.store.changed.connect(self._take)

    def _build(self) -> None:
        self._dock = ViewDock(self._context, "Alarms")
        for key, text, icon, _fits in VIEWS:
            self._dock.add(key, text, icon)
        self._dock.chosen.connect(lambda _view: self.refresh())
        self._dock.section("Most frequent, of those kept here")
        self._dock.put(self._counts)
        self._dock.box.addStretch(1)
        self._empty = Empty(
            self._context,
            "bell",
            "Nothing is abnormal here. What needs a person stands here first, with what to do.",
            "Show the map",
            lambda: self._context.hub.page_wanted.emit("Map"),
        )
        body = QWidget()
        body.setLayout(column(self._rows, self._empty, margins=(0, 0, 0, 0), spacing=0))
        title = QWidget()
        title.setLayout(row(self._title, self._second, spacing=12))
        self.side_panel = Side(column(scrolled(self._panel), margins=(0, 0, 0, 0)))
        self.middle = middle = page(title, (), body, KEYS)
        box = row(self._dock, upright(), middle, self.side_panel, spacing=0)
        box.setStretch(2, 1)
        self.setLayout(box)

    # --- showing --------------------------------------------------------------
    def _take(self, changes: Changes) -> None:
        if not self.isVisible():
            return
        halts = open_halts(self._context.store.model)
        news = changes.alarms or changes.reviews or changes.robots or halts != self._halts
        self._halts = halts
        if changes.everything or news:
            self._refresh_soon.ask()
        elif changes.fleet:
            self._rows.viewport().update()  # their ages

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def refresh(self) -> None:
        """The alarms of the view; what looks as before is not painted anew."""
        alarms = ordered(self._context.store.model.alarms.values())
        for key, _text, _icon, fits in VIEWS:
            self._dock.set_count(key, sum(1 for a in alarms if fits(a)))
        fits = next(view[3] for view in VIEWS if view[0] == self._dock.view)
        lines = tuple(
            AlarmLine(a, cure.text if (cure := self._cure(a)) is not None else "")
            for a in [a for a in alarms if fits(a)][:SHOWN]
        )
        self._tell(alarms)
        self._model.set_lines(lines)
        self._rows.fit_rows(lines)
        self._empty.setVisible(not lines)
        self._rows.setVisible(bool(lines))
        there = self._model.ids
        first = there[0] if there else ""
        self.choose(self._model.chosen if self._model.chosen in there else first)

    def _tell(self, alarms: list[AlarmView]) -> None:
        active = [a for a in alarms if a.gone_ms is None]
        fresh = [a for a in active if not a.acknowledged_by]
        words = "nothing needs you"
        if fresh:
            oldest = self._context.store.model.at_ms - min(a.raised_ms for a in fresh)
            words = f"{len(fresh)} not acknowledged, oldest for {duration(oldest)}"
        kinds: dict[str, int] = {}
        for alarm in alarms:
            name = alarm.kind.value.replace("_", " ").capitalize()
            kinds[name] = kinds.get(name, 0) + alarm.count
        top = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:4]
        put(self._title, f"{len(active)} active")
        put(self._second, words)
        put(self._counts, "\n".join(f"{name}: {count}" for name, count in top) or "–")

    # --- the chosen one ---------------------------------------------------------
    def choose(self, alarm_id: str) -> None:
        """Show what to do about it."""
        if alarm_id != self._model.chosen:
            self._model.choose(alarm_id)
            self._rows.scrollTo(self._model.index(self._model.row_of(alarm_id)))
        alarm = self._context.store.model.alarms.get(alarm_id)
        self.side_panel.want(wanted=alarm is not None)
        if alarm is not None:
            cure = self._cure(alarm)
            names = tuple(self._name(robot_id) for robot_id in alarm.robot_ids)
            self._panel.show_alarm(alarm, cure.text if cure is not None else "", names)

    def _name(self, robot_id: str) -> str:
        robot = self._context.store.model.robots.get(robot_id)
        return robot.name if robot is not None else robot_id

    def _cure(self, alarm: AlarmView) -> Cure | None:
        """Answer the review, release the robot, let the fleet go on, or go and look."""
        model = self._context.store.model
        halt = halt_of(model, alarm)
        if halt is not None:
            return Cure(
                "Go on …", lambda: self._context.open_sheet(EndHaltSheet(self._context, halt))
            )
        if not alarm.robot_ids:
            return None
        robot_id = alarm.robot_ids[0]
        if any(r.robot_id == robot_id and r.answered_ms is None for r in model.reviews.values()):
            return Cure("Review", lambda: self._context.hub.page_wanted.emit("Reviews"))
        robot = model.robots.get(robot_id)
        if robot is not None and robot.holds and alarm.gone_ms is None:
            return Cure(
                "Release …", lambda: self._context.open_sheet(ReleaseSheet(self._context, robot))
            )
        return Cure(f"Show {self._name(robot_id)}", lambda: self._show(robot_id))

    # --- acts -------------------------------------------------------------------
    def _do(self, alarm_id: str, act: str) -> None:
        """A button of a row."""
        self.choose(alarm_id)
        if act == CURE:
            self.cure_chosen()
        else:
            self.acknowledge_chosen()

    def _show(self, robot_id: str) -> None:
        self._context.hub.page_wanted.emit("Map")
        self._context.hub.robot_selected.emit(robot_id)

    def acknowledge_chosen(self) -> None:
        """Space: somebody has seen it."""
        alarm = self._context.store.model.alarms.get(self._model.chosen)
        if alarm is not None and not alarm.acknowledged_by:
            self._context.commands.send(
                AcknowledgeAlarm(new_id(), alarm.alarm_id),
                lambda answer: self._context.toast(words_of(answer)),
            )

    def cure_chosen(self) -> None:
        """Enter: the first action."""
        alarm = self._context.store.model.alarms.get(self._model.chosen)
        cure = self._cure(alarm) if alarm is not None else None
        if cure is not None:
            cure.act()

    def move_on(self, step: int) -> None:
        """The next or previous row."""
        names = self._model.ids
        if names:
            at = names.index(self._model.chosen) if self._model.chosen in names else -step
            self.choose(names[max(0, min(len(names) - 1, at + step))])


def ordered(alarms: Iterable[AlarmView]) -> list[AlarmView]:
    """Those that last first, by priority, unseen ones before seen ones, then by age."""
    return sorted(
        alarms,
        key=lambda a: (a.gone_ms is not None, a.priority, bool(a.acknowledged_by),
                       a.raised_ms, a.alarm_id),
    )  # fmt: skip
