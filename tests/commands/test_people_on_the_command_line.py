"""The first people of a data folder: how they are added, and what the list says before."""

import getpass
import sys

import pytest

from fleetapp.api.views import NOT_STOPPED, FleetView, Snapshot
from fleetapp.cli.main import main
from fleetapp.client.connection import Connection
from fleetapp.server.users import Users


@pytest.fixture
def type_in(monkeypatch):
    """A terminal at which these passwords are typed."""

    def typed(*passwords):
        left = list(passwords)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(getpass, "getpass", lambda _prompt: left.pop(0))
        return left

    return typed


def test_a_new_password_is_typed_twice(type_in, tmp_path):
    left = type_in("long enough", "long enough")

    assert main(["user", "add", "sam", "--data", str(tmp_path)]) == 0

    assert left == []
    assert Users(tmp_path / "users.json").check("sam", "long enough") is not None


@pytest.mark.parametrize("what", ["add", "passwd"])
def test_two_passwords_that_differ_change_nothing(type_in, tmp_path, capsys, what):
    if what == "passwd":
        type_in("long enough", "long enough")
        main(["user", "add", "sam", "--data", str(tmp_path)])
    type_in("other words", "other wrods")

    assert main(["user", what, "sam", "--data", str(tmp_path)]) == 2

    assert "the two passwords differ" in capsys.readouterr().err
    assert Users(tmp_path / "users.json").check("sam", "other words") is None


def test_a_list_of_nobody_says_how_the_first_person_is_added(tmp_path, capsys):
    assert main(["user", "list", "--data", str(tmp_path)]) == 0

    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"nobody is there yet: `fleetapp user add NAME --data {tmp_path}` adds the first, "
        "a supervisor\n"
    )


def test_while_a_demo_runs_its_one_time_supervisor_is_named(tmp_path, capsys, monkeypatch):
    fleet = FleetView(
        "s", "Site", "1", 0, 0, NOT_STOPPED, (), 0, 0, 0, 0, 0, 0, (), 0, 0, 0, 0, 0, 0, 0,
        first_user_needed=False,
    )  # fmt: skip
    snapshot = Snapshot(1, 0, fleet, (), (), (), ())
    monkeypatch.setattr(Connection, "snapshot", lambda _self: snapshot)

    assert main(["user", "list", "--data", str(tmp_path)]) == 0

    said = capsys.readouterr().err
    assert 'the one-time supervisor "demo"' in said
    assert "--as demo` adds the first, a supervisor" in said


def test_a_list_of_nobody_is_empty_json(tmp_path, capsys):
    assert main(["user", "list", "--json", "--data", str(tmp_path)]) == 0

    assert capsys.readouterr() == ("[]\n", "")
