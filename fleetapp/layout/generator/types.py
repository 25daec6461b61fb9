"""The robot types of generated sites, as tables of `site.toml`.

`carrier` and `plain` are the demo's own robots. The other types carry the
action parameters that robots of other makers ask for: `vda-5050-lib` 1.4.0
picks and drops only with a `stationType` that begins with `floor` and the
`loadType` `EPAL` (read in its source); `stationType` and `loadType` are required
by VDA 5050 2.1 for `pick`.
"""

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

_OWN = (
    ("carrier", True, "shelf", "carton", "# Carries one carton and looks at it with a camera."),
    ("plain", False, "shelf", "carton", "# The same robot without a camera."),
)
_FOREIGN = (
    ("floor-lib", False, "floor", "EPAL", "# Robots on vda-5050-lib 1.4.0 (VDA 5050 2.0)."),
    ("sdk", False, "floor", "EPAL", "# Robots on vda5050-sdk 0.2.0 (VDA 5050 2.1)."),
)


def _types(*, foreign: bool) -> tuple[tuple[str, bool, str, str, str], ...]:
    return _OWN + (_FOREIGN if foreign else ())


def type_ids(*, foreign: bool) -> tuple[str, ...]:
    """The ids of the robot types."""
    return tuple(kind[0] for kind in _types(foreign=foreign))


def robot_type_tables(*, foreign: bool) -> str:
    """The `[[robot_type]]` tables."""
    tables = []
    for type_id, camera, station_type, load_type, comment in _types(foreign=foreign):
        parameters = f'stationType = "{station_type}"\nloadType = "{load_type}"\n'
        tables.append(
            f'{comment}\n[[robot_type]]\ntype_id = "{type_id}"\n{_BODY}'
            f"camera = {'true' if camera else 'false'}\n\n"
            f"[robot_type.pick]\n{parameters}\n[robot_type.drop]\n{parameters}"
        )
    return "\n".join(tables)
