"""`users.json`: who there is, with hashes; readable by its owner only, never half written."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from fleetapp.terms.modes import Role


class UsersError(ValueError):
    """Something a person asked for that cannot be done; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class User:
    """A person and the hash of their password."""

    name: str
    role: Role
    password_hash: str


def read_users(path: Path) -> dict[str, User]:
    """People by name; none if there is no file yet.

    Raises:
        UsersError: if the file cannot be understood; nobody gets in by a broken file.
    """
    if not path.exists():
        return {}
    if not path.is_file():  # a pipe would be waited for without an end
        raise UsersError(f"{path} is no plain file: move it away and put a backup back")
    try:
        content = json.loads(path.read_text("utf-8"))
        users = [User(str(u["name"]), Role(u["role"]), str(u["password_hash"])) for u in content]
    except (ValueError, KeyError, TypeError) as error:
        raise UsersError(
            f"{path} cannot be understood ({error}): put a backup back, or move it away "
            "and add the first supervisor again"
        ) from error
    return {user.name: user for user in users}


def write_users(path: Path, users: dict[str, User]) -> None:
    """Replace the file as a whole.

    Raises:
        UsersError: if the disk does not take it; the old file is still there.
    """
    beside = path.with_suffix(".part")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            json.dump([asdict(user) for user in users.values()], handle, indent=1)
            handle.flush()
            os.fsync(handle.fileno())
        beside.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise UsersError(f"{path} cannot be written ({error}): make room and try again") from error


def _flush_folder(folder: Path) -> None:
    """The journal says that somebody was removed: a power cut must not bring them back."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
