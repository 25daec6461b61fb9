"""The life of virtual robots on a real broker: time, messages, faults, collisions."""

import json
import time
from collections.abc import Callable
from typing import IO

from fleetapp.mqtt.address import BrokerAddress
from fleetapp.mqtt.many import Login, ManyClients
from fleetapp.simulation.robots.collisions import Collisions
from fleetapp.simulation.robots.faults import Fault, Planned
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.vda5050.topics import TO_ROBOT, build, parse

STEP_S = 0.05
CHECK_MS = 100
STALL_MS = 60_000  # what a machine that slept longer missed is not lived through step by step
REPORT_S = 0.5
FOR_GOOD_S = 10**9


class Life:
    """The robots, their connections and the count of collisions."""

    def __init__(
        self, broker: BrokerAddress, collisions: Collisions, report: IO[str] | None
    ) -> None:
        """No robots yet; `report` gets JSON lines of true poses."""
        self.robots: dict[str, VirtualRobot] = {}
        self._clients = ManyClients(broker.host, broker.port, tls=broker.tls)
        self._collisions = collisions
        self._report = report
        self._turns: list[tuple[float, str, Fault, bool, float]] = []
        self._began_s = time.monotonic()
        self._lived_ms = self._checked_ms = now_ms()
        self._reported_s = 0.0
        self._ending = self._summary_asked = False

    def add(self, robot: VirtualRobot, user: str, password: str) -> None:
        """A robot with its broker user; an empty user signs in without one."""
        spec, will = robot.spec, robot.will()
        topics = tuple(build(spec.interface, spec.maker, spec.serial, kind) for kind in TO_ROBOT)

        def received(topic: str, payload: bytes) -> None:
            address = parse(topic)
            if address is not None:
                robot.on_message(address.kind, payload)

        self.robots[robot.robot_id] = robot
        self._clients.add(
            robot.robot_id,
            Login(user, password, will.topic, will.payload, topics),
            on_connect=robot.connected,
            on_message=received,
        )

    def plan(self, faults: tuple[Planned, ...]) -> None:
        """Show faults later.

        Raises:
            ValueError: if a fault names a robot that is not there.
        """
        by_serial = {robot.spec.serial: name for name, robot in self.robots.items()}
        for one in faults:
            if one.serial not in by_serial:
                raise ValueError(
                    f"fault for robot {one.serial!r}: there are {', '.join(sorted(by_serial))}"
                )
            name, span = by_serial[one.serial], one.for_s
            lasting = FOR_GOOD_S if span is None else span
            self._turns.append((one.from_s, name, one.fault, True, lasting))
            if span is not None:
                self._turns.append((one.from_s + span, name, one.fault, False, 0.0))
        self._turns.sort(key=lambda turn: turn[0])

    def live(self, is_over: Callable[[], bool]) -> None:
        """Move and talk until asked to end."""
        next_s = time.monotonic()
        while not self._ending and not is_over():
            self._turn_faults(time.monotonic() - self._began_s)
            self.live_until(now_ms())
            self._look_at_all(time.monotonic())
            next_s = max(next_s + STEP_S, time.monotonic())
            while (left := next_s - time.monotonic()) > 0:
                self._clients.run_once(left)

    def _turn_faults(self, now_s: float) -> None:
        while self._turns and self._turns[0][0] <= now_s:
            _, name, fault, on, span = self._turns.pop(0)
            if fault is Fault.LINK_LOSS:
                if on:
                    self._clients.cut(name, span)
                continue
            self.robots[name].faults.show(fault, on=on)

    def live_until(self, at_ms: int) -> None:
        """Move all, in steps that show every touch however long this machine stalled."""
        self._lived_ms = max(self._lived_ms, at_ms - STALL_MS)
        while self._lived_ms < at_ms:
            self._lived_ms = min(at_ms, self._lived_ms + CHECK_MS)
            self._advance(self._lived_ms)
            if self._lived_ms - self._checked_ms >= CHECK_MS:
                self._checked_ms = self._lived_ms
                self._collisions.check(self.robots.values())

    def _advance(self, at_ms: int) -> None:
        for name, robot in self.robots.items():
            if not robot.due(at_ms):
                continue
            robot.advance(at_ms)
            for sent in robot.take_sent():
                self._clients.publish(name, sent.topic, sent.payload, sent.qos, retain=sent.retain)

    def _look_at_all(self, now_s: float) -> None:
        if self._report is not None and now_s - self._reported_s >= REPORT_S:
            self._reported_s = now_s
            self._report.write(json.dumps(self._poses()) + "\n")
        if self._summary_asked:
            self._summary_asked = False
            print(json.dumps(self.summary()), flush=True)

    def _poses(self) -> dict[str, object]:
        return {
            "at_ms": now_ms(),
            "collisions": self._collisions.count,
            "poses": {
                name: [
                    round(robot.body.x_m, 3),
                    round(robot.body.y_m, 3),
                    round(robot.body.heading_rad, 4),
                ]
                for name, robot in self.robots.items()
            },
        }

    def ask_summary(self) -> None:
        """Print a summary with the next step (callable from a signal handler)."""
        self._summary_asked = True

    def end(self) -> None:
        """End with the next step (callable from a signal handler)."""
        self._ending = True

    def close(self) -> None:
        """Say goodbye: OFFLINE, then disconnect."""
        for name, robot in self.robots.items():
            robot.leave()
            for sent in robot.take_sent():
                self._clients.publish(name, sent.topic, sent.payload, sent.qos, retain=sent.retain)
        self._clients.close()

    def summary(self) -> dict[str, object]:
        """What happened, from where robots truly were."""
        return {
            "robots": len(self.robots),
            "connected": self._clients.connected(),
            "collisions": self._collisions.count,
            "distance_m": round(sum(r.driven_m for r in self.robots.values()), 1),
            "picks": sum(robot.picks for robot in self.robots.values()),
            "duration_s": round(time.monotonic() - self._began_s, 1),
        }


def now_ms() -> int:
    """Wall time, for the headers."""
    return time.time_ns() // 1_000_000
