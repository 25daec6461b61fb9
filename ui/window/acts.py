"""The commands of the palette: each with its key, or with the reason why it is not possible."""

from functools import partial
from typing import Protocol

from ..context import Context
from ..models.acts import Act
from ..views.halts import EndHaltSheet, open_halts
from ..views.sheets import ReleaseAllSheet
from .rail import PAGES


class ActingWindow(Protocol):
    """What the palette asks of the window."""

    def show_page(self, name: str) -> None:
        """Open a page."""

    def show_settings(self) -> None:
        """Open the settings."""

    def show_sign_in(self) -> None:
        """Open the sign-in."""

    def hold_chosen(self) -> None:
        """Hold the chosen robot."""

    def release_chosen(self) -> None:
        """Open the sheet that releases the chosen robot."""

    def next_in_need(self) -> None:
        """Choose the next robot that needs a person."""

    def fit_map(self) -> None:
        """Show the whole site."""

    def toggle_list(self) -> None:
        """Show or hide the list of robots."""

    def import_tasks(self) -> None:
        """Open the import of tasks."""

    @property
    def chosen_robot(self) -> str:
        """The id of the chosen robot, "" if none."""


def acts_of(window: ActingWindow, context: Context) -> tuple[Act, ...]:
    """All commands that need no further words."""

    def lacks_robot() -> str:
        return "" if window.chosen_robot else "choose a robot first"

    def lacks_hold() -> str:
        robot = context.store.model.robots.get(window.chosen_robot)
        if robot is None:
            return "choose a robot first"
        return "" if robot.holds else f"{robot.name} is not held"

    def lacks_stop() -> str:
        fleet = context.store.model.fleet
        return "" if fleet is not None and fleet.stop.active else "the fleet is not stopped"

    def lacks_halt() -> str:
        return "" if open_halts(context.store.model) else "the fleet is not halted"

    def end_halt() -> None:
        for halt in open_halts(context.store.model)[:1]:
            context.open_sheet(EndHaltSheet(context, halt))

    return (
        Act("octagon-x", "Stop all robots", "F12", context.commands.stop_all),
        Act("play", "Release all robots …", "",
            lambda: context.open_sheet(ReleaseAllSheet(context)), lacks_stop),
        Act("play", "Let the halted fleet go on …", "", end_halt, lacks_halt),
        Act("hand", "Hold the chosen robot", "H", window.hold_chosen, lacks_robot),
        Act("play", "Release the chosen robot …", "Shift+H", window.release_chosen, lacks_hold),
        Act("bot", "Next robot that needs you", "J", window.next_in_need),
        *_pages(window),
        Act("file-up", "Import tasks from CSV …", "", window.import_tasks),
        Act("maximize", "Fit the map", "F", window.fit_map),
        Act("layers", "Show or hide the robots list", "[", window.toggle_list),
        Act("user", "Sign in …", "", window.show_sign_in),
        Act("settings", "Settings …", "", window.show_settings),
    )  # fmt: skip


def _pages(window: ActingWindow) -> tuple[Act, ...]:
    return tuple(
        Act(icon, f"{name} page", f"Alt+{number}", partial(window.show_page, name))
        for number, (name, icon) in enumerate(PAGES, start=1)
    )
