"""What every page is handed: the store, the commands, the looks, and who is selected."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from fleetapp.api.layout import Layout
from fleetapp.api.views import PersonView

from .commands import Commands
from .kept import Kept
from .models.store import Store
from .theme.icons import Icons
from .theme.tokens import Theme


class Hub(QObject):
    """What happens on one page and matters to others."""

    robot_selected = Signal(str)
    task_selected = Signal(str)
    tasks_sought = Signal(str)  # words to find tasks by
    page_wanted = Signal(str)
    page_opened = Signal(str)
    theme_wanted = Signal(str)
    person_changed = Signal(object)  # PersonView or None
    site_known = Signal()  # the context's layout is there


@dataclass(slots=True)
class Context:
    """Handed to every page; the sheet host is set by the window."""

    store: Store
    commands: Commands
    theme: Theme
    icons: Icons
    hub: Hub
    assets: Path
    layout: Layout | None = None
    person: PersonView | None = None
    demo_pin: str = ""  # of the supervisor "demo", if this window started the demo
    open_sheet: Callable[[QWidget], None] = lambda _sheet: None
    close_sheet: Callable[[], None] = lambda: None
    toast: Callable[[str], None] = lambda _text: None
    kept: Kept = field(default_factory=Kept)
    typed_lines: list[str] = field(default_factory=list)  # of the task line, oldest first
