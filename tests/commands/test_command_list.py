"""Every command has its module, and only that one is loaded."""

import subprocess
import sys
from importlib import metadata

import pytest

from fleetapp.cli.main import COMMANDS, main, parser
from fleetapp.engine import runtime


def names(root):
    return set(root._subparsers._group_actions[0].choices)


def test_the_help_lists_every_command():
    assert names(parser()) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_offered_by_its_module_in_the_words_of_the_list(command):
    offered = parser(command)._subparsers._group_actions[0]

    words = {action.dest: action.help for action in offered._choices_actions}
    assert words[command] == COMMANDS[command][1]


def test_the_list_itself_loads_no_command():
    code = (
        "import sys; from fleetapp.cli.main import parser; parser(); "
        "sys.exit('fleetapp.cli.engine' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_short_command_does_not_load_the_engine():
    code = (
        "import sys; from fleetapp.cli.main import parser; parser('status'); "
        "sys.exit('fleetapp.engine.runtime' in sys.modules or 'scipy' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_version_is_the_installed_package_s_and_the_engine_s(capsys):
    assert main(["--version"]) == 0

    assert capsys.readouterr().out == f"fleetapp {metadata.version('fleetapp')}\n"
    assert metadata.version("fleetapp") == runtime.VERSION


def test_without_an_installed_package_there_is_no_version(capsys, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)

    assert main(["--version"]) == 1
    assert "not installed" in capsys.readouterr().err
