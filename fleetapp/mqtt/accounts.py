"""Who may speak on the embedded broker: users, passwords, and one ACL a robot.

Made once per data folder and kept, so that robots find us again. The broker gets
hashes only; the plain passwords of the fleet and of robots added here lie in a
file of mode 0600, beside the broker's configuration.
"""

import json
import os
import secrets
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fleetapp.mqtt.programs import find_program

FLEET_USER = "fleet"
ROBOT_WRITES = ("state", "visualization", "connection", "factsheet", "frame")
ROBOT_READS = ("order", "instantActions")


@dataclass(frozen=True, slots=True)
class Accounts:
    """Port and passwords of a data folder; robots by MAKER/SERIAL."""

    port: int
    fleet_password: str
    robots: dict[str, str] = field(default_factory=dict)


def user_of(robot_id: str) -> str:
    """The broker user of a robot: its id with a dot, for a slash cannot stand in one."""
    return robot_id.replace("/", ".")


def load(folder: Path, port: int) -> Accounts:
    """The accounts of a data folder, made if there are none; `port` is for new ones."""
    path = folder / "credentials.json"
    if path.exists():
        return Accounts(**json.loads(path.read_text(encoding="utf-8")))
    accounts = Accounts(port, secrets.token_urlsafe(24))
    save(folder, accounts)
    return accounts


def save(folder: Path, accounts: Accounts) -> None:
    """Put the accounts in place, readable by their owner only."""
    beside = folder / "credentials.part"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(asdict(accounts), handle)
    beside.replace(folder / "credentials.json")


def write_password_file(folder: Path, accounts: Accounts) -> None:
    """Hash all passwords with the broker's own tool.

    Raises:
        FileNotFoundError: if `mosquitto_passwd` is not installed.
    """
    path = folder / "passwd"
    users = {FLEET_USER: accounts.fleet_password}
    users |= {user_of(robot): password for robot, password in sorted(accounts.robots.items())}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.writelines(f"{user}:{password}\n" for user, password in users.items())
    tool = find_program("mosquitto_passwd")
    subprocess.run((tool, "-U", str(path)), check=True, capture_output=True, timeout=60)


def write_acl(folder: Path, accounts: Accounts, interface: str) -> None:
    """The fleet may all on its interface; a robot only its own topics, each way."""
    lines = [f"user {FLEET_USER}", f"topic readwrite {interface}/#", ""]
    for robot_id in sorted(accounts.robots):
        lines.append(f"user {user_of(robot_id)}")
        root = f"{interface}/v2/{robot_id}"
        lines += [f"topic write {root}/{kind}" for kind in ROBOT_WRITES]
        lines += [f"topic read {root}/{kind}" for kind in ROBOT_READS]
        lines.append("")
    path = folder / "acl"
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o600)
