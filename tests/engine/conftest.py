"""The helpers of these tests on the path, and a data folder that an engine left in order."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from left_folders import run_to


@pytest.fixture
def data(tmp_path):
    """A data folder with a journal of nine rows, its anchor and a snapshot."""
    run_to(tmp_path, 9)
    return tmp_path
