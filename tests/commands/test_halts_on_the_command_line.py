"""What halts the fleet is listed on the command line, and a supervisor lets it go on there."""

import io
import json
from dataclasses import replace

import pytest

from fleetapp.api.commands import EndHalt
from fleetapp.api.views import HaltView
from fleetapp.cli.main import main
from fleetapp.terms.reasons import HaltReason

SENTENCE = "Nothing is allowed to any robot until a supervisor decides: the journal is cut."
HALT = HaltView("record", HaltReason.RECORD_DOUBTED, True, SENTENCE, 1_000)
END = ("halt", "end", "record", "--reason", "all robots stand")


@pytest.fixture
def say(rig, capsys, monkeypatch):
    def run(*words, stdin=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = main([*words, "--data", str(rig.data)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def halted(rig, monkeypatch):
    shown = rig.fleet.snapshot()
    fleet = replace(shown.fleet, halts=(HALT,))
    monkeypatch.setattr(rig.fleet, "snapshot", lambda: replace(shown, fleet=fleet, at_ms=61_000))


def test_the_list_names_each_halt_its_age_and_what_works(say, halted):
    status, out, err = say("halt")

    assert (status, err) == (0, "")
    assert out.split() == ["record", "for", "1", "min", *SENTENCE.split(), "Stops", "and",
                           "holds", "work."]  # fmt: skip


def test_where_nothing_is_halted_the_list_says_so_and_is_empty(say):
    assert say("halt") == (0, "", "nothing is halted\n")
    assert json.loads(say("halt", "--json")[1]) == []


def test_the_list_is_json_for_programs(say, halted):
    (told,) = json.loads(say("halt", "--json")[1])

    assert (told["halt_id"], told["reason"], told["whole"]) == ("record", "record_doubted", True)


def test_a_supervisor_lets_the_fleet_go_on_with_a_reason(say, rig, halted):
    status, _, _ = say(*END, "--as", "sam", "--password-stdin", stdin="supersecret\n")

    command, person = rig.fleet.given[-1]
    assert status == 0
    assert isinstance(command, EndHalt)
    assert (command.halt_id, command.reason) == ("record", "all robots stand")
    assert (person.name, person.signed_in) == ("sam", True)


@pytest.mark.parametrize(
    ("who", "password"), [((), ""), (("--as", "olga", "--password-stdin"), "orderly\n")]
)
def test_nobody_else_lets_it_go_on(say, halted, who, password):
    status, out, err = say(*END, *who, stdin=password)

    assert (status, out) == (1, "")
    assert err


def test_a_reason_is_needed(say, halted, capsys):
    with pytest.raises(SystemExit) as ended:
        say("halt", "end", "record", "--as", "sam")

    assert ended.value.code == 2
    assert "--reason" in capsys.readouterr().err


def test_the_data_folder_may_be_named_before_the_word_end(rig, halted, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("supersecret\n"))

    status = main(["halt", "--data", str(rig.data), *END[1:], "--as", "sam", "--password-stdin"])

    assert status == 0
