"""The share on time counts what was done in the last hour and had a due time."""

from functools import cache
from pathlib import Path

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.engine.views.fleet import DoneCounter, JournalHealth, StandstillTimes, fleet_view
from fleetapp.engine.views.guarded import ViewGuard
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem

ROOT = Path(__file__).parents[2]


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def figures_of(system):
    view = fleet_view(
        system.state,
        done=DoneCounter(),
        standstill=StandstillTimes(),
        journal=JournalHealth(0, 0, ok=True, detail=""),
        stop_sent_after_ms=None,
        first_user_needed=False,
        guard=ViewGuard(),
    )
    return view.tasks_due_done, view.tasks_on_time


def test_late_tasks_count_against_it_and_those_without_a_due_time_do_not_count():
    system = WholeSystem(floor(), robots=3, robot_type="plain")
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    pack = next(s.station_id for s in stations if s.kind.value == "pack")
    for number, due_in_ms in enumerate((3_000_000, 1_000, None)):
        due_ms = None if due_in_ms is None else system.now_ms + due_in_ms
        system.command(
            asked.SubmitTask(system.command_id(), picks[number], pack, sku="S1", due_ms=due_ms)
        )

    system.run(300_000)
    done, counted = system.state.done_count, figures_of(system)
    system.run(3_700_000)

    assert done == 3
    assert counted == (2, 1)
    assert figures_of(system) == (0, 0)
