"""Numbers and names of the command line that cannot be: status 2, the value, the remedy."""

import pytest

from fleetapp.cli.main import main

WRONG = (
    ("demo", "--robots", "-5", "1 to 10000"),
    ("demo", "--robots", "100000", "1 to 10000"),
    ("demo", "--robots", "٣", "1 to 10000"),
    ("demo", "--duration", "nan", "seconds"),
    ("demo", "--duration", "-1", "seconds"),
    ("demo", "--duration", "inf", "seconds"),
    ("demo", "--size", "1600", "WIDTHxHEIGHT"),
    ("demo", "--page", "Bogus", "Map"),
    ("engine", "--port", "99999", "0 to 65535"),
    ("engine", "--interface", "a/b#", "A-Z a-z"),
)


@pytest.mark.parametrize(("command", "option", "value", "remedy"), WRONG)
def test_a_value_that_cannot_be_is_named_with_what_can(capsys, command, option, value, remedy):
    with pytest.raises(SystemExit) as ended:
        main([command, f"{option}={value}"])

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert option in said
    assert value in said
    assert remedy in said


def test_measures_take_no_robots_less_than_one(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bench", "screen", "--robots=-3"])

    assert ended.value.code == 2
    assert "1 to 10000" in capsys.readouterr().err


@pytest.mark.parametrize("where", ["/proc/nothing/here", "/dev/null"])
def test_a_data_folder_that_cannot_be_made_is_one_line(capsys, where):
    assert main(["engine", "--data", where]) == 2

    said = capsys.readouterr().err
    assert said.startswith("fleetapp engine: ")
    assert where.split("/")[1] in said


def test_a_picture_that_could_not_be_written_is_no_success(tmp_path, capsys):
    assert main(["demo", "--screenshot", str(tmp_path), "--data", str(tmp_path / "d")]) == 2

    assert "--screenshot" in capsys.readouterr().err
