"""Where everything of one fleet lies, and the lock that lets only one engine in."""

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fleetapp.core.state import State


class AlreadyRunningError(RuntimeError):
    """Another engine holds the data folder."""


class OtherSiteError(RuntimeError):
    """What the data folder holds is of another site or layout."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths of a data folder."""

    root: Path

    def prepare(self) -> None:
        """Make the folders; those with secrets are for the owner only."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.run_dir, self.broker_dir, self.logs_dir, self.snapshots_dir):
            folder.mkdir(exist_ok=True)
        self.cache_dir.mkdir(exist_ok=True)
        self.run_dir.chmod(0o700)
        self.broker_dir.chmod(0o700)

    @property
    def run_dir(self) -> Path:
        """Folder of the run file and the lock."""
        return self.root / "run"

    @property
    def run_file(self) -> Path:
        """What a client needs to find the engine."""
        return self.run_dir / "engine.json"

    @property
    def lock_file(self) -> Path:
        """The lock of the one engine."""
        return self.run_dir / "lock"

    @property
    def broker_dir(self) -> Path:
        """The embedded broker's configuration, users and data."""
        return self.root / "broker"

    @property
    def database(self) -> Path:
        """The audit database."""
        return self.root / "audit.db"

    @property
    def anchor(self) -> Path:
        """Where the journal ended a moment ago."""
        return self.root / "audit.anchor"

    @property
    def ring(self) -> Path:
        """The emergency ring."""
        return self.root / "ring"

    @property
    def evidence_dir(self) -> Path:
        """What contradicted a journal, a folder for each start that found it so."""
        return self.root / "evidence"

    @property
    def users_file(self) -> Path:
        """Names, roles and password hashes."""
        return self.root / "users.json"

    @property
    def cache_dir(self) -> Path:
        """Prepared tables by digest."""
        return self.root / "cache"

    @property
    def logs_dir(self) -> Path:
        """Rotated logs."""
        return self.root / "logs"

    @property
    def snapshots_dir(self) -> Path:
        """State snapshots."""
        return self.root / "snapshots"

    @property
    def settings_file(self) -> Path:
        """The last site, for a start without options."""
        return self.root / "settings.json"


def take_lock(folder: DataFolder, site_path: Path) -> IO[str]:
    """Hold the folder's lock until the file is closed or the process ends.

    Raises:
        AlreadyRunningError: naming the process that holds it, and both sites if it runs
            another one than `site_path`.
        OSError: if it cannot be written.
    """
    handle = folder.lock_file.open("a+", encoding="utf-8")
    if not _try_lock(handle):
        handle.seek(0)
        holder = handle.read().strip() or "unknown"
        handle.close()
        running = running_site(folder)
        other = (
            f" with site {running}, not {site_path}" if running not in ("", str(site_path)) else ""
        )
        raise AlreadyRunningError(
            f"an engine runs on {folder.root} already (process {holder}){other}: "
            "use it, end it first (`fleetapp shutdown`), or name another --data"
        )
    _name_holder(handle, folder.lock_file)
    return handle


def _name_holder(handle: IO[str], path: Path) -> None:
    """Write our process into the lock.

    Raises:
        OSError: naming the file and the remedy.
    """
    try:
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
    except OSError as error:
        with suppress(OSError):
            handle.close()
        raise OSError(
            error.errno, f"{path} cannot be written ({error.strerror}): make room on its disk"
        ) from error


def check_same_site(state: State, data: Path) -> None:
    """Let no orders of one layout be driven on another.

    Raises:
        OtherSiteError: naming both sites and the remedy.
    """
    site_id = state.floor.site.site_id
    if state.ran_site_id not in ("", site_id):
        raise OtherSiteError(
            f"{data} holds the journal of site {state.ran_site_id}, not of {site_id}: "
            "start that site, or name another data folder"
        )
    changed = state.ran_floor not in ("", state.floor.digest)
    if changed and state.orders:
        names = ", ".join(sorted(order.robot_id for order in state.orders.values()))
        raise OtherSiteError(
            f"the layout of site {site_id} was changed while robots had orders ({names}): start "
            "the layout as it was, let them finish, then change it; or name another data folder"
        )


def running_site(folder: DataFolder) -> str:
    """The site in the run file, "" if there is none."""
    try:
        return str(json.loads(folder.run_file.read_text("utf-8"))["site_path"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def died(folder: DataFolder) -> bool:
    """Whether an engine ended here without its last words: it left its run file, and no lock."""
    if not folder.run_file.exists():
        return False
    with folder.lock_file.open("a+", encoding="utf-8") as handle:
        return _try_lock(handle)


def engine_pid(folder: DataFolder) -> int | None:
    """The process of the engine that holds the folder's lock, None if none does."""
    if not folder.lock_file.exists():
        return None
    with folder.lock_file.open("a+", encoding="utf-8") as handle:
        if _try_lock(handle):
            return None
        handle.seek(0)
        words = handle.read().strip()
    return int(words) if words.isdecimal() else None


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: IO[str]) -> bool:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: IO[str]) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
