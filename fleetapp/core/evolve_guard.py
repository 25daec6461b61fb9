"""How broken rules and halts change the state; it needs no other rule."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fleetapp.core import decisions as made
from fleetapp.core.draft import Draft
from fleetapp.core.state import Halt
from fleetapp.fleet.look import look_after_hold
from fleetapp.fleet.robot import Hold, Robot, told_to_stand
from fleetapp.terms.reasons import HoldReason

NOTE = "A rule of the fleet manager failed for it"


def _rule_broke(draft: Draft, decision: made.RuleBroke) -> None:
    for robot_id in decision.robot_ids:
        robot = draft.robots.get(robot_id)
        if robot is not None:
            draft.robots.put(robot_id, _stands(robot, decision))
    _tell(draft, decision.rule)


def _tell(draft: Draft, rule: str) -> None:
    """A row that could not be followed is told by this."""
    left = list(draft.unfolded)
    told = next((row for row in left if rule == rule_of_row(row.type)), None)
    if told is not None:
        left.remove(told)
        draft.unfolded = tuple(left)


def rule_of_row(row_type: str) -> str:
    """What the rule is called that follows rows of a type at a start."""
    return f"row:{row_type}"


def _stands(robot: Robot, decision: made.RuleBroke) -> Robot:
    """Held and told to stand still; a person's command may be tried again at once.

    One that is not admitted is not held: the rule just rests for it until it is.
    """
    held = any(hold.reason is HoldReason.RULE_BROKEN for hold in robot.holds)
    hold = Hold(HoldReason.RULE_BROKEN, decision.at_ms, "system", NOTE, decision.rule)
    tried_again = decision.command_id is not None or decision.rule in robot.broken
    broken = robot.broken if tried_again else (*robot.broken, decision.rule)
    if not robot.admitted:
        return replace(robot, broken=broken)
    return replace(
        robot if robot.pause_wanted else told_to_stand(robot),
        broken=broken,
        holds=robot.holds if held else (*robot.holds, hold),
        look=look_after_hold(robot.look),
        state_since_ms=decision.at_ms,
    )


def _halt_began(draft: Draft, decision: made.HaltBegan) -> None:
    draft.halts.put(
        decision.halt_id,
        Halt(
            decision.halt_id,
            decision.reason,
            decision.at_ms,
            decision.rule,
            decision.whole,
            decision.note,
        ),
    )


def _halt_ended(draft: Draft, decision: made.HaltEnded) -> None:
    draft.halts.drop(decision.halt_id)
    draft.dispatch_due = True


GUARD: Mapping[type, Callable[[Draft, Any], None]] = {
    made.RuleBroke: _rule_broke,
    made.HaltBegan: _halt_began,
    made.HaltEnded: _halt_ended,
}
