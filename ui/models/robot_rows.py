"""Robots in the order in which they need a person; filtered by state and words."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from fleetapp.api.model import Changes
from fleetapp.api.views import RobotView
from fleetapp.terms.modes import RobotState

from .stop_look import state_word
from .store import Store

ORDER = (
    RobotState.EMERGENCY_STOP,
    RobotState.STOPPED,
    RobotState.HELD,
    RobotState.SILENT,
    RobotState.WAITING,
    RobotState.NOTICED,
    RobotState.SERVICE,
    RobotState.WORKING,
    RobotState.CHARGING,
    RobotState.IDLE,
)
NEED_YOU = frozenset(ORDER[:4])
AGEING = frozenset({RobotState.WAITING, RobotState.SILENT})  # their rows say for how long
Index = QModelIndex | QPersistentModelIndex


class RobotListModel(QAbstractListModel):
    """Rows in order of urgency, then by name."""

    def __init__(self, store: Store) -> None:
        """Empty until it is told what changed."""
        super().__init__()
        self._store = store
        self._ids: list[str] = []
        self.only = "all"
        self.words = ""

    def take(self, changes: Changes) -> None:
        """Sort anew if somebody's state changed; else repaint."""
        if not (changes.everything or changes.robots or changes.fleet):
            return
        wanted = self._wanted()
        if wanted != self._ids:
            self.layoutAboutToBeChanged.emit()
            before = [self._id_at(i.row()) for i in self.persistentIndexList()]
            self._ids = wanted
            for old, name in zip(self.persistentIndexList(), before, strict=True):
                row = wanted.index(name) if name in wanted else -1
                self.changePersistentIndex(old, self.index(row) if row >= 0 else QModelIndex())
            self.layoutChanged.emit()
        else:
            for row in self._rows_to_paint(changes):
                self.dataChanged.emit(self.index(row), self.index(row))

    def _rows_to_paint(self, changes: Changes) -> list[int]:
        """Rows of robots that changed, and with the fleet's time those that show an age."""
        if changes.everything or (changes.fleet and self._stopped()):
            return list(range(len(self._ids)))
        changed, robots = frozenset(changes.robots), self._store.model.robots
        return [
            row
            for row, name in enumerate(self._ids)
            if name in changed or (changes.fleet and robots[name].state in AGEING)
        ]

    def refresh(self) -> None:
        """The filter changed."""
        self.take(Changes(everything=True))

    def _id_at(self, row: int) -> str:
        return self._ids[row] if 0 <= row < len(self._ids) else ""

    def _wanted(self) -> list[str]:
        robots = [r for r in self._store.model.robots.values() if self._shown(r)]
        robots.sort(key=lambda r: (ORDER.index(r.state) if _urgent(r) else 9, r.name))
        return [robot.robot_id for robot in robots]

    def _shown(self, robot: RobotView) -> bool:
        if self.words and not self._sought(robot):
            return False
        if self.only == "need":
            return robot.state in NEED_YOU
        if self.only == "waiting":
            return robot.state is RobotState.WAITING
        if self.only == "working":
            return robot.state is RobotState.WORKING
        fleet = self._store.model.fleet
        if fleet is not None and self.only == "moving":
            return robot.robot_id in fleet.stop.sent
        if fleet is not None and self.only == "silent":
            return robot.robot_id in fleet.stop.no_answer
        return True

    def _sought(self, robot: RobotView) -> bool:
        text = f"{robot.name} {robot.place} {robot.doing} {robot.robot_id}".lower()
        return all(word in text for word in self.words.lower().split())

    def _stopped(self) -> bool:
        fleet = self._store.model.fleet
        return fleet is not None and fleet.stop.active

    def rowCount(self, _parent: Index | None = None) -> int:
        """Number of rows."""
        return len(self._ids)

    def data(self, index: Index, role: int = 0) -> object:
        """The robot under `UserRole`, its name and state as text."""
        robot = self._store.model.robots.get(self._id_at(index.row()))
        if role == Qt.ItemDataRole.UserRole:
            return robot
        if role == Qt.ItemDataRole.AccessibleTextRole and robot is not None:
            word = state_word(robot, self._store.model.fleet)
            return f"{robot.name}, {word}, {robot.doing}"
        return None

    def row_of(self, robot_id: str) -> int:
        """Its row, -1 if it is not shown."""
        return self._ids.index(robot_id) if robot_id in self._ids else -1


def _urgent(robot: RobotView) -> bool:
    return ORDER.index(robot.state) <= ORDER.index(RobotState.NOTICED)
