"""Zones and types act on what robots are told: the edges of orders, as they go over the wire."""

import json
import shutil
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem

SMALL = Path(__file__).parents[2] / "maps" / "small"
PICKS = ("A02-01", "A02-02", "A02-05", "A02-06")


def box(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north]]


class Wire:
    """A small hall with more zones, and the edges of all orders that went out."""

    def __init__(self, folder, *zones, loaded_mps=None):
        shutil.copytree(SMALL, folder)
        if loaded_mps is not None:
            settings = (folder / "site.toml").read_text("utf-8")
            slow = settings.replace("loaded_speed_mps = 1.4", f"loaded_speed_mps = {loaded_mps}")
            (folder / "site.toml").write_text(slow, "utf-8")
        content = json.loads((folder / "zones.json").read_text("utf-8"))
        content["zones"] += zones
        (folder / "zones.json").write_text(json.dumps(content), "utf-8")
        self.site = load_site(folder)
        floor = prepare_floor(self.site, build_roadmaps(self.site, None))
        self.system = WholeSystem(floor, robots=2, robot_type="plain")
        self.edges = {}
        self.orders = []
        self.done = 0
        send = self.system.network.send

        def listen(to, topic, payload, now_ms):
            if topic.endswith("/order"):
                order = json.loads(payload)
                self.orders.append(order)
                for edge in order["edges"]:
                    self.edges[edge["edgeId"]] = edge["maxSpeed"]
            send(to, topic, payload, now_ms)

        self.system.network.send = listen

    def deliver(self, picks=PICKS):
        for number, pick in enumerate(picks):
            wish = asked.SubmitTask(
                self.system.command_id(), pick, f"P{1 + number % 2}", sku=f"S{number}"
            )
            self.system.command(wish)
        self.system.run(300_000)
        self.done = self.system.state.done_count
        return self.edges

    def places_of(self, edge_id):
        nodes = {node.node_id: (node.x_m, node.y_m) for node in self.site.nodes}
        edge = next(edge for edge in self.site.edges if edge.edge_id == edge_id)
        return nodes[edge.start_node_id], nodes[edge.end_node_id]


def nodes_named(site, prefix):
    return [(n.x_m, n.y_m) for n in site.nodes if n.node_id.startswith(prefix)]


@pytest.fixture(scope="module")
def plain_site():
    return load_site(SMALL)


def test_orders_carry_the_speed_limit_of_a_zone_and_no_other_edge_does(tmp_path, plain_site):
    xs, ys = zip(*nodes_named(plain_site, "H1E-"), strict=True)
    row = (min(xs) - 1, min(ys) - 0.9, max(xs) + 1, max(ys) + 0.9)
    slow = {
        "zone_id": "Z-SLOW",
        "kind": "SPEED_LIMIT",
        "name": "Row",
        "max_speed_mps": 0.35,
        "polygon": box(*row),
    }
    wire = Wire(tmp_path / "site", slow)

    edges = wire.deliver()

    def inside(place):
        return row[0] < place[0] < row[2] and row[1] < place[1] < row[3]

    within = [e for e in edges if all(map(inside, wire.places_of(e)))]
    far = [
        e
        for e in edges
        if all(abs(y - row[1]) > 2 and abs(y - row[3]) > 2 for _, y in wire.places_of(e))
        and not any(map(inside, wire.places_of(e)))
    ]
    assert wire.done == len(PICKS)
    assert within
    assert far
    assert {edges[e] for e in within} == {0.35}
    assert min(edges[e] for e in far) > 0.35


def test_no_order_leads_through_a_blocked_zone(tmp_path, plain_site):
    (x, y), *_ = nodes_named(plain_site, "A02-L03")
    spill = {
        "zone_id": "Z-SPILL",
        "kind": "BLOCKED",
        "name": "Spill",
        "polygon": box(x - 0.2, y - 0.2, x + 0.2, y + 0.2),
    }
    wire = Wire(tmp_path / "site", spill)
    beyond = asked.SubmitTask("beyond", "A02-01", "P1", sku="S")
    answer = wire.system.command(beyond)

    edges = wire.deliver(picks=("A01-01", "A01-05"))

    blocked = [edge for edge in edges if "A02-L03" in edge]
    assert edges
    assert not blocked
    assert wire.done == 2
    assert "can reach and leave A02-01" in answer.result(timeout=1).message


def test_no_order_leads_against_a_one_way_zone(tmp_path, plain_site):
    lane = nodes_named(plain_site, "A01-L")
    xs, ys = zip(*lane, strict=True)
    first, last = next(
        (a, b)
        for e in plain_site.edges
        for a, b in [(e.start_node_id, e.end_node_id)]
        if a.startswith("A01-L") and b.startswith("A01-L")
    )
    north = dict(zip([n.node_id for n in plain_site.nodes], plain_site.nodes, strict=True))
    heads_north = north[last].y_m > north[first].y_m
    against = {
        "zone_id": "Z-WAY",
        "kind": "DIRECTED",
        "name": "Other way",
        "direction_deg": -90 if heads_north else 90,
        "polygon": box(min(xs) - 0.3, min(ys), max(xs) + 0.3, max(ys)),
    }
    wire = Wire(tmp_path / "site", against)

    edges = wire.deliver()

    assert wire.done == len(PICKS)
    assert f"{first}_{last}" not in edges


def test_a_loaded_robot_is_told_its_loaded_speed_and_an_empty_one_is_not(tmp_path):
    wire = Wire(tmp_path / "site", loaded_mps=0.7)

    wire.deliver()

    def with_load(order):
        kinds = {action["actionType"] for node in order["nodes"] for action in node["actions"]}
        return bool(kinds & {"pick", "drop"})

    speeds = {
        loaded: [e["maxSpeed"] for o in wire.orders if with_load(o) is loaded for e in o["edges"]]
        for loaded in (True, False)
    }
    assert wire.done == len(PICKS)
    assert max(speeds[True]) == 0.7
    assert max(speeds[False]) == 1.6
