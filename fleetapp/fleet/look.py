"""One look of one task at one place: a verdict is worth nothing beyond it.

A look begins with the order that carries it, or with the person or type of robot that
stands in for a camera, and ends when the task leaves the robot, another order begins or
a hold comes before its verdict.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Look:
    """A robot's present look at the package of its task."""

    task_id: str
    node: int | None  # where it looks; None: nowhere that a verdict counts
    action_id: str = ""  # the ordered look whose frames count; "" if none was ordered
    frame_id: str | None = None  # the newest frame of it
    frame_sha256: str = ""  # of its bytes: a robot may use an id again
    until_ms: int | None = None  # when a missing answer becomes a hold
    sure: bool | None = None  # the verdict, None before it

    def is_sure_of(self, task_id: str, node: int | None) -> bool:
        """Whether its verdict lets the robot pick for this task where it stands."""
        here = node is not None and self.node == node
        return here and bool(self.sure) and self.task_id == task_id


def look_after_hold(look: Look | None) -> Look | None:
    """Without a verdict it is over: once released the robot looks again."""
    return look if look is not None and look.sure is not None else None


def look_elsewhere(look: Look) -> Look:
    """Its place has no number any more: a verdict or a person's answer lets nobody pick.

    It does not end by that: a question about it that is still open is not one about where
    the robot stands now.
    """
    return replace(look, node=None)
