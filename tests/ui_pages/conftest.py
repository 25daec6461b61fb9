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


@pytest.fixture
def count_painted(monkeypatch):
    """Gives the names of what a painter of rows draws, in a window with time for all rows."""
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", 60.0)

    def counted(painter, name_of):
        names, real = [], painter._painted

        def painted(self, row, *rest, **how):
            names.append(name_of(row))
            return real(self, row, *rest, **how)

        monkeypatch.setattr(painter, "_painted", painted)
        return names

    return counted
