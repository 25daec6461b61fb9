"""Messages that are not used: counted each, told once a robot and minute, an alarm meanwhile."""

from functools import cache
from pathlib import Path

import pytest

from fleetapp.core.observations import MessagesUsable, PayloadRejected
from fleetapp.core.state import prepare_floor
from fleetapp.engine.rejections import MOST_SENDERS, Dropped, Rejections
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.terms.reasons import HoldReason
from fleetapp.vda5050.session import Session

ROOT = Path(__file__).parents[2]
MINUTE_MS = 60_000


def rejected(robot_id="sim/r01", reason="not a state message", count=1, at_ms=0):
    return PayloadRejected(robot_id, at_ms, f"uagv/v2/{robot_id}/state", reason, "mend it", count)


def noted(rejections, message, now_ms, *, dropped=False):
    return list(rejections.note(message, now_ms, dropped=dropped))


def test_the_first_is_told_at_once_and_the_rest_of_the_minute_in_one_row():
    rejections = Rejections()

    first = noted(rejections, rejected(), 0)
    more = [row for n in range(500) for row in noted(rejections, rejected(at_ms=n), n)]
    late = list(rejections.on_time(MINUTE_MS))

    assert [row.count for row in first] == [1]
    assert more == []
    assert [(row.count, row.reason) for row in late] == [(500, "not a state message")]
    assert rejections.tallies()["sim/r01"].unusable == 501


def test_a_row_names_the_commonest_reasons_with_their_counts():
    rejections = Rejections()
    noted(rejections, rejected(), 0)
    noted(rejections, rejected(reason="too long"), 1)
    noted(rejections, rejected(reason="too many", count=40), 2, dropped=True)

    (row,) = rejections.on_time(MINUTE_MS)

    assert row.reason == "too many (40); too long (1)"
    assert (rejections.tallies()["sim/r01"].dropped, row.count) == (40, 41)


def test_each_robot_is_told_of_for_itself():
    rejections = Rejections()

    rows = [noted(rejections, rejected(robot), 0) for robot in ("sim/r01", "sim/r02")]

    assert [len(row) for row in rows] == [1, 1]


def test_a_quiet_minute_ends_the_matter():
    rejections = Rejections()
    noted(rejections, rejected(), 0)

    assert list(rejections.on_time(MINUTE_MS)) == [MessagesUsable("sim/r01", MINUTE_MS)]
    assert rejections.next_deadline_ms() is None


def test_made_up_senders_share_one_entry_once_there_are_too_many():
    rejections = Rejections()

    for number in range(MOST_SENDERS + 500):
        noted(rejections, rejected(f"x/{number}"), 0)

    assert len(rejections.tallies()) <= MOST_SENDERS + 1


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def alarms(system):
    return [
        a.raised.cause
        for a in system.state.alarms.values()
        if a.raised.kind.value == "payload_rejected" and a.gone_ms is None
    ]


def rows_of(system, kind):
    return [entry for entry in system.entries if entry.type == kind]


def test_a_robot_that_sends_rubbish_fills_no_journal_and_its_alarm_ends_by_itself():
    system = WholeSystem(floor(), robots=2, robot_type="plain")
    system.run(2_000)
    robot_id = next(iter(system.robots))

    for _ in range(1_500):  # thirty seconds, each tick one
        system.network.send("fleet", f"uagv/v2/{robot_id}/state", b"{rubbish", system.now_ms)
        system.tick()
    assert len(alarms(system)) == 1
    assert "not a state message" in alarms(system)[0]
    system.run(70_000)
    told = rows_of(system, "PayloadRejected")
    system.run(70_000)

    assert len(told) == 2
    assert system.state.rejected_count == 1_500
    assert alarms(system) == []
    assert not system.state.robots[robot_id].silent


def test_what_the_flood_gate_cut_off_is_journalled_with_its_count():
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    system.run(2_000)
    topic = f"uagv/v2/{next(iter(system.robots))}/state"

    for _ in range(20):
        system._items.append(Dropped(topic, 4_900, "more than 100 messages a second", "look"))
        system.run(1_000)
    assert "more than 100 messages a second" in alarms(system)[0]
    system.run(60_000)

    assert len(rows_of(system, "PayloadRejected")) == 2
    assert system.state.rejected_count == 98_000


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("uagv/v2/acme gmbh/7/state", "manufacturer 'acme gmbh' is not"),
        ("uagv/v2/acme/r\n7/state", "serial number 'r·7' is not"),
        ("uagv/v2/acme/7/what", "not a topic of a robot"),
        ("other/v2/acme/7/state", "not a topic of a robot"),
        ("/" * 500, "not a topic of a robot"),
    ],
)
def test_a_topic_that_is_none_of_a_robot_is_told_with_the_part_that_does_not_fit(topic, says):
    system = WholeSystem(floor(), robots=1, robot_type="plain")

    system.network.send("fleet", topic, b"{}", system.now_ms)
    system.run(1_000)

    assert says in alarms(system)[0]
    assert "publish on uagv/v2/MANUFACTURER/SERIAL/TOPIC" in alarms(system)[0]


def test_a_factsheet_with_numbers_out_of_this_world_stops_nobody():
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    robot_id = next(iter(system.robots))
    sheet = b'{"version": "2.1.0", "physicalParameters": {"length": 1e308, "speedMax": 1e306}}'

    system.network.send("fleet", f"uagv/v2/{robot_id}/factsheet", sheet, system.now_ms)
    system.run(3_000)

    assert b'"length_mm":null' in rows_of(system, "FactsheetSeen")[0].body
    assert system.state.robots[robot_id].node is not None


def test_a_message_that_we_fail_to_read_costs_its_robot_and_not_the_fleet(monkeypatch, caplog):
    system = WholeSystem(floor(), robots=2, robot_type="plain")
    system.run(2_000)
    first, second = system.robots
    read = Session.on_message

    def fail(session, kind, *message, **retained):
        if session.robot_id == first:
            raise ZeroDivisionError
        return read(session, kind, *message, **retained)

    monkeypatch.setattr(Session, "on_message", fail)
    system.run(30_000)

    (broken,) = rows_of(system, "RuleBroke")
    assert b'"fault":"ZeroDivisionError"' in broken.body
    assert [h.reason for h in system.state.robots[first].holds] == [HoldReason.RULE_BROKEN]
    assert system.robots[first].paused
    assert not system.state.robots[second].held
    assert len(rows_of(system, "PartBroke")) == 1
    assert f"the session of {first} failed" in caplog.text
