"""The halts of the fleet, and the sheet with which a supervisor ends one."""

from itertools import chain

from fleetapp.api.commands import EndHalt
from fleetapp.api.model import FleetModel
from fleetapp.api.views import AlarmView, HaltView
from fleetapp.terms.reasons import AlarmKind, HaltReason

from ..commands import new_id
from ..context import Context
from .sheets import SignedSheet

WHOLE = "what waited may move at once; robots that are held stay held"
ONE_RULE = "the rule is tried again; robots that are held stay held"
SIGNED = {
    HaltReason.RECORD_DOUBTED: "I let the fleet go on. I looked where the robots stand: the "
    "journal may not know what they were told.",
    HaltReason.RULE_BROKEN: "I let the fleet go on. I know that a rule failed and is tried again.",
    HaltReason.KERNEL_BROKEN: "I let the fleet go on. I know that a part of the engine failed.",
}


def open_halts(model: FleetModel) -> tuple[HaltView, ...]:
    """Those that a supervisor has not ended; what halts all comes first, then the oldest."""
    halts = model.fleet.halts if model.fleet is not None else ()
    return tuple(sorted(halts, key=lambda h: (not h.whole, h.since_ms, h.halt_id)))


def halt_of(model: FleetModel, alarm: AlarmView) -> HaltView | None:
    """The halt that an alarm without robots of its own is about."""
    if alarm.robot_ids or alarm.gone_ms is not None:
        return None
    doubted = alarm.kind is AlarmKind.RECORD_DOUBTED
    if not doubted and alarm.kind is not AlarmKind.RULE_BROKEN:
        return None
    fits = [
        halt for halt in open_halts(model) if (halt.reason is HaltReason.RECORD_DOUBTED) is doubted
    ]
    of_this = (halt for halt in fits if doubted and _cause(halt.halt_id) == _cause(alarm.alarm_id))
    return next(chain(of_this, fits), None)


def _cause(key: str) -> str:
    """What tells several of one kind apart, in the id of a halt and of its alarm."""
    return key.partition(":")[2]


class EndHaltSheet(SignedSheet):
    """Let the fleet go on after it was halted."""

    reasons = ("Looked at the floor", "Cause is known", "Fault was mended", "Other")

    def __init__(self, context: Context, halt: HaltView) -> None:
        """For one halt."""
        super().__init__(
            context,
            "Let the fleet go on" if halt.whole else "Let a rule work again",
            (halt.sentence, WHOLE if halt.whole else ONE_RULE),
            "Sign and go on",
            SIGNED[halt.reason],
        )
        self._halt_id = halt.halt_id

    def command(self) -> EndHalt:
        """The decision."""
        return EndHalt(new_id(), self._halt_id, self.reason())
