"""Rows of task files: the window and the command line take the same and say the same."""

import pytest

from fleetapp.api.layout import Layout, StationDrawing
from fleetapp.api.views import NOT_STOPPED, FleetView, Snapshot
from fleetapp.cli.task_file import read_tasks
from fleetapp.client.task_order import Known, known_of, task_of
from fleetapp.terms.modes import StationKind
from ui.models.line_words import Names
from ui.models.task_import import check_rows

NOW_MS = 1_800_000_000_000  # 2027-01-15T08:00Z
KNOWN = Known(frozenset({"A01-11", "A02-12"}), frozenset({"P3"}), NOW_MS)
NAMES = Names(KNOWN.sources, KNOWN.targets, {}, frozenset({"T-1"}), now_ms=NOW_MS)
HEAD = "from,to,sku,count,priority,due,task_id"
ROWS = (
    "A01-11,P3,S1,1,,,W-1",
    "A01-12,P3,S1,1,,,",
    ",P3,S1,1,,,",
    "A01-11,P9,S1,1,,,",
    "A01-11,P3,,1,,,",
    "A01-11,P3,S1,0,,,",
    "A01-11,P3,S1,1,soon,,",
    "A01-11,P3,S1,1,,noon,",
    "A01-11,P3,S1,1,,2020-01-01T10:00,",
    "A01-11,P3,S1,1,,,T-1",
    "A01-11,P3,S1,1,,,W-1",
    "A01-11,P3,S1,1,,,,extra",
    'A01-11,P3,"S1',
    '2",1,,,',
    "a0212,p3,S1,2,HIGH,2031-01-01T10:00,W-2",
    'A01-11,P3,"S1,1,,,',
    "A01-11,P3,S1,1,,,",
)


def station(name, kind):
    return StationDrawing(name, kind, name, 0, 0, 1, 1, ())


def test_window_and_command_line_say_the_same_of_every_row(tmp_path):
    path = tmp_path / "tasks.csv"
    path.write_text("\n".join((HEAD, *ROWS, "")))

    told = read_tasks(path, KNOWN)
    with path.open(newline="") as lines:
        shown = check_rows(path.name, lines, NAMES, lambda: "id")

    bad = [(row.line, row.problem) for row in told if row.task is None]
    assert bad == [(row.line, row.remedy) for row in shown.bad]
    assert [line for line, _ in bad] == [*range(3, 11), 12, 13, 14, 17]
    good = [2, 11, 16]  # whether a task that is known by its id is the same, the engine says
    assert [row.line for row in told if row.task] == [line for line, _ in shown.good] == good


def test_window_and_command_line_refuse_a_first_line_alike(tmp_path):
    path = tmp_path / "tasks.csv"
    path.write_text("start,end\nA,B\n")

    with pytest.raises(ValueError, match="the first line must name columns") as refused:
        read_tasks(path, KNOWN)

    shown = check_rows(path.name, ["start,end\n"], NAMES, lambda: "id")
    assert [row.remedy for row in shown.bad] == [str(refused.value)]


def test_a_site_says_where_goods_may_be_picked_and_brought():
    kinds = {"A1": StationKind.PICK, "G1": StationKind.GOODS_IN, "P1": StationKind.PACK}
    stations = tuple(station(name, kind) for name, kind in kinds.items())
    layout = Layout("s", "S", "d", "1", (0, 0, 1, 1), (), (), stations, (), (), (), ())
    fleet = FleetView(
        "s", "S", "1", 7, 0, NOT_STOPPED, (), 0, 0, 0, 0, 0, 0, (), 0, 0, 0, 0, 0, 0, 0,
        first_user_needed=False,
    )  # fmt: skip

    known = known_of(layout, Snapshot(1, 7, fleet, (), (), (), ()))

    assert known == Known(frozenset({"A1", "G1"}), frozenset({"G1", "P1"}), 7)


@pytest.mark.parametrize("said", ["23:61", "1:2:3", "99:99", "٣٣:٣٣", "noon", "0001-01-01T00:00"])
def test_a_due_time_that_is_none_is_refused(said):
    row = {"from": "A01-11", "to": "P3", "sku": "S", "due": said}

    with pytest.raises(ValueError, match="due"):
        task_of(row, KNOWN, "id")


def test_a_time_of_day_is_the_next_one():
    row = {"from": "A01-11", "to": "P3", "sku": "S"}
    times = [f"{hour:02d}{minute}" for hour in range(24) for minute in (":00", "30")]

    taken = []
    for said in times:
        try:
            taken.append(task_of({**row, "due": said}, KNOWN, "id").due_ms)
        except ValueError as error:
            assert "has passed" in str(error)

    assert all(0 < at_ms - NOW_MS <= 24 * 3_600_000 for at_ms in taken)
    assert len(taken) >= 22
