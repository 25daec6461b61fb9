"""Every state has a way out, and what is named as a remedy is not refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.state import GONE_ALARMS_KEPT
from fleetapp.core.step import step
from fleetapp.fleet.order import ActionKind, Purpose
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1, R2 = "sim/r01", "sim/r02"
LOW = "sim/r04"


class Charged(Game):
    """Robots whose charge the test sets."""

    def __init__(self, *about, charge=None, **more):
        self.charge = charge or {}
        super().__init__(*about, **more)

    def report(self, player):
        permille = self.charge.get(player.robot_id, 900)
        return replace(super().report(player), battery_permille=permille)


def until(game, true, seconds=400):
    for _ in range(seconds * 10):
        if true():
            return
        game.tick()
    raise AssertionError("not in time")


def the_task(game):
    return next(iter(game.state.tasks.values()))


def refusals(game):
    return [r.message.message for r in game.rows if isinstance(r.message, made.CommandRefused)]


def test_a_robot_that_could_not_be_placed_is_placed_when_the_one_in_the_way_is_moved():
    game = Game(SMALL, 3)
    first, second, third = (game.players[f"sim/r0{number}"] for number in (1, 2, 3))
    game.command(asked.RemoveRobot(game.command_id(), "sim/r03", "x"), SUPERVISOR)
    elsewhere = third.node
    second.node = first.node
    game.inbox.append(game.report(second))
    game.tick()
    assert "reserved for r01" in game.state.robots[R2].remedy

    first.node = elsewhere
    game.inbox.append(game.report(first))
    game.tick()

    assert game.state.robots[R2].remedy == ""
    assert game.state.owners[second.node] == R2


def chargers(game):
    return [
        node
        for station in game.floor.site.stations
        if station.kind.value == "charger"
        for node in game.floor.roads["plain"].station_nodes.get(station.station_id, ())
    ]


def test_full_robots_make_room_at_the_chargers_for_one_that_must_charge():
    game = Charged(SMALL, 4)
    places = chargers(game)
    for player, node in zip(list(game.players.values())[: len(places)], places, strict=False):
        player.node = node
    game.charge[f"sim/r{len(places) + 1:02d}"] = 120
    game.inbox.extend(game.report(player) for player in game.players.values())

    until(game, lambda: any(o.purpose is Purpose.CHARGE for o in game.state.orders.values()))

    assert len(places) < 4


def crowded(full, *, low, **more):
    """So many full robots at chargers, the next one on a parking place with little charge."""
    game = Charged(SMALL, full + 1, **more)
    for number, node in enumerate(chargers(game)[:full]):
        game.players[f"sim/r{number + 1:02d}"].node = node
    low_id = f"sim/r{full + 1:02d}"
    road = game.floor.roads["plain"]
    game.players[low_id].node = road.station_nodes["K05"][0]
    game.inbox.extend(game.report(player) for player in game.players.values())
    game.tick()
    game.charge[low_id] = low
    return game, low_id


def says_its_charge(game, robot_id):
    game.inbox.append(game.report(game.players[robot_id]))
    for _ in range(20):
        game.tick()


def told_to_leave(game):
    plans = (r.message for r in game.rows if isinstance(r.message, made.PlanRequested))
    return {plan.robot_id for plan in plans if plan.purpose is Purpose.PARK}


def test_nobody_makes_room_while_a_charger_is_free():
    game, low_id = crowded(2, low=120)

    says_its_charge(game, low_id)

    assert told_to_leave(game) == set()
    assert next(o.purpose for o in game.state.orders.values()) is Purpose.CHARGE


def test_nobody_makes_room_for_one_that_may_not_drive():
    game, low_id = crowded(3, low=120)
    game.command(asked.HoldRobot(game.command_id(), low_id, "look"))
    game.tick()

    says_its_charge(game, low_id)

    assert told_to_leave(game) == set()


def test_one_makes_room_for_one_however_often_that_one_asks():
    game, low_id = crowded(3, low=120)

    for permille in (120, 60, 10):  # each is news
        game.charge[low_id] = permille
        says_its_charge(game, low_id)

    assert told_to_leave(game) == {R1}


def test_if_one_has_no_place_to_go_the_next_makes_room():
    game, low_id = crowded(3, low=120)
    game.command(asked.AdmitRobot(game.command_id(), R1, "carrier", "r01"), SUPERVISOR)
    roads = game.floor.roads
    nowhere = {k: v for k, v in roads["carrier"].station_nodes.items() if not k.startswith("K")}
    roads = {**roads, "carrier": replace(roads["carrier"], station_nodes=nowhere)}
    game.state = replace(game.state, floor=replace(game.floor, roads=roads))
    game.tick()

    says_its_charge(game, low_id)

    assert told_to_leave(game) == {R2}


def test_a_robot_that_finds_no_charger_and_is_nearly_empty_is_an_alarm():
    game = Charged(SMALL, 4)
    places = chargers(game)
    for player, node in zip(list(game.players.values())[: len(places)], places, strict=False):
        player.node = node
        game.charge[player.robot_id] = 150  # they must charge themselves
    last = f"sim/r{len(places) + 1:02d}"
    game.charge[last] = 120
    game.inbox.extend(game.report(player) for player in game.players.values())
    for _ in range(50):
        game.tick()

    alarms = {a.raised.robot_id: a.raised.cause for a in game.state.alarms.values()}
    assert "no charger that it can reach is free" in alarms[last]


def test_a_charger_that_is_somebodys_home_is_free_for_who_must_charge():
    spots = 30
    while True:  # as many robots as there are places
        try:
            game = Charged(SMALL, spots, charge={LOW: 150})
            break
        except IndexError:
            spots -= 1
    homes = {robot.home for robot in game.state.robots.values()}
    assert homes & set(chargers(game))
    for robot_id, player in game.players.items():
        if player.node in chargers(game):
            game.command(asked.RemoveRobot(game.command_id(), robot_id, "x"), SUPERVISOR)
    game.inbox.append(game.report(game.players[LOW]))
    for _ in range(100):
        game.tick()

    made_for = [r.message.purpose for r in game.rows if isinstance(r.message, made.PlanRequested)]
    assert Purpose.CHARGE in made_for


def dropping(game):
    """Its drop has failed for good, the item still on board."""
    game.command(game.pick_task())
    until(game, lambda: game.state.tasks and the_task(game).state is TaskState.DROPPING)
    order = next(o for o in game.state.orders.values() if o.task_id == the_task(game).task_id)
    drop = next(a for a in order.actions if a.kind is ActionKind.DROP)
    player = game.players[order.robot_id]
    player.order, player.acting, player.finished = None, None, True
    game.inbox.append(
        seen.ActionEnded(order.robot_id, 0, order.order_id, drop.action_id, False, "full")
    )
    game.inbox.append(seen.OrderFinished(order.robot_id, 0, order.order_id))
    game.inbox.append(game.report(player))
    game.tick()
    return order.robot_id


def test_a_task_whose_drop_failed_can_be_cancelled_and_its_load_goes_back():
    game = Game(SMALL, 1)
    robot_id = dropping(game)

    game.command(asked.CancelTask(game.command_id(), the_task(game).task_id, "full"), SUPERVISOR)
    game.command(asked.ReleaseHold(game.command_id(), robot_id, BOSS_NOTE), SUPERVISOR)
    until(game, lambda: the_task(game).state is TaskState.CANCELLED)

    assert refusals(game) == []


def test_a_failed_task_can_be_settled_by_hand_and_its_alarm_ends():
    game = Game(SMALL, 1)
    dropping(game)
    game.command(asked.RemoveRobot(game.command_id(), R1, "broken"), SUPERVISOR)
    game.tick()
    assert the_task(game).state is TaskState.FAILED

    game.command(asked.CancelTask(game.command_id(), the_task(game).task_id, "picked by hand"))
    game.tick()

    assert the_task(game).state is TaskState.CANCELLED
    failed = [a for a in game.state.alarms.values() if a.raised.kind is AlarmKind.TASK_FAILED]
    assert [a for a in failed if a.gone_ms is None] == []


def test_a_robot_whose_type_the_site_no_longer_has_leaves_its_task_to_others():
    game = Game(SMALL, 1)
    game.command(game.pick_task())
    until(game, lambda: game.state.tasks and the_task(game).state is TaskState.DRIVING_TO_PICK)
    retyped = replace(game.state.robots[R1], robot_type="gone")
    state = replace(game.state, robots={**game.state.robots, R1: retyped})
    site = game.floor.site
    started = own.EngineStarted(state.now_ms + 1, "b", "1", site.site_id, site.digest, "", "")

    state, _ = step(state, [started])

    assert next(iter(state.tasks.values())).state is TaskState.QUEUED
    assert not state.orders
    assert R1 not in state.robots


def test_a_robot_that_stands_paused_with_base_ahead_can_be_removed():
    game = Game(SMALL, 1)
    game.command(game.pick_task())
    until(game, lambda: game.state.tasks and the_task(game).state is TaskState.DRIVING_TO_PICK)
    game.command(asked.RemoveRobot("early", R1), SUPERVISOR)
    game.tick()
    assert "still drives its base" in refusals(game)[0]

    game.command(asked.HoldRobot(game.command_id(), R1, "broken wheel"))
    for _ in range(3):
        game.tick()
    game.command(asked.RemoveRobot("late", R1), SUPERVISOR)
    game.tick()

    assert len(refusals(game)) == 1
    assert R1 not in game.state.robots


@pytest.mark.parametrize(
    "trouble",
    [{"paused": True}, {"field_violation": True}, {"pause_wanted": True}],
    ids=lambda trouble: next(iter(trouble)),
)
def test_a_task_goes_to_the_robot_that_can_be_sent_off_not_to_the_nearer_one(trouble):
    game = Game(SMALL, 2)
    stopped = replace(game.state.robots[R1], **trouble)
    game.state = replace(game.state, robots={**game.state.robots, R1: stopped})

    game.command(game.pick_task())
    game.tick()

    assert the_task(game).robot_id == R2


def test_a_robot_that_is_only_noticed_can_be_sent_away():
    game = Game(SMALL, 1)
    game.inbox.append(seen.RobotAppeared("new/n1", 0, "new", "n1", "2.1.0"))
    game.tick()
    assert "new/n1" in game.state.robots

    game.command(asked.RemoveRobot(game.command_id(), "new/n1", "a test"), SUPERVISOR)
    game.tick()

    assert "new/n1" not in game.state.robots
    assert [a for a in game.state.alarms.values() if a.gone_ms is None] == []
    game.inbox.append(seen.RobotAppeared("new/n1", 0, "new", "n1", "2.1.0"))
    game.tick()
    assert "new/n1" in game.state.robots


def test_an_alarm_about_danger_is_not_pushed_out_by_others_before_anybody_saw_it():
    game = Game(SMALL, 1)
    rows = [made.AlarmRaised(1, "emergency_stop:x", AlarmKind.EMERGENCY_STOP, R1, None, "")]
    rows.append(made.AlarmEnded(2, "emergency_stop:x"))
    for number in range(GONE_ALARMS_KEPT + 50):
        key = f"robot_held:{number}"
        rows.append(made.AlarmRaised(3, key, AlarmKind.ROBOT_HELD, R1, None, ""))
        rows.append(made.AlarmEnded(4 + number, key))
    from fleetapp.core.turn import Turn

    turn = Turn(game.state)
    for row in rows:
        turn.decide(row)
    alarms = turn.draft.freeze().alarms

    assert "emergency_stop:x" in alarms
    assert f"robot_held:{GONE_ALARMS_KEPT + 49}" in alarms
    assert "robot_held:0" not in alarms


def test_a_robot_on_its_way_to_park_is_asked_for_no_other_plan():
    game, low_id = crowded(3, low=120)
    says_its_charge(game, low_id)
    parking = next(o for o in game.state.orders.values() if o.purpose is Purpose.PARK)
    driven = set()

    while parking.order_id in game.state.orders:
        driven.add(game.state.robots[parking.robot_id].node)
        game.state = replace(game.state, dispatch_due=True)
        game.tick()

    plans = (r.message for r in game.rows if isinstance(r.message, made.PlanRequested))
    assert [p.purpose for p in plans if p.robot_id == parking.robot_id] == [Purpose.PARK]
    assert len(driven) > 3
