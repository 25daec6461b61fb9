"""Nobody is passed over for long: who is served when there are more tasks than robots."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from fleetapp.dispatch.assignment import candidates
from fleetapp.dispatch.serving import SAME_OR_HIGHER, Patience, Waiting, serve
from fleetapp.terms.modes import Priority

MOST = 7
PATIENCE = Patience(MOST, {Priority.HIGH: 100_000, Priority.NORMAL: 300_000, Priority.LOW: 600_000})


@dataclass
class Offered:
    """Robots that are free, and what each task costs those that can do it."""

    costs: dict[str, dict[str, int]]
    free: set[str]
    asked: Counter = field(default_factory=Counter)

    @property
    def any_free(self):
        return bool(self.free)

    def costs_ms(self, task_id):
        self.asked[task_id] += 1
        return {r: c for r, c in self.costs[task_id].items() if r in self.free}

    def weighed(self, task_id):
        return candidates(self.costs_ms(task_id), {})

    def take(self, robot_id):
        self.free.discard(robot_id)


def waiting(number, priority=Priority.NORMAL, waited_ms=0, rank_ms=0):
    return Waiting(f"t{number:04d}", number, priority, waited_ms, rank_ms)


def numbers_given(queue, offers):
    return [int(a.task_id[1:]) for a in serve(queue, offers, PATIENCE)]


def test_a_near_task_goes_before_an_older_far_one_while_few_overtake_it():
    queue = [waiting(1), waiting(1 + MOST), waiting(2 + MOST)]
    costs = {"t0001": {"r1": 900}, "t0008": {"r1": 50}, "t0009": {"r1": 5}}

    assert numbers_given(queue, Offered(costs, {"r1"})) == [1 + MOST]


def test_a_task_that_waited_too_long_goes_first_with_its_cheapest_robot():
    queue = [waiting(1, waited_ms=300_001), waiting(2), waiting(3)]
    costs = {
        "t0001": {"r1": 900, "r2": 800},
        "t0002": {"r1": 10, "r2": 10},
        "t0003": {"r1": 20, "r2": 10},
    }

    given = serve(queue, Offered(costs, {"r1", "r2"}), PATIENCE)

    assert [(a.task_id, a.robot_id) for a in given] == [("t0001", "r2"), ("t0002", "r1")]


def test_those_that_waited_too_long_are_served_as_they_came_whatever_their_priority():
    queue = [
        waiting(3, Priority.HIGH, 100_001),
        waiting(2, Priority.NORMAL, 300_001),
        waiting(1, Priority.LOW, 600_001),
    ]
    costs = {task.task_id: {"r1": 10, "r2": 20} for task in queue}

    assert numbers_given(queue, Offered(costs, {"r1", "r2"})) == [1, 2]


def test_any_number_of_a_higher_priority_may_go_before():
    queue = [waiting(1, Priority.LOW, rank_ms=1_200_000), waiting(500, Priority.HIGH)]
    costs = {"t0001": {"r1": 10}, "t0500": {"r1": 900}}

    assert numbers_given(queue, Offered(costs, {"r1"})) == [500]


def test_what_nobody_can_do_limits_nobody():
    queue = [waiting(number) for number in range(1, 1001)] + [waiting(2000)]
    costs = {task.task_id: {} for task in queue} | {"t2000": {"r1": 10}}

    assert numbers_given(queue, Offered(costs, {"r1"})) == [2000]


def test_a_thousand_tasks_and_one_free_robot_ask_few_prices():
    queue = [waiting(number) for number in range(1, 1001)]
    offers = Offered({task.task_id: {"r1": task.number} for task in queue}, {"r1"})

    assert numbers_given(queue, offers) == [1]
    assert sum(offers.asked.values()) <= 2 * (MOST + 1) + 1


def test_no_robot_stands_idle_beside_a_task_that_it_can_do():
    queue = [waiting(number) for number in range(1, 101)]
    costs = {
        task.task_id: ({"r2": 5} if task.number == 90 else {"r1": task.number}) for task in queue
    }

    assert sorted(numbers_given(queue, Offered(costs, {"r1", "r2"}))) == [1, 90]


@dataclass
class Shift:
    """Robots, more tasks than they can do, and a count of who overtakes whom."""

    chance: random.Random
    patience: Patience = PATIENCE
    robots: tuple[str, ...] = ("r1", "r2", "r3", "r4")
    now_ms: int = 0
    number: int = 0
    queue: dict[int, tuple[Priority, int, dict[str, int]]] = field(default_factory=dict)
    busy_until: dict[str, int] = field(default_factory=dict)
    overtakings: Counter = field(default_factory=Counter)
    late: list[tuple[int, int]] = field(default_factory=list)
    done: int = 0

    def order(self):
        self.number += 1
        priority = self.chance.choice(
            (Priority.LOW, Priority.NORMAL, Priority.NORMAL, Priority.HIGH)
        )
        able = self.chance.choice(
            (self.robots, self.robots, self.chance.sample(self.robots, 1), ())
        )
        costs = {r: self.chance.randrange(1_000, 90_000) for r in able}
        self.queue[self.number] = (priority, self.now_ms, costs)

    def dispatch(self):
        free = {r for r in self.robots if self.busy_until.get(r, 0) <= self.now_ms}
        if not free:
            return
        tasks = [
            Waiting(f"t{n:04d}", n, priority, self.now_ms - since, RANK[priority])
            for n, (priority, since, _) in self.queue.items()
        ]
        costs = {f"t{n:04d}": prices for n, (_, _, prices) in self.queue.items()}
        given = {int(a.task_id[1:]): a for a in serve(tasks, Offered(costs, free), self.patience)}
        for number, assignment in given.items():
            self.count_overtaken(number, assignment.robot_id, given.keys())
        for number, assignment in given.items():
            self.busy_until[assignment.robot_id] = self.now_ms + assignment.cost_ms + 20_000
            del self.queue[number]
        self.done += len(given)

    def count_overtaken(self, younger, robot_id, given):
        """Older tasks, not served now, that this robot could have done instead."""
        for older, (priority, since, costs) in self.queue.items():
            if older >= younger or older in given or robot_id not in costs:
                continue
            if priority not in SAME_OR_HIGHER[self.queue[younger][0]]:
                continue
            self.overtakings[older] += 1
            if self.now_ms - since > self.patience.longest_ms[priority]:
                self.late.append((older, younger))


RANK = {Priority.HIGH: 0, Priority.NORMAL: 600_000, Priority.LOW: 1_200_000}


def overloaded(seed, patience):
    """A shift with about four times the tasks that its robots can do."""
    shift = Shift(random.Random(seed), patience)
    for second in range(3_000):
        shift.now_ms = second * 1_000
        if second % 5 == 0:
            shift.order()
        shift.dispatch()
    return shift


WITHOUT_END = dict.fromkeys(Priority, 1 << 40)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("longest_ms", [PATIENCE.longest_ms, WITHOUT_END])
def test_under_overload_nobody_is_overtaken_too_often_nor_too_late(seed, longest_ms):
    shift = overloaded(seed, Patience(MOST, longest_ms))

    assert shift.done > 150
    assert len(shift.queue) > 100
    assert 0 < max(shift.overtakings.values()) <= MOST
    assert shift.late == []


def test_without_the_limits_the_same_tasks_would_be_overtaken_by_far_more():
    shift = overloaded(1, Patience(1 << 40, WITHOUT_END))

    assert max(shift.overtakings.values()) > 10 * MOST


@pytest.mark.parametrize("seed", range(4))
def test_under_overload_a_low_task_that_can_be_done_is_done_in_the_end(seed):
    shift = Shift(random.Random(seed))

    for _ in range(200):
        shift.order()
    first = [n for n, (_, _, costs) in shift.queue.items() if n <= 20 and costs]
    for second in range(1, 2_000):
        shift.now_ms = second * 1_000
        shift.order()
        shift.dispatch()

    assert first
    assert not shift.queue.keys() & set(first)
