"""The run file: how desktop and command line find a running engine.

Mode 0600, written beside and renamed. It holds the token that acts as operator
"local", so it is never copied into logs or diagnostics.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from fleetapp.audit.disk import replace_whole


@dataclass(frozen=True, slots=True)
class RunFile:
    """What stands in `run/engine.json`."""

    pid: int
    api_port: int
    token: str
    broker_host: str
    broker_port: int
    broker_config: str  # path of our configuration, "" for a foreign broker
    broker_pid: int
    site_id: str
    site_path: str
    started_ms: int
    version: str


def write(path: Path, content: RunFile) -> None:
    """Put the run file in place, readable by its owner only.

    Raises:
        OSError: if the folder does not take it.
    """
    replace_whole(path, json.dumps(asdict(content)).encode())


def read(path: Path) -> RunFile | None:
    """The run file, None if there is none or it cannot be read."""
    try:
        return RunFile(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
