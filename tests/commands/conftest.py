"""The same small fleet behind the real server as in tests/server."""

import importlib.util
import sys
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location(
    "small_fleet", Path(__file__).parent.parent / "server" / "conftest.py"
)
_SMALL_FLEET = importlib.util.module_from_spec(_SPEC)
sys.modules["small_fleet"] = _SMALL_FLEET
_SPEC.loader.exec_module(_SMALL_FLEET)
rig = _SMALL_FLEET.rig
