"""`fleetapp bench window`: how long the window's thread is held beside a live demo."""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fleetapp.cli import places
from fleetapp.cli.desktop import window_environment
from fleetapp.client.connection import ClientError, read_target

START_S = 60.0
SPARE_S = 40.0  # window built, pages changed
PAGES = 6


def measure_window(options: argparse.Namespace, site: Path) -> int:
    """Run the demo without its window, and the window beside it; its JSON goes to stdout."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        command = [sys.executable, "-m", "fleetapp", "demo", "--headless", "--json"]
        command += ["--robots", str(options.robots), "--site", str(site), "--data", folder]
        command += ["--duration", str(START_S + SPARE_S + PAGES * options.seconds)]
        demo = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if not _answers(data, demo):
                print("fleetapp bench: the demo did not start", file=sys.stderr)
                return 2
            return _look(data, options.seconds)
        finally:
            demo.terminate()
            demo.wait(30)


def _answers(data: Path, demo: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + START_S
    while time.monotonic() < until and demo.poll() is None:
        try:
            read_target(data)
        except ClientError:
            time.sleep(0.2)
        else:
            return True
    return False


def _look(data: Path, seconds: float) -> int:
    command = [sys.executable, "-m", f"{places.window_module()}.holds", "--data", str(data)]
    command += ["--assets", str(places.assets_dir()), "--seconds", str(seconds)]
    limit = SPARE_S + PAGES * seconds + START_S
    return subprocess.run(
        command, env=window_environment(unseen=True), timeout=limit, check=False
    ).returncode
