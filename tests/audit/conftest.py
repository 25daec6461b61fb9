"""The helpers of these tests on the path, and the rings of a test."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from kept_commands import Rings


@pytest.fixture
def rings(tmp_path):
    """All rings that a test opens; they end with it."""
    made = Rings(tmp_path)
    yield made
    made.end()
