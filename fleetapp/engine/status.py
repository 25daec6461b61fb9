"""What `fleetapp status` prints: processes, ports, robots, journal lag."""

import os
from typing import TYPE_CHECKING

from fleetapp.engine.views.robots import state_of

if TYPE_CHECKING:
    from fleetapp.engine.runtime import Engine


def status_of(engine: "Engine") -> dict[str, object]:
    """The state of a running engine as plain values."""
    state = engine.loop.state
    address = engine.broker.address()
    return {
        "site": state.floor.site.site_id,
        "processes": {
            "engine": {"pid": os.getpid(), "ok": True},
            "broker": {
                "pid": engine.broker.pid(),
                "address": repr(address),
                "ok": _ok(engine, "broker"),
            },
            "recogniser": {
                "pid": engine.recogniser.pid,
                "bundle": engine.recogniser.bundle,
                "digest": engine.recogniser.bundle_digest,
                "ok": _ok(engine, "recogniser"),
            },
        },
        "journal": {
            "rows": state.seq,
            "durable": engine.journal.durable_seq,
            "lag_ms": engine.journal.lag_ms(),
            "ok": state.journal_ok,
        },
        "state_to_snapshot_ms": engine.latency.figures(),
        "stopped": state.stop is not None,
        "tasks": {"done": state.done_count, "failed": state.failed_count},
        "robots": [
            {
                "robot_id": robot.robot_id,
                "name": robot.name,
                "state": state_of(state, robot).value,
                "battery": robot.battery_permille,
            }
            for robot in state.robots.values()
        ],
    }


def _ok(engine: "Engine", worker: str) -> bool:
    known = engine.loop.state.workers.get(worker)
    return known is not None and known.ok
