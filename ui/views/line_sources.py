"""What the task line may name now, from the layout and the live fleet."""

from fleetapp.api.layout import Layout, StationDrawing
from fleetapp.terms.modes import SOURCE_KINDS, TARGET_KINDS

from ..context import Context
from ..models.line_offers import Known
from ..models.line_words import Names
from ..models.stop_look import as_reported
from ..models.task_rows import ENDED


class LineSources:
    """Stations are read once a layout, robots and tasks each time."""

    def __init__(self, context: Context) -> None:
        """Nothing read yet."""
        self._context = context
        self._layout: Layout | None = None
        self._stations: dict[str, StationDrawing] = {}
        self._sources: frozenset[str] = frozenset()
        self._targets: frozenset[str] = frozenset()

    def known(self) -> Known:
        """Names and what is behind them."""
        self._read_layout()
        model = self._context.store.model
        robots = tuple(as_reported(robot, model.fleet) for robot in model.robots.values())
        admitted = [robot for robot in robots if robot.admitted]
        names = Names(
            self._sources,
            self._targets,
            {robot.name.lower(): robot.robot_id for robot in admitted},
            frozenset(model.tasks),
            frozenset(t.task_id for t in model.tasks.values() if t.state not in ENDED),
            frozenset(robot.robot_id for robot in admitted if robot.holds),
            model.at_ms,
        )
        return Known(names, self._stations, robots, tuple(model.tasks.values()))

    def _read_layout(self) -> None:
        layout = self._context.layout
        if layout is None or layout is self._layout:
            return
        self._layout = layout
        self._stations = {station.station_id: station for station in layout.stations}
        self._sources = frozenset(s.station_id for s in layout.stations if s.kind in SOURCE_KINDS)
        self._targets = frozenset(s.station_id for s in layout.stations if s.kind in TARGET_KINDS)
