"""Who may speak on the embedded broker: users, passwords, and one ACL a robot.

Made once per data folder and kept, so that robots find us again. Of a robot's
password only the hash is kept: it is shown once, when the robot is added. The
fleet's own password lies in `credentials.json` (mode 0600), for it signs in with it.
"""

import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fleetapp.mqtt.passwords import hashed

FLEET_USER = "fleet"
# Signs in to see whether the broker is ours, and may nothing. A user of its own: with
# `use_username_as_clientid` a second "fleet" would throw out the first.
PROBE_USER = "probe"
ROBOT_WRITES = ("state", "visualization", "connection", "factsheet", "frame")
ROBOT_READS = ("order", "instantActions")
ROBOT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}/[A-Za-z0-9_.:-]{1,64}")


class AccountsError(ValueError):
    """Accounts that cannot be used; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Port and users of a data folder; `robots` holds a password hash by MAKER/SERIAL."""

    port: int
    fleet_password: str
    robots: dict[str, str] = field(default_factory=dict)


def user_of(robot_id: str) -> str:
    """The broker user of a robot: MAKER.SERIAL.

    A dot in the maker's name and any colon are written as %2E and %3A: two robots
    never share a user, and the password file splits at the first colon.
    """
    maker, _, serial = robot_id.partition("/")
    return f"{maker.replace('.', '%2E')}.{serial}".replace(":", "%3A")


def load(folder: Path, free_port: Callable[[], int]) -> Accounts:
    """The accounts of a data folder, made if there are none.

    Raises:
        AccountsError: if the file there cannot be read.
    """
    path = folder / "credentials.json"
    if not path.exists():
        accounts = Accounts(free_port(), secrets.token_urlsafe(24))
        save(folder, accounts)
        return accounts
    try:
        accounts = Accounts(**json.loads(path.read_text(encoding="utf-8")))
        return Accounts(int(accounts.port), str(accounts.fleet_password), dict(accounts.robots))
    except (OSError, ValueError, TypeError) as error:
        raise AccountsError(
            f"{path} cannot be read ({error}): put it back from a backup, or delete it and "
            "give every robot a new password with `fleetapp robot add`"
        ) from error


def with_robots(accounts: Accounts, passwords: dict[str, str]) -> Accounts:
    """The accounts with more robots, or new passwords for known ones.

    Raises:
        AccountsError: naming an id that cannot stand in a topic.
    """
    for robot_id in passwords:
        if not ROBOT_ID.fullmatch(robot_id):
            raise AccountsError(
                f"robot id {robot_id!r} is not MAKER/SERIAL of A-Z a-z 0-9 _ . : - (1 to 64 each)"
            )
    added = {robot_id: hashed(password) for robot_id, password in passwords.items()}
    return Accounts(accounts.port, accounts.fleet_password, {**accounts.robots, **added})


def without_robot(accounts: Accounts, robot_id: str) -> Accounts:
    """The accounts without a robot."""
    left = {known: entry for known, entry in accounts.robots.items() if known != robot_id}
    return Accounts(accounts.port, accounts.fleet_password, left)


def save(folder: Path, accounts: Accounts) -> None:
    """Keep the accounts."""
    put_private(folder / "credentials.json", json.dumps(asdict(accounts)))


def write_password_file(folder: Path, accounts: Accounts) -> None:
    """The hashes of all users, where the broker reads them."""
    lines = [f"{user}:{hashed(accounts.fleet_password)}" for user in (FLEET_USER, PROBE_USER)]
    lines += [f"{user_of(robot)}:{entry}" for robot, entry in sorted(accounts.robots.items())]
    put_private(folder / "passwd", "\n".join(lines) + "\n")


def write_acl(folder: Path, accounts: Accounts, interface: str) -> None:
    """The fleet may all on its interface; a robot only its own topics, each way."""
    lines = [f"user {FLEET_USER}", f"topic readwrite {interface}/#", ""]
    for robot_id in sorted(accounts.robots):
        lines.append(f"user {user_of(robot_id)}")
        root = f"{interface}/v2/{robot_id}"
        lines += [f"topic write {root}/{kind}" for kind in ROBOT_WRITES]
        lines += [f"topic read {root}/{kind}" for kind in ROBOT_READS]
        lines.append("")
    put_private(folder / "acl", "\n".join(lines))


def put_private(path: Path, text: str) -> None:
    """Put a file in place at one stroke, readable by its owner only."""
    beside = path.with_name(path.name + ".part")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(path)
