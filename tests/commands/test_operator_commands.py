"""Commands of the program against the real server: answers, exit status, nothing else on stdout."""

import io
import json
import zipfile

import pytest

from fleetapp.api.commands import SubmitTask
from fleetapp.cli.main import main


@pytest.fixture
def say(rig, capsys, monkeypatch):
    def run(*words, stdin=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = main([*words, "--data", str(rig.data)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_task_is_ordered_in_one_line(say, rig):
    status, out, _ = say("task", "add", "--from", "A1", "--to", "P1", "--sku", "47", "--json")

    assert status == 0
    assert json.loads(out)["accepted"]
    assert rig.fleet.given[-1][0].from_station == "A1"


def import_file(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "tasks.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def test_good_rows_are_taken_and_each_bad_one_is_named_by_its_line(say, rig, tmp_path):
    before = len(rig.fleet.given)
    path = import_file(
        tmp_path,
        "sku,from,to,count,priority,due\n"
        "47,A1,P1,1,normal,\n"
        "47,,P1,1,normal,\n"
        "47,A2,P1,0,normal,\n"
        "47,A3,P1,\u00b2,normal,\n"
        "47,A4,P1,1,now,\n"
        "47,A5,P1,1,low,tomorrow\n"
        "47,A6,P1,1,low,,and,more\n"
        f"47,{'A' * 2000},P1,1,low,\n"
        ",A7,P1,1,low,\n"
        '47,"A8",P1,2,high,2026-11-22T14:30\n',
    )

    status, out, err = say("task", "import", path)

    taken = [command for command, _ in rig.fleet.given[before:] if isinstance(command, SubmitTask)]
    assert [command.from_station for command in taken] == ["A1", "A8"]
    assert (status, out) == (1, "2 tasks taken, 8 rows refused\n")
    assert [line.split(":")[0] for line in err.splitlines()] == [f"line {n}" for n in range(3, 11)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_semicolon_file_of_a_spreadsheet_is_taken(say, tmp_path, encoding):
    path = import_file(tmp_path, "from;to;sku\r\nA1;P1;47,5\r\n", encoding)

    assert say("task", "import", path, "--json")[:2] == (0, '{"taken": 1, "refused": 0}\n')


@pytest.mark.parametrize(
    "text", ["", "\n", "von,nach\nA,B\n", "from\nA1\n", "from,to,colour\n", "from,to,to\n"]
)
def test_a_file_without_the_right_first_line_is_bad_input(say, tmp_path, text):
    status, out, err = say("task", "import", import_file(tmp_path, text))

    assert (status, out) == (2, "")
    assert "first line" in err


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"\xff\xfe\x00", 1), (b"from,to,sku\nA1,P1,47\nA2,P1,\xfc\n", 3)],
)
def test_a_file_that_is_no_text_names_the_line_and_orders_nothing(
    say, rig, tmp_path, content, line
):
    before = len(rig.fleet.given)
    path = tmp_path / "tasks.csv"
    path.write_bytes(content)

    status, _, err = say("task", "import", str(path))

    assert status == 2
    assert f"line {line} holds the byte" in err
    assert "CSV UTF-8" in err
    assert len(rig.fleet.given) == before


def test_a_quote_that_is_never_closed_swallows_no_rows_in_silence(say, rig, tmp_path):
    before = len(rig.fleet.given)
    path = import_file(tmp_path, 'from,to,sku\nA1,P1,47\nA2,P1,"48\nA3,P1,49\nA4,P1,50\n')

    status, out, err = say("task", "import", path)

    assert (status, out) == (1, "1 task taken, 1 row refused\n")
    assert err.startswith("line 3: a quote is opened here and swallows the lines to 5")
    assert len(rig.fleet.given) == before + 1


def test_a_field_over_several_lines_is_refused_by_its_first_line(say, tmp_path):
    path = import_file(tmp_path, 'from,to,sku\nA1,P1,"47\n48"\nA2,P1,49\n')

    status, out, err = say("task", "import", path)

    assert (status, out) == (1, "1 task taken, 1 row refused\n")
    assert err.startswith("line 2: a quoted field goes over several lines")


def test_a_field_that_no_reader_takes_costs_only_its_row(say, tmp_path):
    path = import_file(tmp_path, f"from,to,sku\nA1,P1,{'4' * 200_000}\nA2,P1,49\n")

    status, out, err = say("task", "import", path)

    assert (status, out) == (1, "1 task taken, 1 row refused\n")
    assert err.startswith("line 2: not CSV")


def test_a_file_of_endless_length_is_refused_before_it_fills_the_memory(say, tmp_path):
    path = tmp_path / "tasks.csv"
    with path.open("wb") as handle:
        handle.truncate(10_000_000_000)  # takes no room on the disk

    status, _, err = say("task", "import", str(path))

    assert status == 2
    assert "split the file" in err


def test_a_robot_is_added_by_a_supervisor_and_its_password_printed_once(say):
    words = ("robot", "add", "acme/s1", "--type", "carrier", "--as", "sam", "--password-stdin")

    status, out, _ = say(*words, "--json", stdin="supersecret\n")
    refused = say("robot", "add", "acme/s1", "--type", "carrier")

    assert (status, json.loads(out)["password"]) == (0, "secret-of-the-robot")
    assert refused[0] == 1
    assert "supervisor" in refused[2]


def test_people_are_managed_through_the_running_engine(say, rig):
    words = ("user", "add", "nils", "--as", "sam", "--password-stdin")

    assert say(*words, stdin="supersecret\nlong enough\n")[0] == 0
    assert rig.users.check("nils", "long enough") is not None
    assert say("user", "add", "eve", "--password-stdin", stdin="long enough\n")[0] == 1


def test_people_are_managed_without_an_engine_even_if_it_was_killed(tmp_path, capsys, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "engine.json").write_text('{"api_port": 1, "token": "x"}')
    monkeypatch.setattr("sys.stdin", io.StringIO("long enough\n"))

    assert main(["user", "add", "sam", "--password-stdin", "--data", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["user", "list", "--json", "--data", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": "sam", "role": "supervisor"}]


def test_a_person_is_removed_but_never_the_last_supervisor(say, rig):
    say(
        "user", "add", "nils", "--as", "sam", "--password-stdin", stdin="supersecret\nlong enough\n"
    )

    removed = say(
        "user", "remove", "nils", "--as", "sam", "--password-stdin", stdin="supersecret\n"
    )
    refused = say("user", "remove", "sam", "--as", "sam", "--password-stdin", stdin="supersecret\n")

    assert removed[0] == 0
    assert "nils" not in dict(rig.users.names())
    assert refused[0] == 1
    assert "last supervisor" in refused[2]


def test_the_chain_of_causes_is_told_from_the_newest_decision(say):
    status, out, _ = say("audit", "why", "--robot", "sim/r01")

    assert status == 0
    assert out.splitlines()[0].endswith(
        "sim/r01 held by anna: looks odd (and 1 more like it, to #2)"
    )
    assert out.splitlines()[1].startswith("because ")


@pytest.mark.parametrize("words", [("--robot", "no/such"), ("--task", "T-9")])
def test_nothing_decided_is_an_answer_of_no(say, words):
    status, out, err = say("audit", "why", *words)

    assert (status, out) == (1, "")
    assert "nothing was decided" in err


@pytest.mark.parametrize(
    "words", [(), ("--robot", "m/r", "--at", "noon"), ("--task", "a", "--robot", "b")]
)
def test_a_wrong_question_is_wrong_usage(say, words):
    assert say("audit", "why", *words)[0] == 2


@pytest.mark.parametrize("words", [("why",), ("export", "--out", "out")])
def test_a_name_that_no_robot_was_admitted_under_is_bad_input(say, words):
    status, _, err = say("audit", *words, "--robot", "r99")

    assert status == 2
    assert "no robot 'r99' in this journal" in err


def test_the_journal_is_verified_and_a_missing_one_is_bad_input(say, tmp_path, capsys):
    status, out, _ = say("audit", "verify", "--json")

    assert (status, json.loads(out)["rows"]) == (0, 3)
    assert main(["audit", "verify", str(tmp_path)]) == 2


def test_an_export_has_a_manifest_that_says_it_is_whole(say, tmp_path):
    out = tmp_path / "out"

    status, text, _ = say("audit", "export", "--format", "jsonl", "--out", str(out), "--json")

    manifest = json.loads(text)
    assert status == 0
    assert (manifest["rows"], manifest["complete"]) == (3, True)
    assert len((out / "journal.jsonl").read_text().splitlines()) == 3


def test_an_engine_that_does_not_run_is_one_line_and_status_1(tmp_path, capsys):
    for words in (["status"], ["why", "--robot", "r1"], ["task", "list"], ["robot", "list"]):
        assert main([*words, "--data", str(tmp_path)]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1


def test_no_planted_secret_is_in_the_diagnostics(say, rig, tmp_path):
    logs, broker = rig.data / "logs", rig.data / "broker"
    logs.mkdir(exist_ok=True)
    broker.mkdir(exist_ok=True)
    (broker / "credentials.json").write_text(
        '{"port": 1, "fleet_password": "planted-fleet", "robots": {"m/r": "planted-robot"}}'
    )
    (rig.data / "robots.jsonl").write_text('{"robot_id": "m/r", "password": "planted-line"}\n')
    (logs / "engine.log").write_text(
        "token-of-the-run-file planted-fleet planted-robot planted-line\n"
        "mqtt://fleet:planted-url@host:1883 Bearer planted-bearer\n"
        "ws://127.0.0.1:1/v1/live?token=planted-query password=planted-word\n"
        "$argon2id$v=19$m=65536,t=3,p=4$planted-salt$planted-hash ordinary words stay\n"
    )

    status, out, _ = say("diagnostics", "--to", str(tmp_path / "d.zip"))

    with zipfile.ZipFile(out.strip()) as archive:
        names = archive.namelist()
        text = "".join(archive.read(name).decode() for name in names)
    assert status == 0
    assert {"status.json", "versions.json", "run.json", "logs/engine.log"} <= set(names)
    assert "planted" not in text
    assert "token-of-the-run-file" not in text
    assert "ordinary words stay" in text


def test_the_journal_is_measured_in_one_json_object(capsys):
    assert main(["bench", "audit", "--rows", "2500", "--json"]) == 0

    figures = json.loads(capsys.readouterr().out)
    assert figures["rows"] == 2500
    assert figures["verified_per_s"] > 0
    assert 0 < figures["verified_to_read"] < 3
