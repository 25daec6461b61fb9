"""The headless demo's summary: every figure read from status, journal or simulator."""

import argparse
import sqlite3
from typing import Any

from fleetapp.audit.database import open_reader
from fleetapp.audit.verify import verify
from fleetapp.cli.demo_life import Figures
from fleetapp.engine.data_folder import DataFolder

COUNTED = {
    "holds": "RobotHeld",
    "reviews": "ReviewOpened",
    "recognitions": "PackageRecognised",
}


def summary_of(options: argparse.Namespace, figures: Figures) -> dict[str, Any]:
    """One JSON object; the engine has ended."""
    database = DataFolder(options.data).database
    proof = verify(database)
    connection = open_reader(database)
    try:
        counts = {name: _count(connection, kind) for name, kind in COUNTED.items()}
        decisions = int(
            connection.execute("SELECT count(*) FROM journal WHERE kind = 'decision'").fetchone()[0]
        )
    finally:
        connection.close()
    fleet = figures.snapshot.fleet if figures.snapshot is not None else None
    done = fleet.tasks_done if fleet is not None else 0
    return {
        "robots": options.robots,
        "duration_s": round(figures.duration_s, 1),
        "seed": options.seed,
        "tasks_created": figures.created,
        "tasks_done": done,
        "tasks_done_halves": [figures.done_at_half, done - figures.done_at_half],
        "tasks_failed": fleet.tasks_failed if fleet is not None else 0,
        "collisions": figures.simulator.get("collisions", -1),
        "distance_m": figures.simulator.get("distance_m"),
        **counts,
        "decisions": decisions,
        "journal_verified": proof.ok,
        "journal_rows": proof.rows,
        "state_to_snapshot_ms": figures.status.get("state_to_snapshot_ms", {}),
    }


def _count(connection: sqlite3.Connection, kind: str) -> int:
    sql = "SELECT count(*) FROM journal WHERE type = ?"
    return int(connection.execute(sql, (kind,)).fetchone()[0])
