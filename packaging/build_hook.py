"""Puts `ui`, `maps` and `assets` into the wheel under names of their own.

`ui/` becomes `fleetapp_ui`, `maps/` and `assets/` become data of
`fleetapp_data`, so that no general name lands in anybody's site-packages. Only
for standard builds: an editable install must run the checkout's own `ui`.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MOVES = {"ui": "fleetapp_ui", "maps": "fleetapp_data/maps", "assets": "fleetapp_data/assets"}


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the moved folders to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files."""
        if version == "standard":
            build_data["force_include"].update(MOVES)
            build_data["force_include"]["packaging/data_init.py"] = "fleetapp_data/__init__.py"
