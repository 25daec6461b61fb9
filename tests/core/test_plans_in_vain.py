"""A plan that was of no use is not asked for again and again: pauses grow, then a person is told."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import effects as due
from fleetapp.core import observations as seen
from fleetapp.fleet.fruitless import LONGEST_PAUSE_MS, dropped
from fleetapp.fleet.order import Purpose
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind, HoldReason

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"
MOST_A_MINUTE = 20  # plans of one robot, whatever happens


class Misled(Game):
    """A planner that answers some problems with nothing, or with no way to the goal."""

    answers = ()
    about = frozenset(Purpose)

    def _carry_out(self, effect):
        if not isinstance(effect, due.SolvePlan) or effect.problem.purpose not in self.about:
            super()._carry_out(effect)
            return
        p = effect.problem
        self.inbox.append(seen.PlanProposed(p.problem_id, p.robot_id, 0, self.answers, (), 0, 0))


def misled(robots=1, **about):
    kind = type("Misled", (Misled,), about)
    return kind(SMALL, robots)


def minutes(game, count, step_ms=20):
    """Plans asked for in each minute, of the robot with the most of them."""
    most = []
    for _ in range(count):
        before = len(game.rows)
        for _ in range(60_000 // step_ms):
            game.tick(step_ms)
        plans = plans_of(game, before)
        most.append(max(Counter(p.robot_id for p in plans).values(), default=0))
    return most


def plans_of(game, before=0):
    rows = game.rows[before:]
    return [row.message for row in rows if isinstance(row.message, made.PlanRequested)]


def holds(game, robot_id=R1):
    return [hold.reason for hold in game.state.robots[robot_id].holds]


def test_answers_that_lead_nowhere_are_asked_for_a_few_times_and_then_a_person_is_told():
    game = misled(answers=(0,))
    game.command(game.pick_task())

    first, second = minutes(game, 2)

    assert 1 < first <= MOST_A_MINUTE
    assert second == 0
    assert holds(game) == [HoldReason.NO_ROUTE]
    assert f"{AlarmKind.NO_ROUTE.value}:{R1}" in game.state.alarms


def test_a_release_is_the_way_out_and_asks_at_once():
    game = misled(answers=(0,))
    game.command(game.pick_task())
    minutes(game, 1)
    before = len(game.rows)

    game.answers = ()
    type(game).about = frozenset()  # the planner works again
    game.command(asked.ReleaseHold(game.command_id(), R1, "planner repaired"), SUPERVISOR)
    for _ in range(20):
        game.tick()
    game.inbox.append(game.report(game.players[R1]))
    for _ in range(20):
        game.tick()

    assert plans_of(game, before) != []
    assert holds(game) == []
    assert game.state.robots[R1].fruitless is None


@pytest.mark.parametrize("answers", [(), (0,)], ids=["no way", "not to the goal"])
def test_an_idle_robot_that_gets_no_way_home_asks_less_and_less(answers):
    game = misled(answers=answers, about=frozenset({Purpose.PARK}))
    game.command(replace(game.pick_task(), task_id="T"))
    while not game.state.tasks.get("T") or game.state.tasks["T"].state is not TaskState.DONE:
        game.tick()

    per_minute = minutes(game, 15)

    assert 1 < per_minute[0] <= MOST_A_MINUTE
    assert sum(per_minute[5:]) <= 3
    assert holds(game) == []


def test_a_robot_behind_a_held_one_looks_for_a_way_round_less_and_less():
    game = Game(SMALL, 2)
    task = game.pick_task()
    for name in ("FIRST", "SECOND"):
        game.command(replace(task, task_id=name, command_id=name))
    while len(carrying_to_the_pack(game)) < 2 or near_its_goal(game) is None:
        game.tick()
    hold = asked.HoldRobot(game.command_id(), near_its_goal(game), "broken")
    game.command(hold, SUPERVISOR)

    per_minute = minutes(game, 60, step_ms=1_000)

    assert 1 < sum(per_minute) <= 20


def carrying_to_the_pack(game):
    tasks = [t for t in game.state.tasks.values() if t.state is TaskState.CARRYING]
    return [game.state.orders[game.state.robots[t.robot_id].order_id] for t in tasks]


def near_its_goal(game):
    """Who is next to hand over, and does not own the floor there yet."""
    for order in carrying_to_the_pack(game):
        left = len(order.nodes) - 1 - order.passed
        if left <= 4 and order.goal_node not in game.state.owners:
            return order.robot_id
    return None


def test_a_load_that_cannot_be_brought_back_is_told_though_its_robot_has_an_order():
    game = misled(answers=(), about=frozenset({Purpose.TO_RETURN}))
    game.command(replace(game.pick_task(), task_id="T"))
    while not game.state.tasks.get("T") or game.state.tasks["T"].state is not TaskState.CARRYING:
        game.tick()
    game.command(asked.CancelTask(game.command_id(), "T", "not wanted"))

    assert max(minutes(game, 2)) <= MOST_A_MINUTE
    assert holds(game) == [HoldReason.NO_ROUTE]


def test_a_nearly_empty_robot_that_gets_no_route_to_its_charger_is_an_alarm():
    game = misled(answers=(0,), about=frozenset({Purpose.CHARGE}))
    pick = next(s.station_id for s in game.floor.site.stations if s.kind.value == "pick")
    game.players[R1].node = game.floor.roads["plain"].station_nodes[pick][0]
    robot = replace(game.state.robots[R1], node=game.players[R1].node)
    game.state = replace(game.state, robots={R1: robot}, owners={robot.node: R1})
    game.inbox.append(replace(game.report(game.players[R1]), battery_permille=100))

    assert max(minutes(game, 2)) <= MOST_A_MINUTE
    assert f"{AlarmKind.NOT_CHARGING.value}:{R1}" in game.state.alarms


def asked_in(ms, questions):
    """How often a robot asks in so long that is always refused at once."""
    fruitless, count, now_ms = None, 0, 0
    while now_ms < ms:
        question = questions[count % len(questions)]
        if fruitless is None or now_ms >= fruitless.until_ms(question):
            fruitless = dropped(fruitless, asked=question, reason="no", at_ms=now_ms)
            count += 1
        now_ms += 20
    return count


def test_different_questions_in_turn_are_bounded_too():
    assert asked_in(60_000, ["a", "b"]) <= MOST_A_MINUTE + 5
    assert asked_in(600_000, ["a", "b"]) <= 10 * 13


def test_the_pause_grows_to_ten_minutes_and_no_further():
    fruitless = None
    for _ in range(40):
        fruitless = dropped(fruitless, asked="a", reason="no", at_ms=0)

    assert fruitless.until_ms("a") == LONGEST_PAUSE_MS
    assert asked_in(3_600_000, ["a"]) <= 20


def test_another_question_is_asked_at_once():
    fruitless = None
    for _ in range(5):
        fruitless = dropped(fruitless, asked="a", reason="no", at_ms=0)

    assert fruitless.until_ms("b") == 0
