"""Where maps, assets, data and the desktop's package are: the one place that knows.

In a checkout they lie beside `fleetapp/`; in the wheel `ui` is `fleetapp_ui`
and `maps`, `assets` lie in `fleetapp_data`, so that no general name lands in
anybody's site-packages.
"""

import importlib.util
import os
from pathlib import Path


def _checkout() -> Path | None:
    root = Path(__file__).resolve().parents[2]
    return root if (root / "ui").is_dir() and (root / "maps").is_dir() else None


def _data_package() -> Path:
    spec = importlib.util.find_spec("fleetapp_data")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            "fleetapp's maps and assets are not installed: install the wheel built by "
            "`python -m build --wheel`, or run from a checkout"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def maps_dir() -> Path:
    """The folder with the sites that come with the program."""
    root = _checkout()
    return root / "maps" if root else _data_package() / "maps"


def assets_dir() -> Path:
    """The folder with icons, fonts, themes, models and demo frames."""
    root = _checkout()
    return root / "assets" if root else _data_package() / "assets"


def window_module() -> str:
    """The package that `python -m` starts as the desktop."""
    return "ui" if _checkout() else "fleetapp_ui"


def window_root() -> Path | None:
    """The folder that must be on the path for the desktop, None if installed."""
    return _checkout()


def default_data_dir() -> Path:
    """Where a fleet's data lie unless `--data` says otherwise."""
    if given := os.environ.get("FLEETAPP_DATA"):
        return Path(given)
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "fleetapp"
