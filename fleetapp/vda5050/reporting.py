"""From a state message to the report that the core reads, and whether it is news.

Quantised, so that noise is not news: pose while standing to 5 cm, while driving
each half metre; battery in steps of 1 %; an error by its type and references, for
texts count up ("blocked for 12 s") and some robots repeat errors with each report.
"""

from collections.abc import Sequence
from dataclasses import replace

from fleetapp.core.observations import ErrorSeen, RobotReported
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.terms.units import mm, mrad, permille
from fleetapp.vda5050 import wire
from fleetapp.vda5050.instant import unfinished
from fleetapp.vda5050.plain_text import ID_SIGNS, SENTENCE_SIGNS, WORD_SIGNS, shown

MODES: dict[str, OperatingMode] = {
    "AUTOMATIC": OperatingMode.AUTOMATIC,
    "SEMIAUTOMATIC": OperatingMode.SEMIAUTOMATIC,
    "MANUAL": OperatingMode.MANUAL,
    "SERVICE": OperatingMode.SERVICE,
    "TEACHIN": OperatingMode.TEACH_IN,
}
STOPS: dict[str, EmergencyStop] = {
    "NONE": EmergencyStop.NONE,
    "AUTOACK": EmergencyStop.AUTO_ACKNOWLEDGE,
    "MANUAL": EmergencyStop.MANUAL,
    "REMOTE": EmergencyStop.REMOTE,
}
STANDING_STEP_MM = 50
DRIVING_STEP_MM = 500
MOST_ERRORS = 20  # the gravest
GRAVEST_FIRST = {"FATAL": 0, "CRITICAL": 1, "URGENT": 2}


def report_of(
    robot_id: str, state: wire.State, now_ms: int, before: RobotReported | None = None
) -> RobotReported:
    """Everything of a state message that the core reads.

    `before` is its report before this one: what its safety controller said there
    holds until it says something else.
    """
    position = state.agv_position
    battery = state.battery_state
    return RobotReported(
        robot_id=robot_id,
        at_ms=now_ms,
        order_id=shown(state.order_id or "", ID_SIGNS),
        order_update_id=state.order_update_id or 0,
        last_node_id=shown(state.last_node_id or "", ID_SIGNS),
        map_id=shown(position.map_id, ID_SIGNS) if position is not None else "",
        x_mm=mm(position.x) if position is not None else None,
        y_mm=mm(position.y) if position is not None else None,
        heading_mrad=mrad(position.theta) if position is not None else None,
        localized=position is not None and position.position_initialized is not False,
        battery_permille=_charge(battery),
        charging=bool(battery and battery.charging),
        driving=bool(state.driving),
        paused=bool(state.paused),
        idle=_idle(state),
        mode=MODES.get((state.operating_mode or "").upper(), OperatingMode.UNKNOWN),
        emergency_stop=_emergency_stop(state.safety_state, before),
        field_violation=_field_violation(state.safety_state, before),
        load=_load(state),
        errors=_errors(state.errors or ()),
    )


def _emergency_stop(safety: wire.SafetyState | None, before: RobotReported | None) -> EmergencyStop:
    if safety is not None and safety.e_stop:
        return STOPS.get(safety.e_stop.upper(), EmergencyStop.UNKNOWN)
    return before.emergency_stop if before is not None else EmergencyStop.NONE


def _field_violation(safety: wire.SafetyState | None, before: RobotReported | None) -> bool:
    if safety is not None and safety.field_violation is not None:
        return safety.field_violation
    return before is not None and before.field_violation


def _errors(errors: Sequence[wire.Error]) -> tuple[ErrorSeen, ...]:
    """The gravest of them, texts cut to what a person reads."""
    found = [
        ErrorSeen(
            shown(error.error_type, WORD_SIGNS),
            shown(error.error_level.upper(), WORD_SIGNS),
            shown(error.error_description or "", SENTENCE_SIGNS),
            shown(about(error), ID_SIGNS),
        )
        for error in errors
    ]
    found.sort(key=lambda error: GRAVEST_FIRST.get(error.level, len(GRAVEST_FIRST)))
    return tuple(found[:MOST_ERRORS])


def about(error: wire.Error) -> str:
    """What an error is about: its references, in a fixed order."""
    references = (f"{r.reference_key}={r.reference_value}" for r in error.error_references or ())
    return "|".join(sorted(references))


def _charge(battery: wire.BatteryState | None) -> int | None:
    if battery is None or battery.battery_charge is None:
        return None
    return permille(battery.battery_charge / 100)


def _idle(state: wire.State) -> bool:
    """No nodes or edges left and every action of orders ended (issue 12 of openTCS's adapter)."""
    busy = any(unfinished(state.action_states))
    return not state.node_states and not state.edge_states and not busy


def _load(state: wire.State) -> LoadState:
    if state.loads is None:
        return LoadState.UNKNOWN
    return LoadState.LOADED if state.loads else LoadState.EMPTY


def is_news(before: RobotReported | None, now: RobotReported) -> bool:
    """Whether something changed that the core reads."""
    if before is None or _moved(before, now):
        return True
    return _essence(before) != _essence(now)


def _essence(report: RobotReported) -> RobotReported:
    charge = report.battery_permille
    return replace(
        report,
        at_ms=0,
        x_mm=None if report.x_mm is None else 0,
        y_mm=None if report.y_mm is None else 0,
        heading_mrad=None,
        battery_permille=None if charge is None else charge // 10,
        errors=tuple(sorted({replace(error, text="") for error in report.errors}, key=_by_key)),
    )


def _by_key(error: ErrorSeen) -> tuple[str, str, str]:
    return error.error_type, error.about, error.level


def _moved(before: RobotReported, now: RobotReported) -> bool:
    if before.x_mm is None or before.y_mm is None or now.x_mm is None or now.y_mm is None:
        return before.x_mm != now.x_mm
    step = DRIVING_STEP_MM if now.driving else STANDING_STEP_MM
    return abs(before.x_mm - now.x_mm) + abs(before.y_mm - now.y_mm) >= step
