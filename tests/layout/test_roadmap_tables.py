"""The roadmap of a robot type: zones act, what overlaps excludes, the cache is not believed."""

import json
import math
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fleetapp.geometry import Pose
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmap, build_roadmaps

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site():
    return load_site(ROOT / "maps" / "small")


@pytest.fixture(scope="module")
def road(site):
    return build_roadmap(site, site.robot_type("plain"), None)


def changed(tmp_path, zone):
    """The small site with one more zone."""
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "maps" / "small", folder)
    path = folder / "zones.json"
    content = json.loads(path.read_text("utf-8"))
    content["zones"].append(zone)
    path.write_text(json.dumps(content), "utf-8")
    site = load_site(folder)
    return build_roadmap(site, site.robot_type("plain"), None)


def about(road, edge, reach=0.4):
    """A square about the middle of an edge."""
    start, end = int(road.edge_start[edge]), int(road.edge_end[edge])
    x = (int(road.x_mm[start]) + int(road.x_mm[end])) / 2000
    y = (int(road.y_mm[start]) + int(road.y_mm[end])) / 2000
    return [
        [x - reach, y - reach],
        [x + reach, y - reach],
        [x + reach, y + reach],
        [x - reach, y + reach],
    ]


def a_long_edge(road):
    return int(np.argmax(np.where(road.edge_allowed, road.edge_length_mm, 0)))


def test_every_station_is_reached_and_left_by_every_type(site):
    for road in build_roadmaps(site, None).values():
        for station in site.stations:
            assert road.station_nodes[station.station_id], (road.type_id, station.station_id)


def test_the_demo_has_the_size_that_it_should_have():
    demo = load_site(ROOT / "maps" / "demo")
    kinds = {station.kind.value for station in demo.stations}

    assert len(demo.nodes) >= 1200
    assert {"pick", "pack", "goods_in", "return", "charger", "parking"} <= kinds
    assert {zone.kind.value for zone in demo.zones} >= {"SPEED_LIMIT", "PEOPLE_CROSSING"}


def test_a_blocked_zone_takes_its_edges_out_of_the_roadmap(tmp_path, road):
    edge = a_long_edge(road)
    zone = {"zone_id": "Z9", "kind": "BLOCKED", "name": "Spill", "polygon": about(road, edge)}

    blocked = changed(tmp_path, zone)

    assert not blocked.edge_allowed[edge]
    assert all(edge not in edges for edges in blocked.out_edges)


def test_a_speed_limit_makes_its_edges_slower_and_dearer(tmp_path, road):
    edge = a_long_edge(road)
    zone = {
        "zone_id": "Z9",
        "kind": "SPEED_LIMIT",
        "name": "Slow",
        "max_speed_mps": 0.5,
        "polygon": about(road, edge),
    }

    slow = changed(tmp_path, zone)

    assert slow.edge_speed_mmps[edge] == 500
    assert slow.edge_travel_ms[edge] > road.edge_travel_ms[edge]


def test_a_one_way_zone_leaves_only_one_direction(tmp_path, road):
    edge = next(
        e
        for e in range(len(road.edge_ids))
        if road.reverse_of[e] >= 0 and road.edge_allowed[e] and road.edge_length_mm[e] > 1500
    )
    back = road.reverse_of[edge]
    heading = math.atan2(
        int(road.y_mm[road.edge_end[edge]]) - int(road.y_mm[road.edge_start[edge]]),
        int(road.x_mm[road.edge_end[edge]]) - int(road.x_mm[road.edge_start[edge]]),
    )
    zone = {
        "zone_id": "Z9",
        "kind": "DIRECTED",
        "name": "One way",
        "direction_deg": math.degrees(heading),
        "polygon": about(road, edge),
    }

    one_way = changed(tmp_path, zone)

    assert not one_way.edge_allowed[back]


def test_exclusion_is_mutual(site):
    # One that is long enough to reach from node to node; the site's own types are not.
    road = build_roadmap(site, replace(site.robot_type("plain"), length_m=2.4, width_m=2.0), None)

    assert any(road.exclusive_nodes)
    assert any(edges and nodes for edges, nodes in road.exclusive_of_edge)
    for node, others in enumerate(road.exclusive_nodes):
        assert all(node in road.exclusive_nodes[other] for other in others)
    for edge, (edges, nodes) in enumerate(road.exclusive_of_edge):
        assert all(edge in road.exclusive_of_edge[other][0] for other in edges)
        assert all(edge in road.exclusive_edges_of_node[node] for node in nodes)


def resources(road):
    """(nodes that come with it, what it excludes, a place on it) for some nodes and edges."""
    chance = random.Random(5)
    for _ in range(220):
        if chance.random() < 0.4:
            node = chance.randrange(road.node_count)
            place = (int(road.x_mm[node]) / 1000, int(road.y_mm[node]) / 1000)
            heading = chance.uniform(-math.pi, math.pi)
            yield ("node", node, {node}, Pose(*place, heading))
        else:
            edge = chance.randrange(len(road.edge_ids))
            start, end, part = int(road.edge_start[edge]), int(road.edge_end[edge]), chance.random()
            x = (int(road.x_mm[start]) * (1 - part) + int(road.x_mm[end]) * part) / 1000
            y = (int(road.y_mm[start]) * (1 - part) + int(road.y_mm[end]) * part) / 1000
            heading = int(road.edge_heading_mrad[edge]) / 1000
            yield ("edge", edge, {start, end}, Pose(x, y, heading))


def exclude(road, one, other):
    if one[0] == "node" and other[0] == "node":
        return other[1] in road.exclusive_nodes[one[1]]
    if one[0] == "edge" and other[0] == "edge":
        return other[1] in road.exclusive_of_edge[one[1]][0]
    edge, node = (one[1], other[1]) if one[0] == "edge" else (other[1], one[1])
    return node in road.exclusive_of_edge[edge][1]


def test_two_robots_on_what_does_not_exclude_each_other_never_touch(road):
    outline = road.robot_type.footprint.outline_at
    places = [(*thing, outline(thing[3])) for thing in resources(road)]
    compared = 0

    for number, one in enumerate(places):
        for other in places[:number]:
            # Only one robot owns a node: what shares one is never held by two.
            if one[2] & other[2] or exclude(road, one, other):
                continue
            compared += 1
            assert not one[4].intersects(other[4]), (one[:2], other[:2])

    assert compared > 10_000


def same(one, other):
    return (
        one.digest == other.digest
        and one.exclusive_nodes == other.exclusive_nodes
        and one.exclusive_of_edge == other.exclusive_of_edge
        and np.array_equal(one.travel_ms, other.travel_ms)
    )


def test_the_second_start_takes_the_tables_from_the_cache(site, road, tmp_path):
    kind = site.robot_type("plain")
    build_roadmap(site, kind, tmp_path)
    kept = list(tmp_path.iterdir())
    stamp = kept[0].stat().st_mtime_ns

    again = build_roadmap(site, kind, tmp_path)

    assert same(again, road)
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == [stamp]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", b"\x00" * 4000])
def test_a_damaged_cache_is_computed_anew(site, road, tmp_path, damage):
    kind = site.robot_type("plain")
    build_roadmap(site, kind, tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(damage)

    assert same(build_roadmap(site, kind, tmp_path), road)


def test_a_changed_site_has_other_tables_and_another_digest(tmp_path, road):
    zone = {
        "zone_id": "Z9",
        "kind": "BLOCKED",
        "name": "Spill",
        "polygon": about(road, a_long_edge(road)),
    }

    assert changed(tmp_path, zone).digest != road.digest
