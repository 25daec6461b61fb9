"""A fast traffic simulation: robots drive what is released, nothing else.

Floor and routes are handled as the core does it, without orders, protocol and
journal, so that an hour of fifty robots takes less than a minute.
"""

import random
import time
from dataclasses import dataclass, field

from fleetapp.traffic.lookahead import wanted_index
from fleetapp.traffic.masks import Masks
from fleetapp.traffic.planners.detour import find_way_round
from fleetapp.traffic.planners.shortest import find_route
from fleetapp.traffic.release import Candidate, Grant, extend_all
from fleetapp.traffic.world import Ahead, World
from fleetapp.traffic.yielding import (
    FOLLOWERS_COUNT_AFTER_MS,
    circle_of,
    followers_of,
    in_the_way,
    patience_ms,
)

STEP_MS = 200
SERVICE_MS = 10_000
REROUTE_MS = 20_000
ROUND_TRIP_MS = 1_500


@dataclass
class Driver:
    robot_id: str
    node: int
    nodes: tuple = ()
    edges: tuple = ()
    passed: int = 0
    released: int = 0
    arrives_ms: int | None = None
    busy_until_ms: int = 0
    waits_since_ms: int | None = None
    tried_ms: int = 0
    blocker: str | None = None
    goals: list = field(default_factory=list)
    done: int = 0
    loaded_leg: bool = False


class Traffic:
    """Robots that always have somewhere to go: `next_goal(driver)` says where."""

    def __init__(self, road, starts, next_goal, *, service_ms=SERVICE_MS):
        self.road, self.masks = road, Masks([road])
        self.next_goal, self.service_ms = next_goal, service_ms
        self.now_ms = 0
        self.drivers = {f"r{n:03d}": Driver(f"r{n:03d}", node) for n, node in enumerate(starts)}
        self.owners = {d.node: d.robot_id for d in self.drivers.values()}
        self.waits_ms, self.reroutes, self.arrivals = [], 0, []
        self.cpu_s, self.rounds, self.slowest_s = 0.0, 0, 0.0
        self.travel_ms = road.edge_travel_ms.tolist()
        self.check = True

    def run(self, duration_ms):
        end = self.now_ms + duration_ms
        while self.now_ms < end:
            self.step()

    def step(self):
        self.now_ms += STEP_MS
        for driver in self.drivers.values():
            self._drive(driver)
        for driver in self.drivers.values():
            self._choose(driver)
        self._release()

    def _drive(self, driver):
        if driver.arrives_ms is not None and self.now_ms >= driver.arrives_ms:
            driver.arrives_ms = None
            driver.passed += 1
            driver.node = driver.nodes[driver.passed]
            self._free_behind(driver)
        if driver.arrives_ms is None and driver.passed < driver.released:
            edge = driver.edges[driver.passed]
            turn = 0
            if driver.passed:
                turn = self.road.turn_ms(driver.edges[driver.passed - 1], edge)
            driver.arrives_ms = self.now_ms + self.travel_ms[edge] + turn

    def _free_behind(self, driver):
        at = driver.passed
        keep = set(driver.nodes[at : driver.released + 1])
        keep |= {self.masks.edge(e) for e in driver.edges[at : driver.released]}
        mine = (driver.nodes[at - 1], self.masks.edge(driver.edges[at - 1]))
        for resource in mine:
            if resource not in keep and self.owners.get(resource) == driver.robot_id:
                del self.owners[resource]

    def _choose(self, driver):
        at_end = driver.passed == len(driver.nodes) - 1 or not driver.nodes
        if not at_end or self.now_ms < driver.busy_until_ms:
            return
        if driver.nodes and driver.edges and driver.busy_until_ms <= self.now_ms - self.service_ms:
            if driver.goals and driver.goals[0] == "served":
                driver.goals.pop()
            else:
                driver.goals = ["served"]
                driver.busy_until_ms = self.now_ms + self.service_ms
                return
        goal = self.next_goal(driver)
        driver.goals = []
        if goal is None or goal == driver.node:
            return
        route = find_route(self.road, driver.node, goal)
        driver.nodes, driver.edges = route.nodes, route.edges
        driver.passed = driver.released = 0
        driver.tried_ms = self.now_ms

    def _release(self):
        asking = [c for d in self.drivers.values() for c in self._candidate(d)]
        if not asking:
            return
        began = time.process_time()
        answers = extend_all(
            World(self.masks, self.owners, self._ahead(), self.road.mouth_of), asking
        )
        spent = time.process_time() - began
        self.cpu_s, self.rounds = self.cpu_s + spent, self.rounds + 1
        self.slowest_s = max(self.slowest_s, spent)
        for answer in answers:
            driver = self.drivers[answer.robot_id]
            if isinstance(answer, Grant):
                self._granted(driver, answer)
            else:
                self._refused(driver, answer)

    def _ahead(self):
        return {
            d.robot_id: Ahead(d.nodes, d.edges, d.released)
            for d in self.drivers.values()
            if d.edges
        }

    def _candidate(self, d):
        if not d.edges or d.released >= len(d.edges):
            return ()
        want = wanted_index(self.road, d.nodes, d.edges, d.passed, round_trip_ms=ROUND_TRIP_MS)
        if want <= d.released:
            return ()
        since = d.waits_since_ms if d.waits_since_ms is not None else self.now_ms
        return (Candidate(d.robot_id, d.nodes, d.edges, d.released, want, since),)

    def _granted(self, driver, grant):
        for resource in grant.resources:
            if self.check:
                for other, owner in self.owners.items():
                    clash = self.masks.reach[resource] >> other & 1 and owner != driver.robot_id
                    assert not clash, f"{driver.robot_id} and {owner} at {resource}, {other}"
            self.owners[resource] = driver.robot_id
        driver.released = grant.released_to
        self._end_wait(driver)

    def _end_wait(self, driver):
        if driver.waits_since_ms is not None:
            self.waits_ms.append(self.now_ms - driver.waits_since_ms)
        driver.waits_since_ms = driver.blocker = None

    def _refused(self, driver, refused):
        if driver.passed < driver.released:
            return
        driver.blocker = refused.blocker_id
        if driver.waits_since_ms is None:
            driver.waits_since_ms = driver.tried_ms = self.now_ms
        blocker = self.drivers[refused.blocker_id]
        circle = circle_of(self._waiting(), driver.robot_id)
        limit_ms = patience_ms(circle, driver.robot_id) if circle else REROUTE_MS
        if self.now_ms - driver.tried_ms >= limit_ms:
            self._go_round(driver, blocker, circle)

    def _waiting(self):
        return {d.robot_id: d.blocker for d in self.drivers.values() if d.blocker}

    def _go_round(self, driver, blocker, circle):
        driver.tried_ms = self.now_ms
        avoid = frozenset(
            r for r, o in self.owners.items() if o == blocker.robot_id and r < self.masks.node_count
        )
        goal = driver.nodes[-1]
        if goal in avoid and not circle:
            return
        penalties = self._penalties(driver, circle) if circle else None
        route = find_way_round(
            self.road, driver.nodes[driver.released], goal, avoid=avoid, penalties=penalties
        )
        if route is None:
            return
        self.reroutes += 1
        driver.nodes = driver.nodes[: driver.released] + route.nodes
        driver.edges = driver.edges[: driver.released] + route.edges

    def _penalties(self, driver, circle):
        ahead = self._ahead()
        late = self.now_ms - driver.waits_since_ms >= FOLLOWERS_COUNT_AFTER_MS
        followers = followers_of(self._waiting(), circle) if late else ()
        return in_the_way(
            self.masks,
            self.owners,
            driver.robot_id,
            circle=[ahead[r] for r in circle[1:]],
            followers=[ahead[r] for r in followers],
        )

    def longest_wait_ms(self):
        open_waits = [
            self.now_ms - d.waits_since_ms
            for d in self.drivers.values()
            if d.waits_since_ms is not None
        ]
        return max([*self.waits_ms, *open_waits], default=0)


class Picks:
    """Endless picks on a site: to a random pick, to a random pack, and so on."""

    def __init__(self, site, road, seed):
        self.chance = random.Random(seed)
        by_kind = lambda kind: [  # noqa: E731
            road.station_nodes[s.station_id]
            for s in site.stations
            if s.kind.value == kind and s.station_id in road.station_nodes
        ]
        self.picks, self.packs = by_kind("pick"), by_kind("pack")
        self.done_ms = []
        self.traffic = None

    def __call__(self, driver):
        driver.loaded_leg = not driver.loaded_leg
        if driver.loaded_leg:
            if driver.edges:
                self.done_ms.append(self.traffic.now_ms)
            return self.chance.choice(self.chance.choice(self.picks))
        nodes = self.chance.choice(self.packs)
        heading = [d.nodes[-1] for d in self.traffic.drivers.values() if d.nodes]
        return min(nodes, key=lambda node: (heading.count(node), node))


def picking(site, road, count, seed):
    spots = [
        node
        for kind in ("parking", "charger", "pick")
        for s in site.stations
        if s.kind.value == kind
        for node in road.station_nodes.get(s.station_id, ())
    ]
    picks = Picks(site, road, seed)
    picks.traffic = Traffic(road, spots[:count], picks)
    return picks
