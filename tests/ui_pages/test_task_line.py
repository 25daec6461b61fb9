"""One typed line: what it means, what it still lacks, and what may come next."""

from datetime import datetime

import pytest
from shown_fleet import NOW, fleet_snapshot, shown_tasks

from fleetapp.api.commands import HoldRobot, StopAll, SubmitTask
from fleetapp.api.layout import StationDrawing
from fleetapp.terms.modes import Priority, StationKind
from ui.models.line_hints import Kind, hints, marks
from ui.models.line_offers import Known, offers
from ui.models.line_words import Names
from ui.models.task_line import parse

NAMES = Names(
    sources=frozenset({"A05-14", "A07-02"}),
    targets=frozenset({"P3", "P4"}),
    robots={"r01": "sim/r01", "r17": "sim/r17"},
    tasks=frozenset({"T-20914", "T-20801"}),
    open_tasks=frozenset({"T-20914"}),
    held=frozenset({"sim/r01"}),
    now_ms=NOW,
)


def clock_in(minutes):
    return f"{datetime.fromtimestamp(NOW / 1000 + minutes * 60).astimezone():%H:%M}"


def test_a_whole_line_orders_a_pick_however_it_is_written():
    meant = parse("PICK 2 4006381-12 from a0514 to p3 priority high with R17", NAMES, "c1")

    assert meant.commands == (
        SubmitTask(
            "c1", "A05-14", "P3", sku="4006381-12", count=2, priority=Priority.HIGH,
            robot_id="sim/r17",
        ),
    )  # fmt: skip


def test_a_deadline_is_the_next_moment_of_that_time_of_day():
    line = f"bring S1 to P3 from A05-14 by {clock_in(20)} after t20914"

    command = parse(line, NAMES, "c1").commands[0]

    assert 19 * 60_000 <= command.due_ms - NOW <= 20 * 60_000
    assert command.after_task_id == "T-20914"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "Nothing typed"),
        ("pick", "Item missing"),
        ("pick S1", "From missing"),
        ("pick S1 from", "Station missing"),
        ("pick S1 from A05-14 to P", "Station missing"),
        ("pick S1 from A05-14", "To missing"),
        ("pick S1 from A9-02 to P3", "No station A9-02: A07-02?"),
        ("pick S1 from P3 to P4", "Nothing is picked at P3"),
        ("pick S1 from A05-14 to A07-02", "Nothing is brought to A07-02"),
        ("pick 5000 S1 from A05-14 to P3", "Count 5000"),
        ("pick S1 from A05-14 to P3 priority soon", "No priority soon"),
        ("pick S1 from A05-14 to P3 with r99", "No robot r99"),
        ("pick S1 from A05-14 to P3 by noon", "write it as 14:30"),
        (f"pick S1 from A05-14 to P3 by {clock_in(-30)}", "has passed"),
        ("pick S1 from A05-14 to P3 after T-20801", "No task T-20801"),
        ("hold", "Robot missing"),
        ("hold r01, r99", "No robot r99"),
        ("release r17", "r17 is not held"),
        ("stop", "Stop all?"),
        ("dance r01", "dance is not known"),
        ("hld r01", "hold?"),
    ],
)
def test_an_incomplete_line_says_what_is_missing_and_means_nothing(text, missing):
    meant = parse(text, NAMES, "c1")

    assert meant.commands == ()
    assert missing in meant.missing


def test_robots_are_held_asked_about_and_released_by_name():
    assert parse("hold r17 because wheel noise", NAMES, "c").commands == (
        HoldRobot("c", "sim/r17", "wheel noise"),
    )
    assert parse("hold r17, r01", NAMES, "c").commands == (
        HoldRobot("c", "sim/r17"),
        HoldRobot("c-1", "sim/r01"),
    )
    assert parse("why is r01 waiting", NAMES, "c").show_robot == "sim/r01"
    assert parse("why T-20914", NAMES, "c").show_task == "T-20914"
    assert parse("release r01", NAMES, "c").release_robot == "sim/r01"
    assert parse("cancel t-20914", NAMES, "c").cancel_task == "T-20914"
    assert parse("find 4006381 P3", NAMES, "c").find == "4006381 P3"
    assert parse("Stop All", NAMES, "c").commands == (StopAll("c", "typed"),)


def station(name, x_m, kind=StationKind.PACK):
    return StationDrawing(name, kind, name, x_m, 0.0, 1.0, 1.0, ())


def known_with(names=NAMES, **stations):
    placed = {name.replace("_", "-"): station(name, x) for name, x in stations.items()}
    return Known(names, placed, fleet_snapshot().robots, shown_tasks())


def test_stations_to_bring_to_are_offered_by_distance_with_the_reason():
    rows = offers("pick S1 from A05-14 to P", known_with(A05_14=0.0, P3=30.0, P4=12.0))

    assert [(row.name, row.why.split(";")[0]) for row in rows] == [
        ("P4", "nearest free station, 12 m"),
        ("P3", "free, 30 m"),
    ]
    assert rows[0].line == "pick S1 from A05-14 to P4 "


def test_robots_that_stand_are_offered_first_with_their_sentence():
    names = Names(frozenset(), frozenset(), {"r09": "halden/r09", "r01": "halden/r01"})

    rows = offers("why r", known_with(names))

    assert rows[0].name == "r09"
    assert rows[0].why.startswith("No report for 14 s")


def test_only_held_robots_are_offered_for_release():
    assert [row.name for row in offers("release r", known_with())] == ["r23", "r31"]


def test_a_word_that_is_not_known_is_offered_its_nearest_guess():
    rows = offers("pick S1 from A9-02", known_with())

    assert [(row.name, row.why) for row in rows] == [("A07-02", "nearest to “A9-02”")]


def test_after_a_whole_slot_the_next_words_are_offered():
    assert [row.name for row in offers("pick S1 ", known_with())] == ["from"]
    assert [row.name for row in offers("pick S1 from A05-14 t", known_with())] == ["to"]
    last = offers("pick S1 from A05-14 to P3 by 14:30 ", known_with())
    assert [row.name for row in last] == ["priority", "with", "after"]


def test_words_are_marked_as_understood_or_not_and_open_slots_are_hinted():
    text = "pick 1 4006381-33 from Z9 to P"

    kinds = [mark.kind for mark in marks(text, NAMES, len(text))]

    assert kinds == [
        Kind.VERB, Kind.VALUE, Kind.CODE, Kind.SIGN, Kind.UNKNOWN, Kind.SIGN, Kind.VALUE,
    ]  # fmt: skip
    assert hints(text) == "by time · priority · with robot · after task"
    assert (
        hints("pick S1 from ")
        == "station to station · by time · priority · with robot · after task"
    )


def test_of_a_thousand_stations_and_tasks_only_the_eight_that_fit_best_are_offered():
    many = frozenset(f"A{n // 30:02d}-{n % 30:02d}" for n in range(1000))
    names = Names(many, many, NAMES.robots, now_ms=NOW)
    known = Known(
        names, {n: station(n, 1.0) for n in many}, fleet_snapshot().robots, shown_tasks() * 70
    )

    rows = offers("pick S1 from A05-14 to A1", known)

    assert len(rows) == 8
    assert all(row.name.startswith("A1") for row in rows)
