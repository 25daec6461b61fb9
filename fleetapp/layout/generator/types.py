"""The robot types of generated sites, as tables of `site.toml`.

`carrier` and `plain` are the demo's own robots. The other types carry the
action parameters that robots of other makers ask for: `vda-5050-lib` 1.4.0
picks and drops only with a `stationType` that begins with `floor` and the
`loadType` `EPAL` (read in its source); `stationType` and `loadType` are required
by VDA 5050 2.1 for `pick`.
"""

from dataclasses import dataclass

_BODY = """\
length_m = 0.9
width_m = 0.7
clearance_m = 0.05
max_speed_mps = 1.6
loaded_speed_mps = 1.4
acceleration_mps2 = 0.8
deceleration_mps2 = 0.9
rotation_radps = 1.2
can_turn_in_place = true
can_reverse = true
"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the types differ in; robots report at least each `interval_s`."""

    type_id: str
    comment: str
    interval_s: float = 1.0
    camera: bool = False
    station_type: str = "floor"
    load_type: str = "EPAL"


_OWN = (
    _Kind(
        "carrier",
        "Carries one carton and looks at it with a camera.",
        camera=True,
        station_type="shelf",
        load_type="carton",
    ),
    _Kind("plain", "The same robot without a camera.", station_type="shelf", load_type="carton"),
)
_FOREIGN = (
    _Kind("floor-lib", "Robots on vda-5050-lib 1.4.0 (VDA 5050 2.0).", interval_s=2.0),
    _Kind("sdk", "Robots on vda5050-sdk 0.2.0 (VDA 5050 2.1)."),
)


def _kinds(*, foreign: bool) -> tuple[_Kind, ...]:
    return _OWN + (_FOREIGN if foreign else ())


def type_ids(*, foreign: bool) -> tuple[str, ...]:
    """The ids of the robot types."""
    return tuple(kind.type_id for kind in _kinds(foreign=foreign))


def robot_type_tables(*, foreign: bool) -> str:
    """The `[[robot_type]]` tables."""
    tables = []
    for kind in _kinds(foreign=foreign):
        parameters = f'stationType = "{kind.station_type}"\nloadType = "{kind.load_type}"\n'
        tables.append(
            f'# {kind.comment}\n[[robot_type]]\ntype_id = "{kind.type_id}"\n{_BODY}'
            f"state_interval_s = {kind.interval_s}\n"
            f"camera = {'true' if kind.camera else 'false'}\n\n"
            f"[robot_type.pick]\n{parameters}\n[robot_type.drop]\n{parameters}"
        )
    return "\n".join(tables)
