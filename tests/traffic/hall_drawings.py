"""Small halls for traffic tests, drawn as lines of text."""

import dataclasses
from functools import cache
from pathlib import Path

from fleetapp.layout import load_site
from fleetapp.layout.elements import Edge, EdgeRule, Node, Station
from fleetapp.layout.roadmap import build_roadmap, build_roadmaps
from fleetapp.terms.modes import StationKind

MAPS = Path(__file__).parents[2] / "maps"
PITCH_M = 1.6


@cache
def site_of(name):
    return load_site(MAPS / name)


@cache
def road_of(name):
    return build_roadmaps(site_of(name), None)["plain"]


def hall(*lines, one_way=()):
    """A roadmap from a drawing: letters and digits are nodes, - and | two-way edges.

    `one_way` names edges as "ab" that are driven only from a to b, in place of the
    drawn two-way one. Every node is a station, so that robots may be sent there.
    """
    template = site_of("small")
    kind = template.robot_type("plain")
    nodes, edges = {}, []
    for y, line in enumerate(lines):
        for x, sign in enumerate(line):
            if sign.isalnum():
                nodes[sign] = (x / 2 * PITCH_M, -y / 2 * PITCH_M)
    places = {(x, y): s for y, line in enumerate(lines) for x, s in enumerate(line)}
    for (x, y), sign in places.items():
        ends = {"-": ((x - 1, y), (x + 1, y)), "|": ((x, y - 1), (x, y + 1))}.get(sign)
        if ends is not None:
            edges.append((places[ends[0]], places[ends[1]]))
    directed = [
        pair for a, b in edges for pair in ((a, b), (b, a)) if f"{pair[1]}{pair[0]}" not in one_way
    ]
    site = dataclasses.replace(
        template,
        nodes=tuple(Node(n, x, y, template.map_id) for n, (x, y) in nodes.items()),
        edges=tuple(Edge(a + b, a, b, PITCH_M, (EdgeRule(kind.type_id),)) for a, b in directed),
        stations=tuple(
            Station(n, StationKind.PICK, (n,), n, x, y, None, 1.0, 1.0)
            for n, (x, y) in nodes.items()
        ),
        zones=(),
        shapes=(),
        robot_types=(kind,),
        return_station_id="",
        digest="|".join(lines) + "".join(one_way),
    )
    return build_roadmap(site, kind, None)


RING = ("ab", "bc", "cd", "de", "eg", "gl", "lk", "kj", "ji", "ih", "hf", "fa")
HALLS = {
    "a corridor with a passing place": (
        ("a-b-c-d-e-f-g-h", "      |        ", "      i        "),
        (),
    ),
    "two bays with a lane between": (
        ("a-b     e-f", "  |     |  ", "  c-d-k-g-h", "  |     |  ", "  i     j  "),
        (),
    ),
    "a two-way ring with spurs": (
        ("a-b-c-d-e", "| |   | |", "f g   h i", "|       |", "j-k-l-m-n"),
        (),
    ),
    "a crossing": (
        (
            "    a    ",
            "    |    ",
            "    b    ",
            "    |    ",
            "c-d-e-f-g",
            "    |    ",
            "    h    ",
            "    |    ",
            "    i    ",
        ),
        (),
    ),
    "a ladder": (("a-b-c-d", "| | | |", "e-f-g-h"), ()),
    "a one-way ring with a spur": (
        ("a-b-c-d-e", "|   |   |", "f   x   g", "|       |", "h-i-j-k-l"),
        RING,
    ),
    "deep dead ends": (
        ("a-b-c-d", "|   |  ", "e-f-g  ", "    |  ", "    h  ", "    |  ", "    i  "),
        (),
    ),
}


@cache
def drawn(name):
    lines, one_way = HALLS[name]
    return hall(*lines, one_way=one_way)
