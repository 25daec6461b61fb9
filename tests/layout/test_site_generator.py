"""`fleetapp site new`: the same command gives the same bytes; wrong wishes write nothing."""

import json
import shlex
from pathlib import Path

import jsonschema
import pytest

from fleetapp.cli.main import main
from fleetapp.layout.check import check_site

ROOT = Path(__file__).parents[2]
FILES = ("layout.lif.json", "site.toml", "zones.json", "shapes.json", "README.md")


def words_of(name):
    """The command that the site's README names."""
    text = (ROOT / "maps" / name / "README.md").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("fleetapp site new"))
    return shlex.split(line)[1:]


@pytest.mark.parametrize("name", ["small", "demo"])
def test_the_command_in_the_readme_gives_the_site_byte_by_byte(name, tmp_path):
    words = [str(tmp_path) if word == "DIR" else word for word in words_of(name)]

    assert main(words) == 0

    for file in FILES:
        assert (tmp_path / file).read_bytes() == (ROOT / "maps" / name / file).read_bytes(), file


@pytest.mark.parametrize("name", ["small", "demo"])
def test_the_layout_is_valid_lif(name):
    schema = json.loads((Path(__file__).parent / "data" / "lif-schema.json").read_text("utf-8"))
    layout = json.loads((ROOT / "maps" / name / "layout.lif.json").read_text("utf-8"))

    jsonschema.Draft7Validator(schema).validate(layout)


@pytest.mark.parametrize(("aisles", "bays"), [(2, 2), (3, 5), (7, 2)])
def test_halls_of_other_sizes_have_no_errors(tmp_path, aisles, bays):
    words = [
        "site",
        "new",
        "--aisles",
        str(aisles),
        "--bays",
        str(bays),
        "--packs",
        "1",
        "--docks",
        "1",
    ]
    words += [
        "--queue",
        "1",
        "--goods-in",
        "1",
        "--chargers",
        "1",
        "--parking",
        "1",
        "--to",
        str(tmp_path / "hall"),
    ]

    assert main(words) == 0

    site, findings = check_site(tmp_path / "hall")
    assert site is not None
    assert [str(f) for f in findings if f.level.value == "error"] == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--aisles", "0"),
        ("--aisles", "1000000000"),
        ("--bays", "-1"),
        ("--parking", "100000"),
        ("--packs", "999"),
    ],
)
def test_a_hall_that_cannot_be_is_refused_and_nothing_is_written(tmp_path, capsys, option, value):
    words = ["site", "new", "--aisles", "4", "--to", str(tmp_path / "hall"), option, value]

    assert main(words) == 2

    assert value.lstrip("-") in capsys.readouterr().err
    assert not (tmp_path / "hall" / "layout.lif.json").exists()


def test_a_folder_that_holds_a_site_is_left_alone(tmp_path, capsys):
    (tmp_path / "site.toml").write_text("mine")

    assert main(["site", "new", "--aisles", "2", "--to", str(tmp_path)]) == 2

    assert "holds a site already" in capsys.readouterr().err
    assert (tmp_path / "site.toml").read_text() == "mine"


@pytest.mark.parametrize("name", ["Halle 2 \N{FACTORY} \u201eS\u00fcd\u201c", 'a"b\\c', "a/../b"])
def test_a_hall_with_any_printable_name_passes_its_own_check(tmp_path, name):
    folder = tmp_path / "hall"

    assert (
        main(["site", "new", "--aisles", "2", "--to", str(folder), "--name", name, "--id", name])
        == 0
    )

    site, findings = check_site(folder)
    assert findings == ()
    assert (site.name, site.map_id) == (name, name)


@pytest.mark.parametrize("name", ["", " ", "a\x1b[31m", "a\nb", "x" * 101])
def test_a_name_that_no_screen_can_show_is_refused(tmp_path, capsys, name):
    words = [
        "site",
        "new",
        "--aisles",
        "2",
        "--to",
        str(tmp_path / "hall"),
        "--name=x",
        f"--id={name}",
    ]

    assert main(words) == (0 if name == "" else 2)  # no id: that of the folder

    assert "\x1b" not in capsys.readouterr().err
