"""What halts the fleet, and the supervisor who lets it go on.

A journal that is not the one we left, and parts of the engine that fail: nothing
permissive leaves until a supervisor has looked. Stops and holds work all the while.
"""

from collections.abc import Mapping
from itertools import chain, count

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core import observations_engine as own
from fleetapp.core.alarms import (
    alarm_id,
    end_alarm,
    raise_alarm,
    raise_halt_alarm,
    rule_alarm_subject,
)
from fleetapp.core.decisions import HaltBegan, HaltEnded
from fleetapp.core.evolve_guard import rule_of_row
from fleetapp.core.guard import Broken, broke, halt
from fleetapp.core.replies import Reply, done, refused
from fleetapp.core.state import Halt
from fleetapp.core.turn import Turn
from fleetapp.terms.reasons import AlarmKind, HaltReason, HoldReason, Refusal

RECORD = "record"  # the id of the halt about the journal; of a further one it begins with this


def on_doubted(turn: Turn, message: own.RecordDoubted) -> None:
    """Nothing is allowed on a record that may lack what robots were told.

    Each doubt is a halt of its own: whoever ends one has not decided about another.
    """
    open_halts = turn.draft.halts.mapping()
    if any(message.text == halt.note for halt in open_halts.values() if _doubts(halt)):
        return
    key = _free_id(open_halts, message)
    raise_alarm(turn, AlarmKind.RECORD_DOUBTED, message.text, subject=_subject(key))
    reason = HaltReason.RECORD_DOUBTED
    turn.decide(HaltBegan(turn.now_ms, key, reason, "", whole=True, note=message.text))


def _free_id(taken: Mapping[str, Halt], message: own.RecordDoubted) -> str:
    """`record`, `record:proof:20`, `record:proof:20:2`: the first that no open halt has."""
    if RECORD not in taken:
        return RECORD
    first = f"{RECORD}:{message.witness.replace(' ', '-')}:{message.named_seq}"
    others = (f"{first}:{number}" for number in count(2))
    return next(key for key in chain((first,), others) if key not in taken)


def _doubts(halt: Halt) -> bool:
    return halt.reason is HaltReason.RECORD_DOUBTED


def _subject(halt_id: str) -> str:
    """What tells the alarm of this halt from those of others."""
    return halt_id.removeprefix(RECORD).removeprefix(":")


def on_part_broke(turn: Turn, message: own.PartBroke) -> None:
    """It costs its robot; one that was for no robot costs all that is permissive."""
    robot_ids = (message.robot_id,) if message.robot_id in turn.draft.robots else ()
    broke(turn, Broken(message.part, message.fault, robot_ids))
    if not message.robot_id:
        halt(turn, message.part, HaltReason.KERNEL_BROKEN, whole=True)


def tell_unfolded(turn: Turn) -> None:
    """At a start: rows that could not be followed, as broken rules of their robots."""
    for row in turn.draft.unfolded:
        known = (row.robot_id,) if row.robot_id in turn.draft.robots else ()
        rule = rule_of_row(row.type)
        broke(turn, Broken(rule, row.fault, known))
        if not known:
            halt(turn, rule, HaltReason.KERNEL_BROKEN, whole=True)


def end_halt(turn: Turn, command: asked.EndHalt, person: Person) -> Reply:
    """Let the fleet go on; robots that are held stay held."""
    known = turn.draft.halts.get(command.halt_id)
    if known is None:
        there = ", ".join(sorted(turn.draft.halts.mapping())) or "none"
        return refused(
            Refusal.UNKNOWN_HALT, f"There is no halt {command.halt_id!r} now; there is: {there}."
        )
    turn.decide(HaltEnded(turn.now_ms, known.halt_id, person.name, command.reason))
    if _doubts(known):
        end_alarm(turn, AlarmKind.RECORD_DOUBTED, _subject(known.halt_id))
    left = sorted(halt.halt_id for halt in turn.draft.halts.values() if halt.whole)
    if known.whole and left:
        return done(f"This halt has ended; the fleet is still halted: {', '.join(left)}.")
    if known.whole and turn.draft.stop is not None:
        return done("This halt has ended; the fleet is still stopped.")
    held = sum(1 for r in turn.draft.robots.values() if r.admitted and r.held)
    rest = f" {held} robots stay held." if held else ""
    return done(f"The fleet goes on.{rest}" if known.whole else f"{known.rule} works again.")


def judge_rule_alarms(turn: Turn) -> None:
    """An alarm about a rule ends when no robot stands and no halt is on for it any more.

    A halt has one, whether or not that could be raised when the rule failed.
    """
    open_ids = [
        alarm.raised.alarm_id
        for alarm in turn.draft.alarms.values()
        if alarm.raised.kind is AlarmKind.RULE_BROKEN and alarm.gone_ms is None
    ]
    if not (open_ids or turn.draft.halts):
        return
    broken = _broken_now(turn)
    for key in open_ids:
        if key not in broken:
            end_alarm(turn, AlarmKind.RULE_BROKEN, key.partition(":")[2])
    told = [key for key in open_ids if key in broken]
    for known in turn.draft.halts.values():
        if known.rule and not any(_is_about(key, known.rule) for key in told):
            raise_halt_alarm(turn, known.rule)


def _is_about(key: str, rule: str) -> bool:
    """Whether this alarm is about the rule, for robots of one type or for all."""
    about_all = alarm_id(AlarmKind.RULE_BROKEN, rule)
    return key == about_all or key.startswith(about_all + ":")


def _broken_now(turn: Turn) -> frozenset[str]:
    """Ids of the alarms about rules whose cause is still there."""
    subjects = {
        rule_alarm_subject(hold.evidence, robot.robot_type)
        for robot in turn.draft.robots.values()
        for hold in robot.holds
        if hold.reason is HoldReason.RULE_BROKEN
    }
    subjects |= {
        rule_alarm_subject(rule, robot.robot_type)
        for robot in turn.draft.robots.values()
        for rule in robot.broken
    }
    subjects |= {known.rule for known in turn.draft.halts.values() if known.rule}
    return frozenset(alarm_id(AlarmKind.RULE_BROKEN, subject) for subject in subjects)
