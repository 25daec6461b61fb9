"""Views made one by one: one that breaks costs itself, never the engine or its neighbours.

What cannot be shown is replaced by a plain view that says so (`plain`). The log tells each
kind and fault once, with its traceback: the same robot breaks twenty times a second.
"""

import logging
import traceback
from collections.abc import Callable
from typing import TypeVar

log = logging.getLogger(__name__)
View = TypeVar("View")


class ViewGuard:
    """Remembers what was logged; used by the loop's thread and by those of the server."""

    def __init__(self) -> None:
        """Nothing broke yet."""
        self._logged: set[tuple[str, str, str]] = set()

    def made(self, kind: str, make: Callable[[], View], instead: Callable[[], View]) -> View:
        """What `make` gives, or `instead` if it breaks; `kind` is for the log."""
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - whatever it is, it costs this view only
            self._log(kind, error)
        return instead()

    def attempt(self, kind: str, act: Callable[[], None]) -> None:
        """Do something that serves views alone."""
        self.made(kind, act, lambda: None)

    def _log(self, kind: str, error: Exception) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        fault = (kind, type(error).__name__, f"{last.filename}:{last.lineno}")
        if fault not in self._logged:
            self._logged.add(fault)
            log.error("cannot show: %s; told once for this fault", kind, exc_info=error)
