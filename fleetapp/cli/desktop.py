"""`fleetapp desktop` (and `fleetapp` alone): the window; it reopens on what runs, else starts it.

The window is a child of this program. An engine that it starts outlives both; one that
dies while the window is open is started again.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from fleetapp.cli import places
from fleetapp.client.connection import ClientError, Connection
from fleetapp.engine.data_folder import DataFolder, died

LOOK_S = 1.0
START_S = 20.0
MOST_STARTS = 3
STARTS_WITHIN_S = 600.0
NO_SCREEN = "there is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set): set one"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("desktop", help="open the window (also: fleetapp alone)")
    parser.add_argument("--data", type=Path, default=None, help="data folder of the fleet")
    parser.add_argument("--site", type=Path, default=None, help="site to start if nothing runs")
    parser.add_argument("--theme", choices=("dark", "light", "system"), default=None)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Find the running engine, else start one on the site named or last used, then the window."""
    if not has_screen():
        print(f"fleetapp: {NO_SCREEN}, or run `fleetapp engine` without a window", file=sys.stderr)
        return 2
    data = options.data or places.default_data_dir()
    folder = DataFolder(data)
    folder.prepare()
    running = running_site(data)
    wanted = options.site.resolve() if options.site is not None else None
    if running is not None and wanted is not None and running != wanted:
        print(
            f"fleetapp: an engine runs {running} on {data}, not {wanted}: end it first "
            "(`fleetapp shutdown`), or name another --data",
            file=sys.stderr,
        )
        return 2
    last = last_start(folder)
    started = []
    if running is None and wanted is not None:
        started.append(start_engine(data, ("--site", str(wanted))))
    elif running is None and last is not None:
        started.append(start_engine(data, last))
    window = subprocess.Popen(window_command(data, options.theme), env=window_environment())
    return look_after(window, folder, started)


def look_after(
    window: "subprocess.Popen[bytes]",
    folder: DataFolder,
    engines: "list[subprocess.Popen[bytes]]",
) -> int:
    """Wait for the window; start an engine that died again, `MOST_STARTS` times in ten minutes.

    `engines` are those that we started; more are added.
    """
    starts: list[float] = []
    while True:
        try:
            return window.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            starts = [at for at in starts if time.monotonic() - at < STARTS_WITHIN_S]
        engines[:] = [engine for engine in engines if engine.poll() is None]
        last = last_start(folder)
        if last is not None and len(starts) < MOST_STARTS and died(folder):
            starts.append(time.monotonic())
            engines.append(start_engine(folder.root, last))
            wait_for_engine(folder)


def wait_for_engine(folder: DataFolder) -> None:
    """Until an engine answers or has had its time to start."""
    until = time.monotonic() + START_S
    while running_site(folder.root) is None and time.monotonic() < until:
        time.sleep(0.2)


def running_site(data: Path) -> Path | None:
    """The site of the engine that answers, None if none does."""
    try:
        Connection(data).status()
        content = json.loads((data / "run" / "engine.json").read_text("utf-8"))
    except (ClientError, OSError, ValueError):
        return None
    return Path(content["site_path"])


def last_start(folder: DataFolder) -> tuple[str, ...] | None:
    """How the engine was last started, None if its site is gone or it never ran."""
    try:
        content = json.loads(folder.settings_file.read_text("utf-8"))
        site, words = Path(content["site"]), tuple(map(str, content["options"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return ("--site", str(site), *words) if site.is_dir() else None


def start_engine(data: Path, options: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """Start an engine with a session of its own: it goes on when we end."""
    with (data / "logs" / "start.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "fleetapp", "engine", "--data", str(data), *options],
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


def has_screen() -> bool:
    """Whether a window can be shown here."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def window_environment(*, unseen: bool = False) -> dict[str, str]:
    """The environment in which Python finds the window's package.

    An `unseen` window is for pictures and figures: it needs no screen.
    """
    environment = dict(os.environ)
    if unseen and not has_screen():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    root = places.window_root()
    if root is not None:
        known = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), known)))
    return environment
