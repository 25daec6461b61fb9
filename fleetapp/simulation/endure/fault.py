"""A fault: what happens when it begins and when it ends."""

from collections.abc import Callable
from dataclasses import dataclass

from fleetapp.simulation.endure.script import Event
from fleetapp.simulation.endure.stage import Stage
from fleetapp.simulation.robots.robot import VirtualRobot

Deed = Callable[[Stage, VirtualRobot, Event], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """How it begins and how it ends."""

    begin: Deed
    end: Deed


def nothing(_stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    """It ends by itself."""
