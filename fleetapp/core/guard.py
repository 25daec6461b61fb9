"""A rule that fails is undone whole, said in a row, and not tried again for that robot.

A step works on frozen values, so to undo is to begin it anew from the state that it was
given, and to go past the place that failed. What failed is the row `RuleBroke`: it needs
no other rule to hold its robot and to tell it to stand still. A rule about the whole
fleet rests; only a kernel that fails, or one rule for three types of robots, halts all
that is permissive (DESIGN.md, section 3 "Guard").
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fleetapp.api import commands as asked
from fleetapp.core.alarms import raise_rule_alarm
from fleetapp.core.decisions import HaltBegan, RuleBroke
from fleetapp.core.draft import Draft
from fleetapp.core.observations import CommandGiven, Input
from fleetapp.core.observations_engine import EngineObservation
from fleetapp.core.turn import Place, Turn, may_try, robot_of, rule_of
from fleetapp.terms.reasons import HaltReason

KERNEL = "kernel"
TYPES_OF_A_HALT = 3
SETTLING = -1  # the number of the message while none is answered

FaultTold = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class Broken:
    """Which rule failed, by what kind of error, for whom."""

    rule: str
    fault: str
    robot_ids: tuple[str, ...]
    undone_seq: int | None = None
    command_id: str | None = None


def answer_whole(
    turn: Turn, number: int, message: Input, answer: Callable[[Turn, Any], None]
) -> None:
    """Take a message in and answer it, or record it and do nothing of it."""
    rule = rule_of(message)
    place = Place(number, rule, robot_of(message))
    turn.at = place
    fault = turn.faults.get(place)
    if fault is None:
        if turn.take_in(message):
            answer(turn, message)
        return
    seq = turn.pass_over(message)
    command_id = message.command.command_id if isinstance(message, CommandGiven) else None
    said_of = robots_of(turn.draft, message)
    broke(turn, Broken(rule, fault, said_of, seq, command_id))
    if not said_of and isinstance(message, EngineObservation):
        halt(turn, rule, HaltReason.RULE_BROKEN, whole=True)


def each(turn: Turn, rule: str, robot_ids: Iterable[str]) -> Iterator[str]:
    """The robots for which a rule may be tried, one by one; where it fails it is undone."""
    outer = turn.at
    for robot_id in tuple(robot_ids):
        place = Place(outer.number, rule, robot_id)
        if not may_try(turn.draft, rule, robot_id):
            continue
        turn.at = place
        if place in turn.faults:
            broke(turn, Broken(rule, turn.faults[place], (robot_id,)))
        else:
            yield robot_id
    turn.at = outer


def about_all(turn: Turn, rule: str, act: Callable[[Turn], None]) -> None:
    """A rule about the whole fleet, unless it rests; where it fails it is undone and rests."""
    if halt_id(rule) in turn.draft.halts:
        return
    outer, place = turn.at, Place(turn.at.number, rule, "")
    turn.at = place
    if place in turn.faults:
        broke(turn, Broken(rule, turn.faults[place], ()))
        halt(turn, rule, HaltReason.RULE_BROKEN, whole=False)
    else:
        act(turn)
    turn.at = outer


def broke(turn: Turn, broken: Broken) -> None:
    """Say it, hold whom it concerns, and halt the fleet if it is no matter of one type."""
    known = _known(turn, broken.robot_ids)
    turn.decide(
        RuleBroke(
            turn.now_ms, broken.rule, broken.fault, known, broken.undone_seq, broken.command_id
        )
    )
    raise_rule_alarm(turn, broken.rule, broken.fault, known)
    types = {r.robot_type for r in turn.draft.robots.values() if broken.rule in r.broken}
    if len(types) >= TYPES_OF_A_HALT:
        halt(turn, broken.rule, HaltReason.RULE_BROKEN, whole=True)


def _known(turn: Turn, robot_ids: Iterable[str]) -> tuple[str, ...]:
    """A command may name a robot that there is not."""
    return tuple(robot_id for robot_id in robot_ids if robot_id in turn.draft.robots)


def halt(turn: Turn, rule: str, reason: HaltReason, *, whole: bool) -> None:
    """Nothing permissive, or nothing of this rule, until a supervisor decides."""
    key = halt_id(rule)
    known = turn.draft.halts.get(key)
    if known is None or (whole and not known.whole):
        note = f"the rule {rule} of the fleet manager failed"
        turn.decide(HaltBegan(turn.now_ms, key, reason, rule, whole, note))


def halt_id(rule: str) -> str:
    """The id of the halt that a failed rule begins."""
    return f"rule:{rule}"


def kernel_broke(turn: Turn, messages: Iterable[Input], fault: str) -> None:
    """What carries the rules failed: inputs are recorded, what restricts is done, no more.

    Its alarm is raised from its halt as soon as the rules work again.
    """
    for message in messages:
        seq = turn.pass_over(message)
        command_id = message.command.command_id if isinstance(message, CommandGiven) else None
        told = _known(turn, robots_of(turn.draft, message)) if command_id is not None else ()
        turn.decide(RuleBroke(turn.now_ms, KERNEL, fault, told, seq, command_id))
    halt(turn, KERNEL, HaltReason.KERNEL_BROKEN, whole=True)


def robots_of(draft: Draft, message: Input) -> tuple[str, ...]:
    """Whom the failure of a message's rule concerns: its robot, or those a command restricts."""
    if not isinstance(message, CommandGiven):
        return (robot_of(message),) if robot_of(message) else ()
    command = message.command
    if isinstance(command, asked.StopAll):
        return tuple(sorted(r.robot_id for r in draft.robots.values() if r.admitted))
    if isinstance(command, asked.HoldRobot):
        return (command.robot_id,)
    if isinstance(command, asked.CancelTask):
        task = draft.tasks.get(command.task_id)
        return (task.robot_id,) if task is not None and task.robot_id is not None else ()
    return ()
