"""What a robot says that it did with a load, against what its reports show of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import effects as due
from fleetapp.core import observations as seen
from fleetapp.fleet.order import ActionKind
from fleetapp.terms.modes import LoadState, TaskState
from fleetapp.terms.reasons import AlarmKind, HoldReason, WaitCause

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"
AGREES_MS = 5_000


class Odd(Game):
    """A fleet of one robot that reports what `shows` says of its load."""

    def __init__(self):
        self.shows = lambda _player: None  # None: as it is
        super().__init__(SMALL, 1)
        self.command(replace(self.pick_task(), task_id="T"))

    def report(self, player):
        load = self.shows(player)
        report = super().report(player)
        return report if load is None else replace(report, load=load)

    def _carry_out(self, effect):
        super()._carry_out(effect)
        if isinstance(effect, due.CancelOrder):
            player = self.players[R1]
            player.order, player.finished, player.acting = None, True, None
            self.inbox.append(seen.CancelConfirmed(R1, 0, effect.order_id))

    @property
    def robot(self):
        return self.state.robots[R1]

    @property
    def task(self):
        return self.state.tasks["T"]

    @property
    def moved(self):
        return [m.state for m in self.made(made.TaskMoved)]

    def made(self, kind):
        return [row.message for row in self.rows if isinstance(row.message, kind)]

    def until(self, state, seconds=400):
        for _ in range(seconds * 10):
            if "T" in self.state.tasks and (self.task.state is state or self.robot.held):
                return
            self.tick()
        raise AssertionError(f"not in time: {self.task.state}")

    def go_on(self, seconds):
        for _ in range(seconds * 10):
            self.tick()

    def say(self):
        self.inbox.append(self.report(self.players[R1]))
        self.tick()

    def release(self):
        self.command(asked.ReleaseHold(self.command_id(), R1, BOSS_NOTE), SUPERVISOR)
        self.tick()


@pytest.fixture
def game():
    return Odd()


def holds(game):
    return [hold.reason for hold in game.robot.holds]


def drops(game, after=0):
    orders = game.made(made.OrderIssued)[after:]
    return [a for order in orders for a in order.actions if a.kind is ActionKind.DROP]


@pytest.mark.parametrize("gone", ["never picked", "taken off on the way"])
def test_an_item_that_reports_do_not_show_on_the_way_is_not_delivered(game, gone):
    if gone == "never picked":
        game.shows = lambda _player: LoadState.EMPTY
    game.until(TaskState.CARRYING)
    game.shows = lambda _player: LoadState.EMPTY
    game.say()
    game.until(TaskState.DONE)

    assert holds(game) == [HoldReason.LOAD_UNKNOWN]
    assert AlarmKind.ROBOT_HELD in {a.raised.kind for a in game.state.alarms.values()}
    game.go_on(20)
    orders = len(game.made(made.OrderIssued))
    game.release()
    game.go_on(60)

    assert (game.task.state, game.moved.count(TaskState.DONE)) == (TaskState.FAILED, 0)
    assert not drops(game, after=orders)


def test_an_item_that_shows_up_while_the_robot_is_held_is_carried_on(game):
    game.shows = lambda _player: LoadState.EMPTY
    game.until(TaskState.DONE)
    assert holds(game) == [HoldReason.LOAD_UNKNOWN]
    game.go_on(5)

    game.shows = lambda _player: None
    game.say()
    game.release()
    game.until(TaskState.DONE)

    assert holds(game) == []
    assert game.task.state is TaskState.DONE
    assert game.moved.count(TaskState.PICKING) == 1


def test_a_load_sensor_that_is_a_little_late_after_the_pick_is_no_doubt(game):
    game.shows = lambda _player: LoadState.EMPTY
    game.until(TaskState.CARRYING)
    game.go_on(AGREES_MS // 1000 - 2)
    game.shows = lambda _player: None
    game.say()
    game.until(TaskState.DONE)

    assert (game.task.state, holds(game)) == (TaskState.DONE, [])


def test_a_load_sensor_that_is_a_little_late_after_the_drop_is_no_doubt(game):
    still_loaded(game)
    game.go_on(AGREES_MS // 1000 - 2)
    assert game.task.state is TaskState.DROPPING
    game.shows = lambda _player: None
    game.say()

    assert (game.task.state, holds(game)) == (TaskState.DONE, [])


def test_a_robot_that_never_says_what_it_carries_delivers(game):
    game.shows = lambda _player: LoadState.UNKNOWN
    game.until(TaskState.DONE)

    assert (game.task.state, holds(game)) == (TaskState.DONE, [])


def still_loaded(game):
    game.until(TaskState.DROPPING)
    game.shows = lambda _player: LoadState.LOADED
    while not any(order.finished_ms for order in game.state.orders.values()):
        game.tick()


def test_an_item_that_reports_still_show_after_the_drop_is_not_delivered(game):
    still_loaded(game)
    game.tick()
    assert game.robot.wait.cause is WaitCause.LOAD
    game.go_on(AGREES_MS // 1000 - 1)
    assert holds(game) == []

    game.go_on(10)

    assert holds(game) == [HoldReason.LOAD_UNKNOWN]
    assert game.task.state is TaskState.DROPPING
    assert TaskState.DONE not in game.moved


def test_time_alone_says_nothing_of_a_load(game):
    still_loaded(game)
    game.players[R1].beat_ms = 10**15  # not one report more
    game.go_on(15)

    assert holds(game) == []
    assert game.task.state is TaskState.DROPPING


def test_a_robot_released_with_its_load_sets_it_down_again(game):
    still_loaded(game)
    game.go_on(15)
    game.shows = lambda _player: None
    game.players[R1].loaded = True
    game.say()
    game.release()
    game.until(TaskState.DONE)

    assert game.task.state is TaskState.DONE
    assert len(drops(game)) == 2


def test_a_robot_released_without_its_load_leaves_its_task_to_a_person(game):
    still_loaded(game)
    game.go_on(15)
    game.shows = lambda _player: None
    game.say()
    game.release()
    game.go_on(60)

    assert game.task.state is TaskState.FAILED
    assert "no longer on board" in game.task.note
    assert len(drops(game)) == 1


def test_a_failed_drop_is_not_ordered_again_for_a_robot_that_was_emptied_by_hand(game):
    game.until(TaskState.DROPPING)
    player = game.players[R1]
    while not player.acting:
        game.tick()
    (order,) = game.state.orders.values()
    failed = seen.ActionEnded(R1, 0, order.order_id, player.acting, ok=False, result="stuck")
    player.acted.add(player.acting)
    player.acting, player.free_at_ms, player.loaded = None, 10**15, False
    game.inbox.append(failed)
    game.say()
    game.release()  # before its report shows the order at its end
    player.order, player.finished, player.free_at_ms = None, True, 0
    game.inbox.append(seen.OrderFinished(R1, 0, order.order_id))
    game.go_on(60)

    assert game.task.state is TaskState.FAILED
    assert len(drops(game)) == 1


def test_a_load_that_is_to_go_back_is_doubted_as_well(game):
    game.until(TaskState.CARRYING)
    game.command(asked.CancelTask("c", "T", "not wanted"), SUPERVISOR)
    game.until(TaskState.RETURNING)
    game.go_on(5)
    game.shows = lambda _player: LoadState.EMPTY
    game.say()
    game.until(TaskState.CANCELLED)

    assert holds(game) == [HoldReason.LOAD_UNKNOWN]
    game.go_on(5)
    game.release()
    assert (game.task.state, game.task.note) == (
        TaskState.CANCELLED,
        "a person looked: the item is no longer on board",
    )


@pytest.mark.parametrize(("reports", "doubt"), [("one before it arrived", True), ("none", False)])
def test_only_a_report_on_the_way_can_show_that_nothing_was_on_board(game, reports, doubt):
    game.until(TaskState.CARRYING)
    game.players[R1].free_at_ms = 10**15
    while not next(iter(game.state.orders.values())).fully_released:
        (order,) = game.state.orders.values()  # it drives while nobody hears it
        game.inbox.append(passed(game, order, order.released_to))
        game.inbox.append(seen.OrderAcknowledged(R1, 0, order.order_id, order.update_id))
        game.tick()
    (order,) = game.state.orders.values()
    game.shows = lambda _player: LoadState.EMPTY
    if doubt:
        game.inbox.append(passed(game, order, len(order.nodes) - 2))
        game.say()
    drop = order.actions[-1].action_id
    game.inbox.append(seen.OrderAcknowledged(R1, 0, order.order_id, order.update_id))
    game.inbox.append(game.report(game.players[R1]))
    game.inbox.append(passed(game, order, len(order.nodes) - 1))
    game.inbox.append(seen.ActionEnded(R1, 0, order.order_id, drop, ok=True, result=""))
    game.inbox.append(seen.OrderFinished(R1, 0, order.order_id))
    game.tick()

    assert holds(game) == ([HoldReason.LOAD_UNKNOWN] if doubt else [])
    assert (game.task.state is TaskState.DONE) is not doubt


def passed(game, order, index):
    road = game.floor.roads[game.kind]
    return seen.NodePassed(R1, 0, order.order_id, index, road.node_ids[order.nodes[index]])
