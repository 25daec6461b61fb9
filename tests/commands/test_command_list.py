"""Every command has its module, and only that one is loaded."""

import subprocess
import sys

import pytest

from fleetapp.cli.main import COMMANDS, parser


def names(root):
    return set(root._subparsers._group_actions[0].choices)


def test_the_modules_offer_just_the_commands_of_the_list():
    assert names(parser()) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_offered_by_the_module_that_the_list_names(command):
    assert command in names(parser(command))


def test_a_short_command_does_not_load_the_engine():
    code = (
        "import sys; from fleetapp.cli.main import parser; parser('status'); "
        "sys.exit('fleetapp.engine.runtime' in sys.modules or 'scipy' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
