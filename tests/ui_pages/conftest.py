"""The desktop's pages over a fleet made by hand: no engine, no sockets."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from prompt_engine import FakeConnection, context_of


@pytest.fixture
def connection():
    return FakeConnection()


@pytest.fixture
def context(qtbot, connection):
    return context_of(connection, "dark")
