"""`fleetapp diagnostics`: one ZIP for support, with every secret that we know taken out.

Status, versions, run file and logs go in; users, broker files, journal and
images stay out. What looks like a secret is removed too, known or not.
"""

import argparse
import json
import os
import platform
import re
import sys
import zipfile
from importlib import metadata
from pathlib import Path

from fleetapp.cli.talk import add_data, answered, connection
from fleetapp.client.connection import ClientError, Connection

REMOVED = "[removed]"
SHORTEST_SECRET = 6  # shorter texts would take ordinary words out of the logs
LOOKS_SECRET = re.compile(
    r"""(?ix)
    (?<=://) [^/\s:@]+ : [^/\s@]+ (?=@)              # user:password@host
    | (?<=bearer\ ) [\w.~+/=-]+
    | (?<=[?&]token=) [^&\s"']+
    | (?<=password=) \S+ | (?<=password:\ ) \S+
    | \$argon2id\$ [\w$=,+/.-]+
    """
)
SECRET_KEY = re.compile(r"token|password|secret|pin$", re.IGNORECASE)
PACKAGES = ("fleetapp", "fastapi", "numpy", "paho-mqtt", "PySide6-Essentials", "torch", "uvicorn")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("diagnostics", help="a ZIP for support, without secrets")
    add_data(parser)
    parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the file, whether the engine runs or not."""
    return answered("diagnostics", lambda: _write(options))


def _write(options: argparse.Namespace) -> int:
    engine = connection(options)
    secrets = known_secrets(engine.data)
    texts = {
        "status.json": json.dumps(_status(engine), indent=1),
        "versions.json": json.dumps(_versions(), indent=1),
        "run.json": json.dumps(_run_file(engine.data), indent=1),
    }
    with zipfile.ZipFile(options.to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, without_secrets(text, secrets))
        for path in sorted((engine.data / "logs").glob("*.log*")):
            text = path.read_text("utf-8", errors="replace")
            archive.writestr(f"logs/{path.name}", without_secrets(text, secrets))
    print(options.to)
    return 0


def known_secrets(data: Path) -> tuple[str, ...]:
    """Tokens and passwords that this data folder and environment hold."""
    found = {os.environ.get("FLEETAPP_BROKER_PASSWORD", "")}
    for path in (data / "run" / "engine.json", data / "broker" / "credentials.json"):
        found |= _texts_of(_read(path), secret=path.name == "credentials.json")
    for line in _lines(data / "robots.jsonl"):
        found |= _texts_of(line, secret=False)
    return tuple(sorted((s for s in found if len(s) >= SHORTEST_SECRET), key=len, reverse=True))


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """The text with known secrets, and what looks like one, taken out."""
    for secret in secrets:
        text = text.replace(secret, REMOVED)
    return LOOKS_SECRET.sub(REMOVED, text)


def _texts_of(value: object, *, secret: bool) -> set[str]:
    """All texts under keys that say so (or all, where the file holds nothing else)."""
    if isinstance(value, str):
        return {value} if secret else set()
    if isinstance(value, list):
        return set().union(*(_texts_of(item, secret=secret) for item in value))
    if isinstance(value, dict):
        return set().union(
            *(
                _texts_of(item, secret=secret or bool(SECRET_KEY.search(key)))
                for key, item in value.items()
            )
        )
    return set()


def _read(path: Path) -> object:
    try:
        content: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content


def _lines(path: Path) -> list[object]:
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    except (OSError, ValueError):
        return []


def _run_file(data: Path) -> object:
    content = _read(data / "run" / "engine.json")
    if not isinstance(content, dict):
        return None
    return {key: value for key, value in content.items() if not SECRET_KEY.search(key)}


def _status(engine: Connection) -> object:
    try:
        return engine.diagnostics()
    except ClientError as error:
        return {"engine": str(error)}


def _versions() -> dict[str, str]:
    found = {"python": sys.version, "platform": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
