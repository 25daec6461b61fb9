"""`fleetapp bench audit`: how fast the journal is written, verified and exported here.

Verification is compared with a bare read of the same columns in the same minute:
the rate of a shared machine means little, the ratio something.
"""

import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fleetapp.api.service import ExportRequest
from fleetapp.audit.chain import COLUMNS
from fleetapp.audit.database import open_reader
from fleetapp.audit.export import export
from fleetapp.audit.verify import verify
from fleetapp.audit.writer import JournalWriter
from fleetapp.core.rows import Entry

BATCH = 1000
BODY = {"at_ms": 1_795_518_924_455, "index": 1, "node_id": "VWS2-08", "text": "x" * 100}


def measure(rows: int) -> dict[str, float]:
    """Rows a second of each job, on a temporary disk folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.db"
        figures = {"rows": float(rows), "written_per_s": _rate(rows, lambda: _fill(path, rows))}
        read = _rate(rows, lambda: _read(path))
        proven = _rate(rows, lambda: verify(path))
        figures |= {
            "bare_read_per_s": read,
            "verified_per_s": proven,
            "verified_to_read": round(proven / read, 2),
        }
        for kind in ("csv", "jsonl"):
            request, out = ExportRequest(kind), Path(folder) / kind
            figures[f"{kind}_per_s"] = _timed_export(rows, path, request, out)
        return figures


def _timed_export(rows: int, path: Path, request: ExportRequest, out: Path) -> float:
    return _rate(rows, lambda: export(path, request, out))


def _rate(rows: int, act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return float(round(rows / (time.perf_counter() - began)))


def _fill(path: Path, rows: int) -> None:
    done = threading.Event()
    writer = JournalWriter(
        path,
        "bench",
        on_durable=lambda seq: done.set() if seq >= rows else None,
        on_trouble=lambda _why: None,
        on_recovered=lambda: None,
    )
    body = json.dumps(BODY, sort_keys=True, separators=(",", ":")).encode()
    writer.start()
    for first in range(1, rows + 1, BATCH):
        last = min(rows, first + BATCH - 1)
        writer.append([_entry(seq, body) for seq in range(first, last + 1)])
    done.wait()
    writer.close()


def _entry(seq: int, body: bytes) -> Entry:
    order_id, task_id = f"r01-{seq}", f"T-{seq}"
    return Entry(
        seq, seq, "input", "NodePassed", 1, "system", "m/r01", task_id, order_id, 3, None, body
    )


def _read(path: Path) -> None:
    connection = open_reader(path)
    connection.row_factory = None
    for _ in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM journal ORDER BY seq"):  # noqa: S608 - names of ours
        pass
    connection.close()
