"""Qt without a screen; the helpers of the core's tests on the path."""

import gc
import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent / "core"))

# As in the desktop (ui/collector.py): what holds Qt's objects is collected on this thread.
gc.disable()


def pytest_runtest_logfinish(nodeid, location):
    """After a test, when nothing of it is held any more."""
    gc.collect(0 if gc.get_count()[0] < 100_000 else 2)


@pytest.fixture
def reached_the_disk(monkeypatch):
    """Names of files and folders in the order in which they were flushed, and of renames."""
    happened, flush, rename = [], os.fsync, os.replace

    def flushed(descriptor):
        happened.append(f"flush {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        flush(descriptor)

    def renamed(source, target, **more):
        happened.append(f"rename {Path(target).name}")
        rename(source, target, **more)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    return happened
