"""What robot types may do on the edges of a LIF file.

Turning at an edge's ends may be restricted (`rotationAtStartNodeAllowed`,
`rotationAtEndNodeAllowed`): we cannot tell a robot which way round to turn, so
a turn is used only if its shorter way is allowed. Edges for loaded or for empty
robots only are not used, and curved ones are refused: the floor that a robot
sweeps on them is not worked out.

Source: LIF 1.0.0 (VDMA, March 2024), `vehicleTypeEdgeProperties`.
"""

import math
from typing import Any

from fleetapp.layout.elements import EdgeRule, OrientationType, TurnRule
from fleetapp.layout.fields import Fields
from fleetapp.terms.units import wrap_rad


def read_rules(entry: Fields, type_ids: tuple[str, ...]) -> tuple[EdgeRule, ...]:
    """The rules of one edge for the robot types of the site, each type once."""
    found: dict[str, EdgeRule] = {}
    for raw in entry.children("vehicleTypeEdgeProperties"):
        fields = Fields(raw, entry.file, entry.object_id, entry.findings)
        type_id = fields.text("vehicleTypeId")
        if type_id is None or type_id not in type_ids or not _usable(fields, type_id):
            continue
        if type_id in found:
            fields.error(f"it has two rules for robot type {type_id}", "keep one of them")
        found.setdefault(type_id, _rule(fields, type_id))
    return tuple(found.values())


def unknown_types(edges: tuple[dict[str, Any], ...], type_ids: tuple[str, ...]) -> dict[str, int]:
    """Robot types that the layout names and the site does not, with the number of their edges."""
    counts: dict[str, int] = {}
    for edge in edges:
        rules = edge.get("vehicleTypeEdgeProperties")
        for rule in rules if isinstance(rules, list) else ():
            name = rule.get("vehicleTypeId") if isinstance(rule, dict) else None
            if isinstance(name, str) and name not in type_ids:
                counts[name] = counts.get(name, 0) + 1
    return counts


def _usable(fields: Fields, type_id: str) -> bool:
    if fields.raw.get("trajectory") is not None:
        fields.error(
            f"it has a curved trajectory for robot type {type_id}",
            "only straight edges can be driven: cut the curve into straight edges",
        )
        return False
    if fields.raw.get("loadRestriction") is None:
        return True
    load = fields.child("loadRestriction")
    loaded, unloaded = load.flag("loaded", default=True), load.flag("unloaded", default=True)
    if loaded and unloaded:
        return True
    fields.warning(
        f"it is for {'loaded' if loaded else 'empty'} robots of type {type_id} only; "
        "they are kept out",
        "open it for loaded and empty robots, or leave it unused",
    )
    return False


def _rule(fields: Fields, type_id: str) -> EdgeRule:
    speed_mps = None
    if fields.raw.get("maxSpeed") is not None:
        speed_mps = fields.number("maxSpeed", low=0, high=20, exclusive=True)
    degrees = fields.number("vehicleOrientation", default=0.0, low=-360, high=360) or 0.0
    kind = fields.choice(
        "orientationType", tuple(OrientationType), default=OrientationType.TANGENTIAL
    )
    turns = [
        fields.choice(key, tuple(TurnRule), default=TurnRule.BOTH)
        for key in ("rotationAtStartNodeAllowed", "rotationAtEndNodeAllowed")
    ]
    return EdgeRule(
        type_id=type_id,
        max_speed_mps=speed_mps,
        orientation=OrientationType(kind),
        orientation_rad=wrap_rad(math.radians(degrees)),
        rotation_allowed=fields.flag("rotationAllowed", default=True),
        turn_at_start=TurnRule(turns[0]),
        turn_at_end=TurnRule(turns[1]),
    )
