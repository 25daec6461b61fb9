"""What of a report the core reads, when it is news, newer, or beyond the base: at the limits."""

from dataclasses import replace

import pytest

from fleetapp.core.observations import ErrorSeen
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.vda5050 import wire
from fleetapp.vda5050.freshness import Freshness
from fleetapp.vda5050.orders import EdgeToSend, NodeToSend, OrderToSend
from fleetapp.vda5050.reporting import about, is_news, report_of
from fleetapp.vda5050.straying import beyond_base


def state(**fields):
    told = {
        "agv_position": wire.AgvPosition(1.0, 2.0, 0.5, "hall", True),
        "battery_state": wire.BatteryState(80.0, False),
        "operating_mode": "AUTOMATIC",
        "safety_state": wire.SafetyState("NONE", field_violation=False),
        "loads": [],
    }
    return wire.State(**(told | fields))


def report(before=None, **fields):
    return report_of("acme/r1", state(**fields), 5_000, before)


def test_a_report_is_read_in_whole_units():
    told = report(driving=True, paused=True, loads=[{}], order_id="o1", order_update_id=3)

    assert (told.x_mm, told.y_mm, told.heading_mrad, told.map_id) == (1_000, 2_000, 500, "hall")
    assert (told.battery_permille, told.charging) == (800, False)
    assert (told.driving, told.paused, told.load) == (True, True, LoadState.LOADED)
    assert (told.order_id, told.order_update_id, told.at_ms) == ("o1", 3, 5_000)
    assert told.mode is OperatingMode.AUTOMATIC


def test_what_a_report_leaves_out_is_unknown_and_never_well():
    told = report_of("acme/r1", wire.State(), 5_000)

    assert (told.x_mm, told.y_mm, told.heading_mrad, told.map_id) == (None, None, None, "")
    assert (told.localized, told.battery_permille, told.charging) == (False, None, False)
    assert (told.load, told.mode) == (LoadState.UNKNOWN, OperatingMode.UNKNOWN)
    assert (told.driving, told.paused, told.field_violation) == (False, False, False)
    assert told.emergency_stop is EmergencyStop.NONE


@pytest.mark.parametrize(("initialized", "localized"), [(True, True), (None, True), (False, False)])
def test_only_a_robot_that_says_so_does_not_know_where_it_is(initialized, localized):
    position = wire.AgvPosition(1.0, 2.0, 0.0, "hall", initialized)

    assert report(agv_position=position).localized is localized


def test_what_its_safety_controller_said_holds_until_it_says_something_else():
    stopped = report(safety_state=wire.SafetyState("MANUAL", field_violation=True))
    silent = report(stopped, safety_state=None)
    half = report(stopped, safety_state=wire.SafetyState("", field_violation=None))
    over = report(stopped)

    assert [r.emergency_stop for r in (silent, half)] == [EmergencyStop.MANUAL] * 2
    assert [r.field_violation for r in (silent, half)] == [True, True]
    assert (over.emergency_stop, over.field_violation) == (EmergencyStop.NONE, False)
    assert report(safety_state=wire.SafetyState("odd")).emergency_stop is EmergencyStop.UNKNOWN


RUNS = wire.ActionState("a1", "RUNNING", "pick")
DONE = wire.ActionState("a1", "FINISHED", "pick")


@pytest.mark.parametrize(
    ("fields", "idle"),
    [
        ({}, True),
        ({"node_states": [wire.NodeState("n", 2)]}, False),
        ({"edge_states": [wire.EdgeState("e", 1)]}, False),
        ({"action_states": [RUNS]}, False),
        ({"action_states": [DONE]}, True),
        ({"action_states": [DONE, RUNS]}, False),
    ],
)
def test_idle_is_whoever_has_no_node_edge_or_action_left(fields, idle):
    assert report(**fields).idle is idle


def error(level, name, about_node="n1"):
    return wire.Error(name, level, "text", None, [wire.Reference("nodeId", about_node)])


def test_the_gravest_errors_come_first_and_twenty_are_kept():
    levels = ["WARNING", "URGENT", "CRITICAL", "FATAL", "odd"]
    told = report(errors=[error(level, f"{level}{n}") for n in range(6) for level in levels])

    grave = [e.level for e in told.errors]
    assert grave[:18] == ["FATAL"] * 6 + ["CRITICAL"] * 6 + ["URGENT"] * 6
    assert len(grave) == 20
    assert set(grave[18:]) <= {"WARNING", "ODD"}


def test_what_an_error_is_about_does_not_depend_on_the_order_of_its_references():
    one, other = wire.Reference("nodeId", "n1"), wire.Reference("orderId", "o1")

    assert about(wire.Error(error_references=[one, other])) == "nodeId=n1|orderId=o1"
    assert about(wire.Error(error_references=[other, one])) == "nodeId=n1|orderId=o1"
    assert about(wire.Error()) == ""


BEFORE = replace(report(), x_mm=0, y_mm=0, battery_permille=805)


@pytest.mark.parametrize(
    ("changes", "news"),
    [
        ({}, False),
        ({"at_ms": 9_000}, False),
        ({"heading_mrad": 9}, False),
        ({"x_mm": 49}, False),
        ({"x_mm": 50}, True),
        ({"x_mm": -50}, True),
        ({"x_mm": 25, "y_mm": -25}, True),
        ({"x_mm": 24, "y_mm": -25}, False),
        ({"x_mm": None, "y_mm": None}, True),
        ({"battery_permille": 800}, False),
        ({"battery_permille": 809}, False),
        ({"battery_permille": 799}, True),
        ({"battery_permille": 810}, True),
        ({"battery_permille": None}, True),
        ({"paused": True}, True),
        ({"idle": False}, True),
        ({"localized": False}, True),
        ({"map_id": "yard"}, True),
        ({"load": LoadState.LOADED}, True),
        ({"emergency_stop": EmergencyStop.MANUAL}, True),
        ({"mode": OperatingMode.MANUAL}, True),
        ({"order_update_id": 1}, True),
    ],
    ids=str,
)
def test_of_a_standing_robot_five_centimetres_are_news_and_of_its_charge_a_percent(changes, news):
    assert is_news(BEFORE, replace(BEFORE, **changes)) is news


def test_of_a_driving_robot_half_a_metre_is_news():
    driving = replace(BEFORE, driving=True)

    assert not is_news(driving, replace(driving, x_mm=499))
    assert is_news(driving, replace(driving, x_mm=500))
    assert is_news(None, driving)
    assert is_news(BEFORE, driving)


def test_a_robot_without_a_position_is_news_once():
    lost = replace(BEFORE, x_mm=None, y_mm=None, localized=False)

    assert not is_news(lost, replace(lost, at_ms=9_000))
    assert is_news(lost, BEFORE)


def test_an_error_is_news_by_what_it_is_about_and_not_by_its_text_order_or_repetition():
    one, other = ErrorSeen("a", "WARNING", "for 1 s", "n1"), ErrorSeen("b", "WARNING", "", "n1")
    before = replace(BEFORE, errors=(one, other))

    for errors in ((other, one), (one, one, other), (replace(one, text="for 2 s"), other)):
        assert not is_news(before, replace(before, errors=errors))
    for errors in ((one,), (replace(one, about="n2"), other), (replace(one, level="FATAL"), other)):
        assert is_news(before, replace(before, errors=errors))


# --- Newer ---------------------------------------------------------------------


def head(number, second=None):
    at = None if second is None else f"2026-01-01T00:{second // 60:02d}:{second % 60:02d}Z"
    return wire.Header(header_id=number, timestamp=at)


def heard(*heads):
    fresh = Freshness()
    return [fresh.takes(one) for one in heads]


@pytest.mark.parametrize(
    ("first", "second", "newer"),
    [
        (5, 6, True),
        (5, 5, False),
        (2_000, 1_001, False),  # 999 behind: held up on the way
        (2_000, 1_000, True),  # 1,000 behind: begun anew
        (2**32 - 1, 0, True),
        (0, 2**32 - 1, False),
        (111, 99, True),  # small and far behind: begun anew
        (110, 99, True),
        (109, 99, False),
        (200, 100, False),
        (None, 3, True),
        (3, None, True),
    ],
)
def test_without_timestamps_the_header_id_says_what_is_newer(first, second, newer):
    assert heard(head(first), head(second)) == [True, newer]


@pytest.mark.parametrize(
    ("first", "second", "newer"),
    [
        ((50, 10), (50, 10), False),
        ((50, 10), (50, 11), True),
        ((50, 11), (40, 10), False),
        ((50, 100), (3, 40), False),  # 60 s older: held up on the way
        ((50, 101), (3, 40), True),  # more: its clock was set back when it began anew
        ((50, 101), (45, 40), False),
    ],
)
def test_where_the_header_id_says_old_the_timestamp_may_say_that_it_began_anew(
    first, second, newer
):
    assert heard(head(*first), head(*second)) == [True, newer]


def test_a_report_that_is_not_taken_does_not_count_as_the_newest():
    assert heard(head(10), head(5), head(8), head(11)) == [True, False, False, True]


# --- Beyond the base -------------------------------------------------------------

ORDER = OrderToSend(
    "o1",
    0,
    "hall",
    tuple(NodeToSend(f"n{n}", float(2 * n), 0.0, ()) for n in range(4)),
    tuple(EdgeToSend(f"e{n}", 2.0, 1.0) for n in range(3)),
    1,
)


@pytest.mark.parametrize(
    ("x", "y", "node"),
    [
        (2.0, 0.0, None),
        (2.59, 0.0, None),  # up to 0.6 m past the end of its base is no matter
        (2.61, 0.0, 2),
        (2.9, 0.5, 2),
        (2.9, 0.51, None),  # off every line: no node says where
        (4.9, 0.0, 2),
        (5.1, 0.0, 3),
        (6.5, 0.0, 3),
        (1.0, 0.6, None),
    ],
)
def test_beyond_its_base_is_who_is_on_the_line_that_was_not_released(x, y, node):
    assert beyond_base(ORDER, wire.AgvPosition(x, y, 0.0, "hall", True)) == node


@pytest.mark.parametrize(
    "position",
    [
        None,
        wire.AgvPosition(5.0, 0.0, 0.0, "hall", False),
        wire.AgvPosition(5.0, 0.0, 0.0, "yard", True),
    ],
)
def test_a_position_that_says_nothing_of_this_floor_is_not_beyond(position):
    assert beyond_base(ORDER, position) is None


def test_a_position_without_a_map_is_one_on_the_orders_map_and_a_whole_base_has_no_beyond():
    there = wire.AgvPosition(5.0, 0.0, 0.0, "", None)

    assert beyond_base(ORDER, there) == 2
    assert beyond_base(replace(ORDER, released_to=2), there) == 3
    assert beyond_base(replace(ORDER, released_to=3), there) is None


def test_two_nodes_at_one_place_are_a_line_without_length():
    nodes = (ORDER.nodes[0], ORDER.nodes[0], ORDER.nodes[1], ORDER.nodes[2])
    order = replace(ORDER, nodes=nodes)

    assert beyond_base(order, wire.AgvPosition(0.0, 0.0, 0.0, "hall", True)) is None
    assert beyond_base(order, wire.AgvPosition(2.0, 0.0, 0.0, "hall", True)) == 2
