"""Which row ended what forbade a robot to be given anything, as far as it is not on disk.

The state of a moment may know of a release, an end of a halt or a robot's return to
automatic mode that a crash would still take back. Asked of the gate's own rule before
and after each step, so nothing that forbids has to be listed here a second time.
"""

from fleetapp.core.state import State
from fleetapp.fleet.robot import Robot
from fleetapp.safety.permission import obstacle_to_permission


class Lifts:
    """The newest row that lifted something, for the fleet and for each robot."""

    def __init__(self) -> None:
        """Nothing lifted yet: what an engine finds in its record is on disk."""
        self._fleet_seq = 0
        self._robot_seq: dict[str, int] = {}

    def follow(self, before: State, after: State) -> None:
        """Note what a step lifted; its last row is on disk only after all that it rests on."""
        for forbade, forbids in zip(_of_the_fleet(before), _of_the_fleet(after), strict=True):
            if forbade and not forbids:
                self._fleet_seq = after.seq
        for robot_id, robot in after.robots.items():
            known = before.robots.get(robot_id)
            if robot is not known and not _kept(robot) and (known is None or _kept(known)):
                self._robot_seq[robot_id] = after.seq

    def newest(self, robot_id: str) -> int:
        """The row that must be on disk before anything permissive leaves for a robot."""
        return max(self._fleet_seq, self._robot_seq.get(robot_id, 0))

    def durable(self, seq: int) -> None:
        """Rows up to `seq` are on disk: what they lifted need not be remembered."""
        self._robot_seq = {key: row for key, row in self._robot_seq.items() if row > seq}


def _of_the_fleet(state: State) -> tuple[bool, ...]:
    return state.stop is not None, state.halted, not state.journal_ok


def _kept(robot: Robot) -> bool:
    """Whether something about the robot itself forbids it all that is permissive."""
    return obstacle_to_permission(robot, journal_ok=True, stopped=False, halted=False) is not None
