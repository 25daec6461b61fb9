"""`fleetapp desktop` (and `fleetapp` alone): the window; it reopens on what runs, else starts it.

The window is a child of this program. An engine that it starts outlives both.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from fleetapp.cli import places
from fleetapp.client.connection import ClientError, Connection
from fleetapp.engine.data_folder import DataFolder


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("desktop", help="open the window (also: fleetapp alone)")
    parser.add_argument("--data", type=Path, default=None, help="data folder of the fleet")
    parser.add_argument("--site", type=Path, default=None, help="site to start if nothing runs")
    parser.add_argument("--theme", choices=("dark", "light", "system"), default=None)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Find the running engine, else start one on the site named or last used, then the window."""
    data = options.data or places.default_data_dir()
    folder = DataFolder(data)
    folder.prepare()
    running = running_site(data)
    wanted = options.site.resolve() if options.site is not None else None
    if running is not None and wanted is not None and running != wanted:
        print(
            f"fleetapp: an engine runs {running} on {data}, not {wanted}: end it first, "
            "or name another --data",
            file=sys.stderr,
        )
        return 2
    site = wanted or last_site(folder)
    if running is None and site is not None:
        start_engine(data, site)
    if site is not None:
        folder.settings_file.write_text(json.dumps({"site": str(site)}), encoding="utf-8")
    return subprocess.call(window_command(data, options.theme), env=window_environment())


def running_site(data: Path) -> Path | None:
    """The site of the engine that answers, None if none does."""
    try:
        Connection(data).status()
        content = json.loads((data / "run" / "engine.json").read_text("utf-8"))
    except (ClientError, OSError, ValueError):
        return None
    return Path(content["site_path"])


def last_site(folder: DataFolder) -> Path | None:
    """The site that was last open, if it is still there."""
    try:
        path = Path(json.loads(folder.settings_file.read_text("utf-8"))["site"])
    except (OSError, ValueError, KeyError):
        return None
    return path if path.is_dir() else None


def start_engine(data: Path, site: Path) -> None:
    """Start an engine with a session of its own."""
    with (data / "logs" / "start.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "fleetapp", "engine", "--data", str(data), "--site", str(site)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def window_command(data: Path, theme: str | None) -> list[str]:
    """How the window's process is started."""
    command = [sys.executable, "-m", places.window_module(), "--data", str(data)]
    command += ["--assets", str(places.assets_dir())]
    return [*command, "--theme", theme] if theme else command


def window_environment() -> dict[str, str]:
    """The environment in which Python finds the window's package."""
    environment = dict(os.environ)
    root = places.window_root()
    if root is not None:
        known = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), known)))
    return environment
