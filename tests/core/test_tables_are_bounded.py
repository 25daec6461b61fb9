"""Everything in the state ends with its subject: no table grows with the life of the fleet."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from floor_players import SUPERVISOR, Game
from test_looks import CODE, Look, arrive

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.follow import fold
from fleetapp.core.state import (
    CLOSED_REVIEWS_KEPT,
    COMMANDS_KEPT,
    ENDED_TASKS_KEPT,
    GONE_ALARMS_KEPT,
    State,
)
from fleetapp.engine.snapshots import encode_state
from fleetapp.terms.modes import TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"
ROBOTS = 2
OPEN = 40  # tasks that are ordered before those before them end
NODES = 100_000  # more than any site of the tests

# Of every mapping of the state: how many entries it may have at most, whatever happened.
BOUNDS: dict[str, int] = {
    "robots": ROBOTS,
    "tasks": ENDED_TASKS_KEPT + OPEN,
    "orders": ROBOTS,
    "owners": NODES,
    "plans": ROBOTS,
    "reviews": CLOSED_REVIEWS_KEPT + ROBOTS,
    "alarms": GONE_ALARMS_KEPT + ENDED_TASKS_KEPT + 20 * ROBOTS,
    "assigned": ENDED_TASKS_KEPT + OPEN,
    "commands": COMMANDS_KEPT,
    "workers": 10,
    "task_rows": ENDED_TASKS_KEPT + OPEN,
    "robot_rows": ROBOTS,
    "halts": 40,  # one for each rule
}


def tables(state):
    shared = {"floor", "rules"}
    found = {f.name: getattr(state, f.name) for f in fields(State) if f.name not in shared}
    return {name: table for name, table in found.items() if hasattr(table, "keys")}


def test_every_mapping_of_the_state_has_a_bound():
    game = Game(SMALL, 1)

    assert tables(game.state).keys() == BOUNDS.keys()


def test_thousands_of_tasks_and_commands_leave_every_table_within_its_bound():
    game = Game(SMALL, ROBOTS)
    largest = dict.fromkeys(BOUNDS, 0)
    for round_number in range(80):
        end_some(game, round_number)
        for name, table in tables(game.state).items():
            largest[name] = max(largest[name], len(table))

    assert game.commands > COMMANDS_KEPT
    assert game.state.tasks_taken > 5 * ENDED_TASKS_KEPT
    assert {name: size for name, size in largest.items() if size > BOUNDS[name]} == {}


def end_some(game, round_number):
    """Forty tasks: some begun by robots, some failed, one after another, all given up."""
    names = [f"X-{round_number}-{number}" for number in range(OPEN)]
    for number, name in enumerate(names):
        after = names[number - 1] if number % 5 == 4 else None
        game.command(replace(game.pick_task(), task_id=name, after_task_id=after))
    game.tick()
    for name in names[::4]:
        fail(game, name)
    game.tick()
    for name in names:
        game.command(asked.CancelTask(game.command_id(), name, "enough"))
    for _ in range(3):
        game.tick()


def fail(game, name):
    """The task fails, as by a recorded row."""
    task = game.state.tasks[name]
    moved = made.TaskMoved(game.now_ms, name, TaskState.FAILED, "broken", task.robot_id)
    row = replace(game.rows[-1], seq=game.state.seq + 1, message=moved, cause=None)
    game.state = fold(game.state, [row])


def test_robots_that_come_and_go_leave_nothing_in_any_table():
    game = Game(SMALL, 1)
    before = {name: len(table) for name, table in tables(game.state).items()}
    for number in range(50):
        robot_id = f"rent/x{number}"
        game.inbox.append(seen.RobotAppeared(robot_id, 0, "rent", f"x{number}", "2.1"))
        game.command(asked.AdmitRobot(game.command_id(), robot_id, "plain", "guest"), SUPERVISOR)
        game.tick()
        assert game.state.robots[robot_id].admitted
        game.command(asked.RemoveRobot(game.command_id(), robot_id, "goes back"), SUPERVISOR)
        game.tick()

    after = {name: len(table) for name, table in tables(game.state).items()}
    assert after | {"commands": before["commands"]} == before


def test_a_robot_that_was_removed_and_comes_back_gets_orders_with_ids_of_their_own():
    game = Game(SMALL, 1)
    ((robot_id, player),) = game.players.items()
    game.command(game.pick_task())
    for _ in range(3):
        for _ in range(20):
            game.tick()
        known = replace(game.state.robots[robot_id], silent=True)  # or it could not be removed
        game.state = replace(game.state, robots={robot_id: known})
        game.command(asked.RemoveRobot(game.command_id(), robot_id), SUPERVISOR)
        game.tick()
        assert game.state.robots == {}
        player.order, player.finished, player.shown = None, True, ("", -1)
        game.inbox.append(seen.RobotAppeared(robot_id, 0, "sim", "r01", "2.1"))
        game.command(asked.AdmitRobot(game.command_id(), robot_id, "plain", "r01"), SUPERVISOR)
        game.inbox.append(game.report(player))

    issued = [r.message.order_id for r in game.rows if isinstance(r.message, made.OrderIssued)]
    assert len(issued) == len(set(issued)) == 3


def test_what_is_remembered_of_a_task_leaves_with_it():
    game = Game(SMALL, 1)
    for round_number in range(30):
        end_some(game, round_number)

    assert game.state.tasks_taken > ENDED_TASKS_KEPT + OPEN
    assert game.state.task_rows.keys() <= game.state.tasks.keys()
    assert game.state.assigned.keys() <= game.state.tasks.keys()


def test_failed_tasks_push_no_settled_ones_out_nor_the_other_way_round(monkeypatch):
    monkeypatch.setattr("fleetapp.core.evolve_decisions.ENDED_TASKS_KEPT", 4)
    game = Game(SMALL, 1)
    names = [f"X-{number}" for number in range(8)]
    for name in names:
        game.command(replace(game.pick_task(), task_id=name))
    game.tick()
    for name in names[:4]:
        fail(game, name)
    for name in names[4:]:
        game.command(asked.CancelTask(game.command_id(), name, "enough"))
    game.tick()

    assert {task.task_id for task in game.state.tasks.values()} == set(names)

    game.command(replace(game.pick_task(), task_id="NINTH"))
    game.tick()
    fail(game, "NINTH")

    assert "X-0" not in game.state.tasks
    assert set(names[1:]) < set(game.state.tasks)


def test_a_snapshot_does_not_grow_with_what_is_over(monkeypatch):
    monkeypatch.setattr("fleetapp.core.evolve_people.COMMANDS_KEPT", 500)
    game = Game(SMALL, 1)
    for round_number in range(30):
        end_some(game, round_number)
    early = len(encode_state(game.state))
    for round_number in range(30, 60):
        end_some(game, round_number)

    assert len(encode_state(game.state)) < 1.2 * early


def test_a_task_taken_from_its_robot_no_longer_shows_why_it_was_given_to_it():
    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), task_id="T-A"))
    game.tick()
    given = game.state.assigned.keys()
    game.command(asked.HoldRobot(game.command_id(), "sim/r01", "broken"), SUPERVISOR)
    game.command(asked.RequeueTask(game.command_id(), "T-A", "another"))
    game.tick()

    assert given == {"T-A"}
    assert game.state.assigned == {}


def test_answered_questions_are_kept_up_to_a_number_and_the_oldest_go_first():
    game = Game(SMALL, 1)
    state = game.state
    opened = plain(made.ReviewOpened, review_id="", robot_id="sim/r01", task_id="T-1")
    closed = plain(made.ReviewClosed, review_id="", by="olga")
    for number in range(CLOSED_REVIEWS_KEPT + 20):
        name = f"review-{number:03d}"
        rows = (replace(opened, review_id=name), replace(closed, review_id=name))
        for message in rows[: 1 if number == 0 else 2]:  # the first is never answered
            row = replace(game.rows[-1], seq=state.seq + 1, message=message, cause=None)
            state = fold(state, [row])

    kept = sorted(state.reviews)
    assert kept[0] == "review-000"
    assert kept[1:] == [f"review-{n:03d}" for n in range(20, CLOSED_REVIEWS_KEPT + 20)]


def plain(kind, **known):
    """A row of this kind in which only this is said."""
    return kind(**{f.name: known.get(f.name) for f in fields(kind)})


@pytest.fixture
def in_review():
    """One robot with a camera asks about a package."""
    game = Game(SMALL, 1, kind="carrier")
    stations = game.floor.site.stations
    pick, pack = (
        next(s.station_id for s in stations if s.kind.value == kind) for kind in ("pick", "pack")
    )
    game.command(asked.SubmitTask(game.command_id(), pick, pack, sku="S", label_code=CODE))
    look = Look(game)
    look.until(lambda: game.state.tasks)
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1", code="OTHER")
    return look


def test_the_question_of_a_robot_that_is_removed_is_closed(in_review):
    game = in_review.game
    asked_before = [r.closed for r in game.state.reviews.values()]

    game.command(asked.RemoveRobot(game.command_id(), "sim/r01", "broken"), SUPERVISOR)
    game.tick()

    assert asked_before == [None]
    assert [r.closed is None for r in game.state.reviews.values()] == [False]
