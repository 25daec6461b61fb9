"""What nobody caught on the screen's thread: logged once, and told where it broke.

Qt hands to `sys.excepthook` whatever a slot, a timer or an event of a widget raises, and goes
on. Here the part of the window that it came from is found by the traceback and covered with
a grey panel (`views.cover`), so that no page can show something half made and look well,
and no page needs a guard of its own. The stop is fed by itself and lies under no cover.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QThread
from shiboken6 import isValid

from .views.cover import Cover

log = logging.getLogger(__name__)
TOLD = (
    "A part of this window broke; robots and the stop do not depend on it. The log has the details."
)


class Faults(QObject):
    """The hook; `tell` gets a sentence where no part can be covered."""

    def __init__(self, tell: Callable[[str], None], parent: QObject | None = None) -> None:
        """Nothing broke yet."""
        super().__init__(parent)
        self._tell = tell
        self._logged: set[tuple[str, str]] = set()

    def take(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """As `sys.excepthook`."""
        if not isinstance(error, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        news = self._log(error, trace)
        if QThread.currentThread() is self.thread():
            covers = [found for found in map(_cover_over, _objects(trace)) if found is not None]
            if covers:
                covers[-1].cover()  # where it broke, not who asked for it
            elif news:
                self._tell(TOLD)
        # A painter that was at work would else stay open while somebody holds its frame.
        traceback.clear_frames(trace)

    def _log(self, error: Exception, trace: TracebackType | None) -> bool:
        """Whether this fault is new."""
        last = traceback.extract_tb(trace)[-1:]
        where = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else ""
        fault = (type(error).__name__, where)
        if fault in self._logged:
            return False
        self._logged.add(fault)
        log.error("broke in %s; told once", where, exc_info=(type(error), error, trace))
        return True


def _objects(trace: TracebackType | None) -> Iterator[QObject]:
    """Whose methods were at work, the outermost first."""
    for frame, _line in traceback.walk_tb(trace):
        own = frame.f_locals.get("self")
        if isinstance(own, QObject) and not isinstance(own, Cover) and isValid(own):
            yield own


def _cover_over(own: QObject) -> Cover | None:
    """The cover of the part that an object belongs to, if it has one."""
    part: QObject | None = own
    while part is not None:
        found = part.findChild(Cover, "", Qt.FindChildOption.FindDirectChildrenOnly)
        if found is not None:
            return found
        part = part.parent()
    return None
