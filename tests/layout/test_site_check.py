"""`fleetapp site check`: each fault is named with file, object and remedy."""

import json
import shutil
from pathlib import Path

import pytest

from fleetapp.cli.main import main
from fleetapp.layout import load_site
from fleetapp.layout.check import check_site
from fleetapp.layout.finding import Level

ROOT = Path(__file__).parents[2]
LIF = "layout.lif.json"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "site"
    shutil.copytree(ROOT / "maps" / "small", made)
    return made


def change(folder, file, act):
    """Change a JSON file of the site; gives the first layout of a LIF file to `act`."""
    path = folder / file
    content = json.loads(path.read_text("utf-8"))
    act(content["layouts"][0] if file == LIF else content)
    path.write_text(json.dumps(content), "utf-8")


def change_settings(folder, old, new):
    path = folder / "site.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def found(folder, level):
    _, findings = check_site(folder)
    return [finding for finding in findings if finding.level is level]


def only_error(folder):
    errors = found(folder, Level.ERROR)
    assert len(errors) == 1, errors
    assert errors[0].remedy
    return errors[0]


def warned(folder, word):
    return [w for w in found(folder, Level.WARNING) if word in w.message and w.remedy]


@pytest.mark.parametrize("name", ["small", "demo"])
def test_the_sites_that_come_with_the_program_have_no_findings(name):
    assert check_site(ROOT / "maps" / name)[1] == ()


def test_an_edge_to_an_unknown_node_is_an_error(folder):
    change(folder, LIF, lambda layout: layout["edges"][0].update(endNodeId="NOWHERE"))

    error = next(e for e in found(folder, Level.ERROR) if "NOWHERE" in e.message)
    assert error.file == LIF
    assert error.object_id.startswith("edge ")
    assert error.remedy


@pytest.mark.parametrize(
    ("things", "key"), [("nodes", "nodeId"), ("edges", "edgeId"), ("stations", "stationId")]
)
def test_an_id_that_is_given_twice_is_an_error(folder, things, key):
    change(folder, LIF, lambda layout: layout[things].append(dict(layout[things][0])))
    twice = json.loads((folder / LIF).read_text())["layouts"][0][things][0][key]

    assert any(
        twice in e.object_id and "more than one" in e.message for e in found(folder, Level.ERROR)
    )


def test_an_edge_without_length_is_an_error(folder):
    def collapse(layout):
        edge = layout["edges"][0]
        places = {node["nodeId"]: node["nodePosition"] for node in layout["nodes"]}
        places[edge["endNodeId"]].update(places[edge["startNodeId"]])

    change(folder, LIF, collapse)

    assert any("0 mm long" in e.message and e.remedy for e in found(folder, Level.ERROR))


def test_a_station_that_nobody_reaches_is_an_error(folder):
    def cut_off(layout):
        node = next(s for s in layout["stations"] if s["stationId"] == "P1")["interactionNodeIds"][
            0
        ]
        layout["edges"] = [
            e for e in layout["edges"] if node not in (e["startNodeId"], e["endNodeId"])
        ]

    change(folder, LIF, cut_off)

    error = next(e for e in found(folder, Level.ERROR) if e.object_id == "station P1")
    assert "no robot type can reach and leave it" in error.message


def test_a_type_that_can_neither_turn_nor_reverse_is_kept_out_of_the_ends_of_spurs(folder):
    first = (folder / "site.toml").read_text("utf-8")
    one = first.replace("can_turn_in_place = true", "can_turn_in_place = false", 1)
    (folder / "site.toml").write_text(one.replace("can_reverse = true", "can_reverse = false", 1))

    assert found(folder, Level.ERROR) == []
    assert any(w.object_id == "robot type carrier" for w in warned(folder, "kept out there"))


def test_if_no_type_can_turn_or_reverse_there_it_is_an_error(folder):
    change_settings(folder, "can_turn_in_place = true", "can_turn_in_place = false")
    change_settings(folder, "can_reverse = true", "can_reverse = false")

    assert any("none can turn or reverse there" in e.message for e in found(folder, Level.ERROR))


def test_a_dead_end_and_nodes_that_lie_very_near_are_warnings(folder):
    def add(layout):
        start = layout["nodes"][0]
        place = start["nodePosition"]
        layout["nodes"].append(
            {
                "nodeId": "STUB",
                "mapId": "small",
                "nodePosition": {"x": place["x"] + 0.1, "y": place["y"]},
                "vehicleTypeNodeProperties": [],
            }
        )
        edge = dict(layout["edges"][0])
        layout["edges"] += [
            {**edge, "edgeId": "to-stub", "startNodeId": start["nodeId"], "endNodeId": "STUB"},
            {**edge, "edgeId": "from-stub", "startNodeId": "STUB", "endNodeId": start["nodeId"]},
        ]

    change(folder, LIF, add)

    assert found(folder, Level.ERROR) == []
    assert any(w.object_id == "node STUB" for w in warned(folder, "dead end"))
    assert warned(folder, "0.10 m from node")


def test_an_edge_through_a_rack_is_a_warning_that_names_both(folder):
    layout = json.loads((folder / LIF).read_text("utf-8"))["layouts"][0]
    places = {
        n["nodeId"]: (n["nodePosition"]["x"], n["nodePosition"]["y"]) for n in layout["nodes"]
    }
    ends = [(places[e["startNodeId"]], places[e["endNodeId"]]) for e in layout["edges"]]
    (x, low), (_, high) = max(ends, key=lambda pair: abs(pair[0][1] - pair[1][1]))
    y = (low + high) / 2

    def raise_wall(content):
        corners = [[x - 3, y], [x + 3, y], [x + 3, y + 0.1], [x - 3, y + 0.1]]
        content["shapes"].append({"kind": "wall", "label": "new wall", "polygon": corners})

    change(folder, "shapes.json", raise_wall)

    assert warned(folder, "touch the wall new wall")


@pytest.mark.parametrize(
    ("file", "content", "word"),
    [
        (LIF, b"{", "not valid"),
        (LIF, b"[]", "holds a list"),
        (LIF, b"\xff\xfe\x00", "not valid"),
        (LIF, b"[" * 100_000, "not valid"),
        (LIF, b"{}", "metaInformation"),
        ("site.toml", b"name = ", "not valid"),
        ("zones.json", b"null", "holds a NoneType"),
        ("shapes.json", b'{"shapes": 7}', "shapes is 7"),
    ],
)
def test_a_file_that_is_no_site_file_is_told_of_and_nothing_breaks(folder, file, content, word):
    (folder / file).write_bytes(content)

    errors = found(folder, Level.ERROR)

    assert any(e.file == file and word in e.message and e.remedy for e in errors), errors


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", "12e6", '"4"', "null", "true", "[]"])
def test_a_coordinate_that_is_no_place_is_an_error_of_its_node(folder, value):
    change(folder, LIF, lambda layout: layout["nodes"][0]["nodePosition"].update(x="@@"))
    text = (folder / LIF).read_text("utf-8")
    (folder / LIF).write_text(text.replace('"@@"', value, 1), "utf-8")

    assert any(
        e.object_id.startswith("node ") and "x is" in e.message for e in found(folder, Level.ERROR)
    )


@pytest.mark.parametrize("file", [LIF, "site.toml", "zones.json", "shapes.json"])
def test_a_missing_file_is_named_with_what_a_site_holds(folder, file):
    (folder / file).unlink()

    error = only_error(folder)
    assert error.file == file
    assert "site.toml" in error.remedy


def test_a_return_station_that_is_none_names_those_that_are(folder):
    change_settings(folder, 'return_station = "R1"', 'return_station = "P1"')

    error = only_error(folder)
    assert "'P1'" in error.message
    assert "R1" in error.message


def test_names_that_would_control_a_terminal_are_refused(folder):
    change(folder, LIF, lambda layout: layout["nodes"][0].update(nodeId="N\x1b[2J"))

    errors = found(folder, Level.ERROR)
    assert errors
    assert not any("\x1b" in str(error) for error in errors)


def test_the_command_ends_with_1_if_there_is_an_error_and_with_0_if_not(folder, capsys):
    assert main(["site", "check", str(folder)]) == 0
    change_settings(folder, 'return_station = "R1"', 'return_station = "X"')

    assert main(["site", "check", str(folder), "--json"]) == 1

    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["errors"] == 1
    assert report["findings"][0]["remedy"]


@pytest.mark.parametrize(
    ("file", "old", "new", "meant"),
    [
        ("zones.json", '"zones"', '"zone"', "zones"),
        ("zones.json", '"max_speed_mps"', '"max_speed"', "max_speed_mps"),
        ("site.toml", "loaded_speed_mps", "loaded_speed", "loaded_speed_mps"),
        ("site.toml", "map_id", "mapid", "map_id"),
        ("shapes.json", '"aisles"', '"aisle"', "aisles"),
    ],
)
def test_a_misspelt_key_is_an_error_that_names_the_right_one(folder, file, old, new, meant):
    text = (folder / file).read_text("utf-8")
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    errors = [e for e in found(folder, Level.ERROR) if "is not known" in e.message]

    assert [e.file for e in errors] == [file]
    assert errors[0].remedy == f"write {meant}, if that is meant, or take it out"


def test_a_second_place_for_the_journals_head_is_read(folder):
    text = (folder / "site.toml").read_text("utf-8")
    (folder / "site.toml").write_text(f'{text}\n[audit]\nanchor = "/mnt/hall.anchor"\n', "utf-8")

    assert load_site(folder).second_anchor == "/mnt/hall.anchor"


@pytest.mark.parametrize(
    "table", ['anchor = "hall.anchor"', "anchor = 3", "", 'anker = "/mnt/hall.anchor"']
)
def test_a_second_place_that_names_no_file_is_an_error(folder, table):
    text = (folder / "site.toml").read_text("utf-8")
    (folder / "site.toml").write_text(f"{text}\n[audit]\n{table}\n", "utf-8")

    assert found(folder, Level.ERROR)


def test_a_remark_is_no_misspelt_key(folder):
    change(folder, "zones.json", lambda content: content.update(_remark="closed on Sundays"))

    assert found(folder, Level.ERROR) == []


def test_a_key_that_stands_twice_is_an_error_and_loses_no_zone_in_silence(folder):
    text = (folder / "zones.json").read_text("utf-8").rstrip().removesuffix("}")
    (folder / "zones.json").write_text(text + ', "zones": []}', "utf-8")

    assert "'zones' stands twice" in only_error(folder).message


def test_many_edges_that_a_type_is_kept_off_are_one_warning(folder):
    first = (folder / "site.toml").read_text("utf-8")
    one = first.replace("can_turn_in_place = true", "can_turn_in_place = false", 1)
    (folder / "site.toml").write_text(one.replace("can_reverse = true", "can_reverse = false", 1))

    warnings = warned(folder, "would not get away again")

    assert [w.object_id for w in warnings] == ["robot type carrier"]
    assert "more" in warnings[0].message


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path, capsys):
    assert main(["site", "check", str(tmp_path / "nothing")]) == 2
    assert "nothing" in capsys.readouterr().err
