"""A virtual robot's state message, from what the robot is doing.

Source: VDA 5050 2.1, 6.10 "Topic state".
"""

from dataclasses import dataclass

from fleetapp.simulation.robots.battery import Battery
from fleetapp.simulation.robots.faults import Fault, Faults
from fleetapp.simulation.robots.instant import InstantActions
from fleetapp.simulation.robots.motion import Body
from fleetapp.simulation.robots.order_book import OrderBook
from fleetapp.vda5050 import wire

EMPTY_PERCENT = 3.0


@dataclass(frozen=True, slots=True)
class Doing:
    """What the report says besides order and pose."""

    battery: Battery
    paused: bool
    loaded: bool
    asks_base: bool
    errors: tuple[wire.Error, ...]


def state_of(
    doing: Doing,
    book: OrderBook,
    instant: InstantActions,
    body: Body,
    faults: Faults,
) -> wire.State:
    """The state message without its header."""
    return wire.State(
        order_id=book.order_id,
        order_update_id=book.update_id,
        last_node_id=book.last_node_id,
        last_node_sequence_id=book.last_sequence,
        driving=body.driving,
        paused=doing.paused,
        new_base_request=doing.asks_base,
        operating_mode="MANUAL" if faults.manual else "AUTOMATIC",
        node_states=[
            wire.NodeState(node.node_id, node.sequence_id, node.released)
            for node in _nodes_listed(book, faults)
        ],
        edge_states=[
            wire.EdgeState(edge.edge_id, edge.sequence_id, edge.released) for edge in book.edges
        ],
        agv_position=position_of(body, book.map_id, faults),
        velocity=velocity_of(body),
        loads=[wire.Load("load-1", "carton")] if doing.loaded else [],
        action_states=[*book.actions.values(), *instant.states.values()],
        battery_state=_battery_state(doing.battery, faults),
        errors=[*doing.errors, *_shown_errors(faults)],
        safety_state=wire.SafetyState(
            faults.emergency_stop, field_violation=Fault.FIELD_VIOLATION in faults.shown
        ),
    )


def position_of(body: Body, map_id: str, faults: Faults) -> wire.AgvPosition:
    """Where it believes to be."""
    return wire.AgvPosition(
        round(body.x_m + faults.offset_m[0], 3),
        round(body.y_m + faults.offset_m[1], 3),
        round(body.heading_rad, 4),
        map_id,
        position_initialized=Fault.LOST_POSITION not in faults.shown,
    )


def velocity_of(body: Body) -> wire.Velocity:
    """How fast it is, in its own frame."""
    return wire.Velocity(round(body.speed_mps, 3), 0.0, round(body.turning_radps, 3))


def _nodes_listed(book: OrderBook, faults: Faults) -> list[wire.OrderNode]:
    if Fault.KEEPS_NODE_STATES in faults.shown:
        return [*book.passed, *book.nodes]
    if Fault.FIRST_NODE_LISTED in faults.shown and len(book.passed) == 1 and book.nodes:
        return [*book.passed, *book.nodes]
    return book.nodes


def _battery_state(battery: Battery, faults: Faults) -> wire.BatteryState:
    percent = round(battery.charge_fraction * 100, 1)
    if Fault.EMPTY_BATTERY in faults.shown:
        percent = min(percent, EMPTY_PERCENT)
    return wire.BatteryState(percent, battery.charging)


def _shown_errors(faults: Faults) -> list[wire.Error]:
    errors = []
    if faults.error:
        errors.append(wire.Error(faults.error, "FATAL", faults.error))
    if Fault.WARNING in faults.shown:
        errors.append(wire.Error("simulatedWarning", "WARNING", "shown on demand"))
    return errors
