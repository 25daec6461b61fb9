"""Orders of the core as the wire's orders: numbers become names and metres."""

from fleetapp.core.state import Floor
from fleetapp.fleet.order import ActionKind, Order, OrderAction, Purpose
from fleetapp.layout.site import RobotType
from fleetapp.vda5050.orders import ActionToSend, EdgeToSend, NodeToSend, OrderToSend

ACTION_TYPES: dict[ActionKind, str] = {
    ActionKind.DETECT: "detectObject",
    ActionKind.PICK: "pick",
    ActionKind.DROP: "drop",
}

STANDS_WITHIN_M = 0.5  # `Rules.node_tolerance_mm`: nearer than this a robot counts as at a node

# Orders whose every edge is driven with the load: a carry begins with its pick.
LOADED = (Purpose.CARRY, Purpose.TO_RETURN)


def order_to_send(floor: Floor, order: Order, robot_type: str) -> OrderToSend:
    """The order with the site's names, places and this type's speeds and parameters."""
    road = floor.roads[robot_type]
    kind = floor.types[robot_type]
    fastest_mps = kind.loaded_speed_mps if order.purpose in LOADED else kind.max_speed_mps
    nodes = tuple(
        NodeToSend(
            road.node_ids[node],
            int(road.x_mm[node]) / 1000,
            int(road.y_mm[node]) / 1000,
            tuple(_action(kind, a) for a in order.actions if a.node_index == number),
            # Where it was placed it may begin, though it stopped short of the node.
            STANDS_WITHIN_M if number == 0 else None,
        )
        for number, node in enumerate(order.nodes)
    )
    edges = tuple(
        EdgeToSend(
            road.edge_ids[edge],
            min(int(road.edge_speed_mmps[edge]) / 1000, fastest_mps),
            int(road.edge_length_mm[edge]) / 1000,
        )
        for edge in order.edges
    )
    return OrderToSend(
        order.order_id, order.update_id, floor.site.map_id, nodes, edges, order.released_to
    )


def _action(kind: RobotType, action: OrderAction) -> ActionToSend:
    """The action with the type's own parameters, then what is looked for."""
    own = {
        ActionKind.DETECT: kind.detect_parameters,
        ActionKind.PICK: kind.pick_parameters,
        ActionKind.DROP: kind.drop_parameters,
    }[action.kind]
    wanted = [("stationName", action.station_id)]
    if action.label_code:
        wanted.append(("labelCode", action.label_code))
    if action.sku:
        wanted.append(("sku", action.sku))
    return ActionToSend(action.action_id, ACTION_TYPES[action.kind], (*own, *wanted))
