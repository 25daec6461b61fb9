"""Robots as the core sees them, played without protocol: they drive what is released.

For tests of the core alone: virtual time, no network, no sockets. Each player
stands at its node, drives edge by edge along its base, acts, and reports.
"""

import random
from dataclasses import dataclass, field

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core import effects as due_effects
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.answer_faults import next_deadline
from fleetapp.core.effects import effects_of
from fleetapp.core.state import Floor, Rules, State, prepare_floor
from fleetapp.core.step import step
from fleetapp.core.turn import Row
from fleetapp.fleet.order import ActionKind, Order
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode, Role
from fleetapp.traffic.planners.detour import find_way_round

SUPERVISOR = Person("Sander", Role.SUPERVISOR, signed_in=True)
BOSS_NOTE = "looked, all is well"
LOCAL = Person("local", Role.OPERATOR, signed_in=False)
ACTION_MS = {ActionKind.DETECT: 500, ActionKind.PICK: 6_000, ActionKind.DROP: 6_000}


@dataclass
class Player:
    """One robot."""

    robot_id: str
    node: int
    order: Order | None = None
    done: int = 0
    free_at_ms: int = 0
    shown: tuple[str, int] = ("", -1)
    acted: set[str] = field(default_factory=set)
    acting: str | None = None
    loaded: bool = False
    paused: bool = False
    finished: bool = True
    target: int | None = None
    beat_ms: int = 0


class Game:
    """A state, its players, and the clock that moves them."""

    def __init__(self, site_dir, robots: int, *, kind: str = "plain", seed: int = 1, rules=None):
        site = load_site(site_dir)
        self.floor: Floor = prepare_floor(site, build_roadmaps(site, None))
        self.state = State(self.floor, rules or Rules(confidence_permille=600))
        self.kind = kind
        self.now_ms = 1_000_000
        self.random = random.Random(seed)
        self.rows: list[Row] = []
        self.batches: list[tuple] = []
        self.inbox: list = []
        self.players: dict[str, Player] = {}
        self.commands = 0
        self.standing_ms: dict[str, int] = {}
        self.longest_wait_ms = 0
        self._admit(robots)

    def _admit(self, count: int) -> None:
        road = self.floor.roads[self.kind]
        spots = [
            n
            for s in self.floor.site.stations
            if s.kind.value in ("parking", "charger")
            for n in road.station_nodes.get(s.station_id, ())
        ]
        for number in range(count):
            robot_id = f"sim/r{number + 1:02d}"
            player = Player(robot_id, spots[number])
            self.players[robot_id] = player
            self.inbox.append(
                seen.RobotAppeared(robot_id, self.now_ms, "sim", f"r{number + 1:02d}", "2.1")
            )
            self.inbox.append(self.report(player))
            self.command(
                asked.AdmitRobot(self.command_id(), robot_id, self.kind, f"r{number + 1:02d}"),
                SUPERVISOR,
            )
            self.inbox.append(self.report(player))
        self.tick()

    def command_id(self) -> str:
        self.commands += 1
        return f"c{self.commands}"

    def command(self, command, person=LOCAL) -> None:
        self.inbox.append(seen.CommandGiven(self.now_ms, command, person))

    def report(self, player: Player) -> seen.RobotReported:
        road = self.floor.roads[self.kind]
        return seen.RobotReported(
            player.robot_id,
            self.now_ms,
            player.shown[0],
            max(0, player.shown[1]),
            road.node_ids[player.node],
            self.floor.site.map_id,
            int(road.x_mm[player.node]),
            int(road.y_mm[player.node]),
            0,
            True,
            900,
            False,
            False,
            player.paused,
            player.finished,
            OperatingMode.AUTOMATIC,
            EmergencyStop.NONE,
            False,
            LoadState.LOADED if player.loaded else LoadState.EMPTY,
        )

    def tick(self, step_ms: int = 100) -> tuple[Row, ...]:
        self.now_ms += step_ms
        messages = [self._restamp(m) for m in self.inbox]
        self.inbox = []
        deadline = next_deadline(self.state)
        if deadline is not None and deadline <= self.now_ms:
            messages.append(own.DeadlineFell(self.now_ms))
        rows: tuple[Row, ...] = ()
        if messages:
            self.batches.append(tuple(messages))
            self.state, rows = step(self.state, messages)
            self.rows.extend(rows)
            for due in effects_of(self.state, rows):
                self._carry_out(due.effect)
        for player in self.players.values():
            self._move(player)
        return rows

    def _restamp(self, message):
        from dataclasses import replace

        return replace(message, at_ms=self.now_ms)

    def _carry_out(self, effect) -> None:
        if isinstance(effect, due_effects.SolvePlan):
            p = effect.problem
            route = find_way_round(
                self.floor.roads[p.robot_type],
                p.start,
                p.goal,
                avoid=frozenset(p.avoid),
                penalties=dict(p.penalties),
            )
            self.inbox.append(
                seen.PlanProposed(
                    p.problem_id,
                    p.robot_id,
                    self.now_ms,
                    route.nodes if route else (),
                    route.edges if route else (),
                    route.travel_ms if route else 0,
                    route.expansions if route else 0,
                )
            )
        elif isinstance(effect, due_effects.SendOrder):
            player = self.players[effect.order.robot_id]
            if player.order is None or player.order.order_id != effect.order.order_id:
                player.done, player.acted, player.acting, player.target = 0, set(), None, None
                player.free_at_ms = self.now_ms
            player.order, player.finished = effect.order, False
        elif isinstance(effect, due_effects.Pause):
            self.players[effect.robot_id].paused = True
            self.inbox.append(seen.PauseConfirmed(effect.robot_id, self.now_ms, True))
        elif isinstance(effect, due_effects.Resume):
            self.players[effect.robot_id].paused = False
            self.inbox.append(seen.PauseConfirmed(effect.robot_id, self.now_ms, False))

    def _move(self, player: Player) -> None:
        order = player.order
        if self.now_ms - player.beat_ms > 5_000:
            player.beat_ms = self.now_ms
            self.inbox.append(seen.Heartbeat(player.robot_id, self.now_ms))
        if order is None:
            return
        if player.shown != (order.order_id, order.update_id):
            player.shown = (order.order_id, order.update_id)
            self.inbox.append(seen.OrderAcknowledged(player.robot_id, self.now_ms, *player.shown))
        if player.paused or self.now_ms < player.free_at_ms or player.finished:
            return
        if player.target is not None:
            self._arrive(player, order)
        if player.acting is not None:
            self._end_action(player, order)
        action = next(
            (
                a
                for a in order.actions
                if a.node_index == player.done
                and a.node_index <= order.released_to
                and a.action_id not in player.acted
            ),
            None,
        )
        if action is not None:
            player.acting = action.action_id
            player.free_at_ms = self.now_ms + ACTION_MS[action.kind]
            return
        if player.done < order.released_to:
            self._drive(player, order)
        elif player.done == len(order.nodes) - 1:
            player.finished, player.order = True, None
            self.inbox.append(seen.OrderFinished(player.robot_id, self.now_ms, order.order_id))
            self.inbox.append(self.report(player))

    def _end_action(self, player: Player, order: Order) -> None:
        action = next(a for a in order.actions if a.action_id == player.acting)
        player.acted.add(player.acting)
        player.acting = None
        if action.kind is ActionKind.PICK:
            player.loaded = True
        if action.kind is ActionKind.DROP:
            player.loaded = False
        self.inbox.append(
            seen.ActionEnded(
                player.robot_id, self.now_ms, order.order_id, action.action_id, True, ""
            )
        )
        self.inbox.append(self.report(player))

    def _drive(self, player: Player, order: Order) -> None:
        road = self.floor.roads[self.kind]
        player.target = player.done + 1
        player.free_at_ms = self.now_ms + int(road.edge_travel_ms[order.edges[player.done]])

    def _arrive(self, player: Player, order: Order) -> None:
        road = self.floor.roads[self.kind]
        player.done, player.target = player.target, None
        player.node = order.nodes[player.done]
        self.inbox.append(
            seen.NodePassed(
                player.robot_id,
                self.now_ms,
                order.order_id,
                player.done,
                road.node_ids[player.node],
            )
        )

    def pick_task(self) -> asked.SubmitTask:
        stations = self.floor.site.stations
        picks = [s.station_id for s in stations if s.kind.value == "pick"]
        packs = [s.station_id for s in stations if s.kind.value == "pack"]
        return asked.SubmitTask(
            self.command_id(), self.random.choice(picks), self.random.choice(packs), sku="SKU-1"
        )
