"""The core alone drives robots, loses no task and decides the same each time."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.codec import decode, encode
from fleetapp.core.follow import fold
from fleetapp.core.state import Rules, State
from fleetapp.core.step import step
from fleetapp.core.turn import Row
from fleetapp.terms.modes import Role, TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"


def play(robots=3, seconds=120, kind="plain", seed=1, tasks=6):
    game = Game(SMALL, robots, kind=kind, seed=seed)
    for _ in range(tasks):
        game.command(game.pick_task())
    for _ in range(seconds * 10):
        game.tick()
    return game


def kinds(game, kind):
    return [row.message for row in game.rows if isinstance(row.message, kind)]


def test_robots_without_a_camera_deliver_and_the_journal_says_not_verified():
    game = play(seconds=240)

    assert game.state.done_count == 6
    judged = kinds(game, made.RecognitionJudged)
    assert {j.verification.value for j in judged} == {"not_verified"}


def test_no_two_robots_ever_own_the_same_or_mutually_exclusive_floor():
    game = Game(SMALL, 4, kind="plain")
    reach = game.floor.masks.reach
    for _ in range(8):
        game.command(game.pick_task())

    owners = 0  # at most, at a time
    for _ in range(1500):
        game.tick()
        held = {}
        for resource, owner in game.state.owners.items():
            held[owner] = held.get(owner, 0) | (1 << resource)
        for owner, mask in held.items():
            for resource, other in game.state.owners.items():
                assert other == owner or not mask & reach[resource]
        owners = max(owners, len(held))
    assert owners == 4


def test_replaying_the_recorded_messages_gives_the_same_rows_byte_for_byte():
    game = play(seconds=60)

    state, again = State(game.floor, Rules(confidence_permille=600)), []
    for batch in game.batches:
        state, rows = step(state, batch)
        again.extend(rows)

    assert [encode(r.message) for r in again] == [encode(r.message) for r in game.rows]
    assert [r.cause for r in again] == [r.cause for r in game.rows]


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_decisions_do_not_depend_on_the_hash_seed(hash_seed):
    code = (
        "import sys; sys.path[:0] = sys.argv[1:];"
        "import test_core_runs_a_fleet as t; print(t.digest_of_a_run())"
    )
    here = str(Path(__file__).parent)

    out = subprocess.run(
        [sys.executable, "-c", code, here],
        env={"PYTHONHASHSEED": hash_seed, "PATH": "/usr/bin", "PYTHONPATH": str(SMALL.parents[1])},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.strip()

    assert out == digest_of_a_run()


def digest_of_a_run():
    game = play(seconds=40)
    digest = hashlib.sha256()
    for row in game.rows:
        digest.update(encode(row.message))
    return f"{len(game.rows)} {digest.hexdigest()}"


def test_a_restart_folds_the_rows_and_has_the_same_state():
    game = play(seconds=60)
    recorded = [
        Row(
            row.seq,
            decode(
                "input" if isinstance(row.message, seen.Input) else "decision",
                type(row.message).__name__,
                1,
                encode(row.message),
            ),
            row.cause,
        )
        for row in game.rows
    ]

    folded = fold(State(game.floor, Rules(confidence_permille=600)), recorded)

    assert folded.robots == game.state.robots
    assert folded.tasks == game.state.tasks
    assert folded.orders == game.state.orders
    assert folded.owners == game.state.owners


def test_a_command_sent_twice_is_done_once():
    game = Game(SMALL, 1)
    command = game.pick_task()

    game.command(command)
    game.command(command)
    game.tick()

    assert len(game.state.tasks) == 1


def test_stop_all_pauses_every_admitted_robot_and_only_a_supervisor_releases():
    game = play(seconds=10)

    game.command(asked.StopAll("stop"))
    game.tick()
    game.tick()
    assert game.state.stop is not None
    assert all(player.paused for player in game.players.values())

    game.command(asked.ReleaseAll("r1", "all clear here"))
    game.tick()
    assert game.state.stop is not None

    game.command(asked.ReleaseAll("r2", BOSS_NOTE), SUPERVISOR)
    game.tick()
    assert game.state.stop is None


def test_a_stop_and_a_hold_act_even_if_their_id_was_used_before():
    game = play(seconds=10)
    robot_id = min(game.state.robots)
    for command in (asked.HoldRobot("1", robot_id), asked.ReleaseHold("2", robot_id, BOSS_NOTE)):
        game.command(command, SUPERVISOR)
        game.tick()

    game.command(asked.StopAll("1", "smoke"))
    game.command(asked.HoldRobot("2", robot_id, "smoke"))
    game.tick()

    assert game.state.stop is not None
    assert game.state.robots[robot_id].holds


def test_nothing_permissive_is_decided_while_the_journal_cannot_be_written():
    game = play(seconds=5, tasks=0)
    game.command(game.pick_task())
    game.inbox.append(own.JournalUnavailable(0, "disk full"))
    game.tick()
    before = len(game.rows)

    for _ in range(100):
        game.tick()

    later = [type(row.message) for row in game.rows[before:]]
    assert made.OrderIssued not in later
    assert made.BaseExtended not in later


def test_while_the_journal_cannot_be_written_only_what_restricts_is_taken():
    game = play(seconds=5, tasks=1)
    game.inbox.append(own.JournalUnavailable(0, "disk full"))
    game.tick()
    task_id = next(iter(game.state.tasks))
    before = len(game.rows)

    game.command(game.pick_task())
    game.command(asked.HoldRobot("h", "sim/r01", "to look"))
    game.command(asked.CancelTask("c", task_id, "not needed"))
    game.command(asked.StopAll("s"))
    game.command(asked.ReleaseHold("r", "sim/r01", BOSS_NOTE), SUPERVISOR)
    game.command(asked.ReleaseAll("a", BOSS_NOTE), SUPERVISOR)
    game.tick()

    later = [row.message for row in game.rows[before:]]
    refused = [m for m in later if isinstance(m, made.CommandRefused)]
    taken = {m.command_id for m in later if isinstance(m, made.CommandAccepted)}
    assert taken == {"h", "c", "s"}
    assert [m.what for m in refused] == ["SubmitTask", "ReleaseHold", "ReleaseAll"]
    assert {m.refusal.value for m in refused} == {"journal_unavailable"}


def test_a_task_is_not_given_to_another_robot_once_its_pick_was_ordered():
    game = Game(SMALL, 2, kind="plain")
    game.command(game.pick_task())
    while not any(t.state is TaskState.PICKING for t in game.state.tasks.values()):
        game.tick()
    task = next(iter(game.state.tasks.values()))

    game.inbox.append(
        seen.OrderGone(task.robot_id, 0, game.state.robots[task.robot_id].order_id, "")
    )
    game.players[task.robot_id].loaded = True
    game.inbox.insert(0, game.report(game.players[task.robot_id]))
    game.tick()

    after = game.state.tasks[task.task_id]
    assert after.state is TaskState.PICKING
    assert game.state.robots[task.robot_id].held


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"from_station": "Nowhere"}, "Nowhere"),
        ({"to_station": "Nowhere"}, "Nowhere"),
        ({"count": 0}, "Count"),
        ({"sku": None}, "SKU"),
        ({"after_task_id": "T-404"}, "T-404"),
    ],
)
def test_a_bad_task_is_refused_with_the_value_and_the_remedy(change, word):
    from dataclasses import replace

    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), **change))
    game.tick()

    refused = kinds(game, made.CommandRefused)
    assert word in refused[0].message
    assert not game.state.tasks


def test_an_operator_may_not_admit_robots():
    game = Game(SMALL, 1)
    operator = asked.Person("Okafor", Role.OPERATOR, signed_in=True)

    game.command(asked.AdmitRobot("x", "sim/r01", "plain", "other"), operator)
    game.tick()

    assert kinds(game, made.CommandRefused)[-1].refusal.value == "role_too_low"


@pytest.mark.parametrize(("protocol", "alarms"), [("2.1.0", 1), ("", 0)])
def test_only_a_robot_that_was_heard_is_told_of_as_noticed(protocol, alarms):
    game = Game(SMALL, 1)
    before = len(kinds(game, made.AlarmRaised))

    game.inbox.append(seen.RobotAppeared("maker/x1", game.now_ms, "maker", "x1", protocol))
    game.tick()

    assert len(kinds(game, made.AlarmRaised)) - before == alarms
