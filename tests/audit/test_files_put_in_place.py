"""Files of a data folder are made anew: what somebody laid in the way is never written through."""

import os
import stat
from pathlib import Path

import pytest

from fleetapp.audit.disk import open_new, replace_whole
from fleetapp.engine import run_file
from fleetapp.engine.run_file import RunFile

SOURCES = Path(__file__).parents[2] / "fleetapp"
RUN = RunFile(1, 2, "t", "127.0.0.1", 3, "", 0, "small", "/maps/small", 4, "0.1.0")


@pytest.fixture
def precious(tmp_path):
    path = tmp_path / "precious"
    path.write_bytes(b"somebody's")
    path.chmod(0o644)
    return path


WAYS = [os.symlink, os.link, lambda _target, path: os.mkfifo(path)]


@pytest.mark.parametrize("lay", WAYS, ids=["link", "second name", "pipe"])
@pytest.mark.parametrize("name", ["audit.anchor", "engine.json"])
def test_what_lies_where_a_file_is_written_beside_is_left_alone(tmp_path, precious, lay, name):
    for beside in (f"{name}.part", str(Path(name).with_suffix(".part"))):
        lay(precious, tmp_path / beside)

    if name == "engine.json":
        run_file.write(tmp_path / name, RUN)
    else:
        replace_whole(tmp_path / name, b"{}")

    assert precious.read_bytes() == b"somebody's"
    assert stat.S_IMODE(precious.stat().st_mode) == 0o644
    written = (tmp_path / name).lstat()
    assert stat.S_ISREG(written.st_mode)
    assert stat.S_IMODE(written.st_mode) == 0o600


def test_a_file_that_is_opened_anew_is_another_one(tmp_path, precious):
    os.link(precious, tmp_path / "robots.new")

    os.close(open_new(tmp_path / "robots.new"))

    assert precious.read_bytes() == b"somebody's"


def test_no_file_of_a_data_folder_is_opened_to_be_emptied():
    found = [path.name for path in SOURCES.rglob("*.py") if "O_TRUNC" in path.read_text("utf-8")]

    assert found == []
