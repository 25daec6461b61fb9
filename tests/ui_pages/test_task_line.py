"""One typed line: what it means, and what it still lacks."""

import pytest

from fleetapp.api.commands import HoldRobot, StopAll, SubmitTask
from fleetapp.terms.modes import Priority
from ui.models.task_line import Names, completions, parse

NAMES = Names(frozenset({"A05-14", "A07-02", "P3"}), {"r01": "sim/r01", "r17": "sim/r17"})


def test_a_whole_line_orders_a_pick_however_it_is_written():
    meant = parse("PICK 2 4006381-12 from a0514 to p3 priority high with R17", NAMES, "c1").command

    assert meant == SubmitTask(
        "c1", "A05-14", "P3", sku="4006381-12", count=2, priority=Priority.HIGH, robot_id="sim/r17"
    )


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "pick SKU"),
        ("pick", "what?"),
        ("pick S1", "from which"),
        ("pick S1 from A05-14", "to which"),
        ("pick S1 from Z9 to P3", "no station Z9"),
        ("pick S1 from A05-14 to P3 priority soon", "low, normal or high"),
        ("pick S1 from A05-14 to P3 with r99", "no robot r99"),
        ("hold", "which robot"),
        ("hold r99", "no robot r99"),
        ("dance r01", "is not known"),
    ],
)
def test_an_incomplete_line_says_what_is_missing_and_sends_nothing(text, missing):
    meant = parse(text, NAMES, "c1")

    assert meant.command is None
    assert missing in meant.missing


def test_robots_are_held_asked_about_and_released_by_name():
    assert parse("hold r17 wheel noise", NAMES, "c").command == HoldRobot(
        "c", "sim/r17", "wheel noise"
    )
    assert parse("why r01", NAMES, "c").show_robot == "sim/r01"
    assert parse("release r01", NAMES, "c").release_robot == "sim/r01"
    assert parse("stop all", NAMES, "c").command == StopAll("c", "typed")


def test_completion_offers_stations_after_from_and_robots_after_why():
    assert completions("pick S1 from a0", NAMES) == [
        "pick S1 from A05-14",
        "pick S1 from A07-02",
    ]
    assert completions("why r1", NAMES) == ["why r17"]
