"""A reader that has enough (`| head`) is no error."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_pipe_closed_by_its_reader_ends_the_command_without_a_word():
    process = subprocess.Popen(
        [sys.executable, "-m", "fleetapp", "site", "check", "maps/small", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()

    _, words = process.communicate(timeout=60)

    assert words == b""
