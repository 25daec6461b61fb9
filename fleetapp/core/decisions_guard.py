"""What the core concludes about its own faults and about halts; part of `decisions`."""

from dataclasses import dataclass

from fleetapp.terms.reasons import HaltReason


@dataclass(frozen=True, slots=True)
class RuleBroke:
    """A rule failed; what it had begun was undone, and who it concerned stands still. Restrictive.

    The rule is not tried again for these robots until a person releases them. The row
    holds nothing that differs between machines.
    """

    at_ms: int
    rule: str  # the kind of message, or the name of a rule about robots
    fault: str  # the kind of error
    robot_ids: tuple[str, ...]  # told to stand still, and held
    undone_seq: int | None = None  # the input that was recorded and not applied
    command_id: str | None = None  # the command that this answers

    @property
    def robot_id(self) -> str | None:
        """The robot, if it concerns one."""
        return self.robot_ids[0] if len(self.robot_ids) == 1 else None


@dataclass(frozen=True, slots=True)
class HaltBegan:
    """Nothing is allowed, or one rule rests, until a supervisor decides. Restrictive."""

    at_ms: int
    halt_id: str
    reason: HaltReason
    rule: str  # that failed, "" if none did
    whole: bool  # False: only that rule rests
    note: str


@dataclass(frozen=True, slots=True)
class HaltEnded:
    """A supervisor lets the fleet go on. Permissive."""

    at_ms: int
    halt_id: str
    by: str
    note: str
