"""What `fleetapp status` prints: processes, ports, robots, journal lag."""

import os
from dataclasses import dataclass

from fleetapp.audit.writer import JournalWriter
from fleetapp.core.state import State
from fleetapp.engine.brokers import Broker
from fleetapp.engine.recogniser import RecogniserLink
from fleetapp.engine.rejections import Tally
from fleetapp.engine.views.robots import state_of
from fleetapp.fleet.robot import Robot


@dataclass(frozen=True, slots=True)
class Parts:
    """What a status is read from."""

    state: State
    broker: Broker
    recogniser: RecogniserLink
    journal: JournalWriter
    latency_ms: dict[str, float]
    rejected: dict[str, Tally]
    kept: dict[str, object]  # ring and anchors


def status_of(engine: Parts) -> dict[str, object]:
    """The state of a running engine as plain values."""
    state = engine.state
    return {
        "site": state.floor.site.site_id,
        "processes": _processes(engine),
        "journal": {
            "rows": state.seq,
            "durable": engine.journal.durable_seq,
            "lag_ms": engine.journal.lag_ms(),
            "ok": state.journal_ok,
            **engine.kept,
        },
        "state_to_snapshot_ms": engine.latency_ms,
        "messages_not_used": _not_used(engine.rejected),
        "stopped": state.stop is not None,
        "tasks": {"done": state.done_count, "failed": state.failed_count},
        "robots": [_robot(state, robot) for robot in state.robots.values() if robot.shown],
    }


def _processes(engine: Parts) -> dict[str, object]:
    return {
        "engine": {"pid": os.getpid(), "ok": True},
        "broker": {
            "pid": engine.broker.pid(),
            "address": repr(engine.broker.address()),
            "ok": _ok(engine, "broker"),
        },
        "recogniser": {
            "pid": engine.recogniser.pid,
            "bundle": engine.recogniser.bundle,
            "digest": engine.recogniser.bundle_digest,
            "ok": _ok(engine, "recogniser"),
        },
    }


def _robot(state: State, robot: Robot) -> dict[str, object]:
    return {
        "robot_id": robot.robot_id,
        "name": robot.name,
        "state": state_of(state, robot).value,
        "heard": robot.reported,
        "battery": robot.battery_permille,
    }


def _not_used(rejected: dict[str, Tally]) -> dict[str, object]:
    """Since the engine started: unusable, and dropped because there were too many."""
    return {
        "unusable": sum(tally.unusable for tally in rejected.values()),
        "dropped": sum(tally.dropped for tally in rejected.values()),
        "by_robot": {
            robot_id or "no robot": {"unusable": tally.unusable, "dropped": tally.dropped}
            for robot_id, tally in sorted(rejected.items())
        },
    }


def _ok(engine: Parts, worker: str) -> bool:
    known = engine.state.workers.get(worker)
    return known is not None and known.ok
