"""From a state message to the report that the core reads, and whether it is news.

Quantised, so that noise is not news: pose while standing to 5 cm, while driving
each half metre; battery in steps of 1 %.
"""

from dataclasses import replace

from fleetapp.core.observations import ErrorSeen, FactsheetSeen, RobotReported
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.terms.units import mm, mrad, permille
from fleetapp.vda5050 import wire
from fleetapp.vda5050.following import ENDED

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


def report_of(robot_id: str, state: wire.State, now_ms: int) -> RobotReported:
    """Everything of a state message that the core reads."""
    position = state.agv_position
    battery = state.battery_state
    safety = state.safety_state
    return RobotReported(
        robot_id=robot_id,
        at_ms=now_ms,
        order_id=state.order_id or "",
        order_update_id=state.order_update_id or 0,
        last_node_id=state.last_node_id or "",
        map_id=position.map_id if position is not None else "",
        x_mm=mm(position.x) if position is not None else None,
        y_mm=mm(position.y) if position is not None else None,
        heading_mrad=mrad(position.theta) if position is not None else None,
        localized=position is not None and position.position_initialized is not False,
        battery_permille=_charge(battery),
        charging=bool(battery and battery.charging),
        driving=bool(state.driving),
        paused=bool(state.paused),
        idle=_idle(state),
        mode=MODES.get(state.operating_mode or "", OperatingMode.UNKNOWN),
        emergency_stop=STOPS.get(safety.e_stop, EmergencyStop.UNKNOWN)
        if safety is not None
        else EmergencyStop.NONE,
        field_violation=safety is not None and safety.field_violation,
        load=_load(state),
        errors=tuple(
            ErrorSeen(e.error_type, e.error_level.upper(), e.error_description or "")
            for e in state.errors or ()
        ),
    )


def _charge(battery: wire.BatteryState | None) -> int | None:
    if battery is None or battery.battery_charge is None:
        return None
    return permille(battery.battery_charge / 100)


def _idle(state: wire.State) -> bool:
    """No nodes or edges left and every action ended (issue 12 of openTCS's adapter)."""
    busy = any(a.action_status not in ENDED for a in state.action_states or ())
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
    )


def _moved(before: RobotReported, now: RobotReported) -> bool:
    if before.x_mm is None or before.y_mm is None or now.x_mm is None or now.y_mm is None:
        return before.x_mm != now.x_mm
    step = DRIVING_STEP_MM if now.driving else STANDING_STEP_MM
    return abs(before.x_mm - now.x_mm) + abs(before.y_mm - now.y_mm) >= step


def factsheet_of(robot_id: str, message: wire.Factsheet, now_ms: int) -> FactsheetSeen:
    """What the robot says it is."""
    kind, body = message.type_specification, message.physical_parameters
    versions = message.vehicle_config.versions if message.vehicle_config else None
    software = next((v.value or "" for v in versions or () if v.value), "")
    return FactsheetSeen(
        robot_id,
        now_ms,
        (kind.series_name or "") if kind is not None else "",
        software,
        _in_mm(body.length if body is not None else None),
        _in_mm(body.width if body is not None else None),
        _in_mm(body.speed_max if body is not None else None),
    )


def _in_mm(length_m: float | None) -> int | None:
    return round(length_m * 1000) if length_m is not None else None
