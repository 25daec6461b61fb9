"""What a whole line of the task line does: commands sent, sheets and pages opened."""

from collections.abc import Callable

from fleetapp.api.commands import CancelTask, StopAll

from ..commands import new_id, words_of
from ..context import Context
from ..models.task_line import Line
from .sheets import CancelSheet, ReleaseSheet


class LineDeeds:
    """Sends, or shows; what needs a preview or a signature opens its sheet."""

    def __init__(self, context: Context) -> None:
        """For one window."""
        self._context = context

    def do(self, meant: Line, answered: Callable[[object], None]) -> None:
        """Do what a line means; `answered` gets the engine's word on its commands."""
        context = self._context
        if meant.find:
            self._find(meant.find)
        if meant.show_robot:
            context.hub.robot_selected.emit(meant.show_robot)
        if meant.show_task:
            self._show_task(meant.show_task)
        robot = context.store.model.robots.get(meant.release_robot)
        if robot is not None:
            context.open_sheet(ReleaseSheet(context, robot))
        task = context.store.model.tasks.get(meant.cancel_task)
        if task is not None:
            context.open_sheet(CancelSheet(context, task, self._cancel))
        for command in meant.commands:
            if isinstance(command, StopAll):
                context.commands.stop_all()
                continue
            context.commands.send(command, answered)

    def _cancel(self, task_id: str) -> None:
        command = CancelTask(new_id(), task_id)
        self._context.commands.send(command, lambda answer: self._context.toast(words_of(answer)))

    def _find(self, wanted: str) -> None:
        """A robot or task by its name; other words are sought among the tasks."""
        model = self._context.store.model
        named = [r for r in model.robots.values() if r.name.lower() == wanted.lower()]
        if named:
            self._context.hub.page_wanted.emit("Map")
            self._context.hub.robot_selected.emit(named[0].robot_id)
        elif wanted.upper() in model.tasks:
            self._show_task(wanted.upper())
        else:
            self._context.hub.page_wanted.emit("Tasks")
            self._context.hub.tasks_sought.emit(wanted)

    def _show_task(self, task_id: str) -> None:
        self._context.hub.page_wanted.emit("Tasks")
        self._context.hub.task_selected.emit(task_id)
