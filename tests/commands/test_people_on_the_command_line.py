"""Adding the first people of a data folder from a terminal."""

import getpass
import sys

import pytest

from fleetapp.cli.main import main
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
