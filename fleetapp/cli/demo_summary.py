"""The headless demo's summary: every figure read from status, journal or simulator."""

import argparse
import sqlite3
from pathlib import Path
from typing import Any

from fleetapp.audit.database import open_reader
from fleetapp.audit.verify import verify
from fleetapp.cli.demo_figures import Figures
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
        first = figures.first_row
        counts = {name: _count(connection, "type", kind, first) for name, kind in COUNTED.items()}
        decisions = _count(connection, "kind", "decision", first)
    finally:
        connection.close()
    return {
        "robots": options.robots,
        "duration_s": round(figures.duration_s, 1),
        "seed": options.seed,
        "tasks_created": figures.created,
        "tasks_done": figures.done,
        "tasks_done_halves": figures.done_halves(),
        "tasks_failed": figures.failed,
        "collisions": figures.simulator.get("collisions", -1),
        "distance_m": figures.simulator.get("distance_m"),
        **counts,
        "decisions": decisions,
        "journal_verified": proof.ok,
        "journal_rows": proof.rows,
        "state_to_snapshot_ms": figures.status.get("state_to_snapshot_ms", {}),
    }


def rows_before(data: Path) -> int:
    """How many rows a data folder's journal has already, 0 without one."""
    try:
        connection = open_reader(DataFolder(data).database)
    except FileNotFoundError:
        return 0
    try:
        return int(connection.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # no journal in it yet
    finally:
        connection.close()


def _count(connection: sqlite3.Connection, column: str, value: str, first_row: int) -> int:
    sql = f"SELECT count(*) FROM journal WHERE {column} = ? AND seq >= ?"  # noqa: S608 - names from this module
    return int(connection.execute(sql, (value, first_row)).fetchone()[0])
