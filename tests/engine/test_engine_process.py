"""A real engine: broker, recogniser, database, API; killed, locked out, started again."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from fleetapp.api.commands import AcknowledgeAlarm, EndHalt, StopAll, SubmitTask
from fleetapp.api.service import JournalQuery
from fleetapp.audit.verify import verify
from fleetapp.client.connection import ClientError, Connection
from fleetapp.terms.modes import Role
from fleetapp.terms.reasons import AlarmKind

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            found = condition()
        except (ClientError, OSError, ValueError):
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


def start(data):
    log = (data / "out.log").open("ab")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "fleetapp",
            "engine",
            "--data",
            str(data),
            "--site",
            str(ROOT / "maps" / "small"),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    log.close()
    return process


def run_file(data):
    return json.loads((data / "run" / "engine.json").read_text("utf-8"))


@pytest.fixture
def engine(tmp_path):
    process = start(tmp_path)
    connection = Connection(tmp_path)
    until(connection.status, "the engine answers")
    yield process, connection, tmp_path
    pid = process.pid
    with suppress(OSError, ValueError):
        pid = run_file(tmp_path)["pid"]
    for number in {pid, process.pid}:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGTERM)
    process.wait(timeout=20)


def test_a_killed_engine_starts_again_with_every_task_and_no_orphan(engine):
    process, connection, data = engine
    ids = [f"T-{n}" for n in range(5)]
    for task_id in ids:
        outcome = connection.submit(
            SubmitTask(uuid.uuid4().hex, "A01-01", "P1", sku="S", task_id=task_id)
        )
        assert outcome.accepted
    status = connection.status()
    until(lambda: connection.status()["journal"]["durable"] >= status["journal"]["rows"], "durable")
    broker = status["processes"]["broker"]["pid"]
    port = run_file(data)["broker_port"]

    process.kill()
    process.wait(timeout=10)
    again = start(data)
    until(lambda: run_file(data)["pid"] == again.pid and connection.status(), "it answers again")

    tasks = connection.snapshot().tasks
    assert sorted(t.task_id for t in tasks) == ids
    assert run_file(data)["broker_port"] == port
    assert connection.status()["processes"]["broker"]["pid"] != broker
    assert not Path(f"/proc/{broker}").exists() or b"mosquitto" not in (
        Path(f"/proc/{broker}/cmdline").read_bytes()
    )
    again.terminate()
    again.wait(timeout=20)
    assert verify(data / "audit.db").ok


def test_a_second_engine_on_the_same_data_names_the_first(engine):
    process, _connection, data = engine

    second = subprocess.run(
        [sys.executable, "-m", "fleetapp", "engine", "--data", str(data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert second.returncode == 2
    assert str(process.pid) in second.stderr


def test_a_broker_that_dies_is_started_again(engine):
    _process, connection, _data = engine
    broker = until(lambda: connection.status()["processes"]["broker"]["pid"], "a broker")

    os.kill(broker, signal.SIGKILL)

    def another():
        now = connection.status()["processes"]["broker"]
        return now["ok"] and now["pid"] not in (None, broker)

    until(another, "another broker, connected")


def test_a_stop_is_answered_at_once_while_the_database_is_locked(engine):
    _process, connection, data = engine
    locker = sqlite3.connect(data / "audit.db", isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")

    def noticed():
        connection.submit(AcknowledgeAlarm(uuid.uuid4().hex, "none"))  # makes a row
        return not connection.status()["journal"]["ok"]

    until(noticed, "the engine notices")

    outcome = connection.submit(StopAll(uuid.uuid4().hex, "test"))

    assert outcome.accepted
    until(lambda: connection.snapshot().fleet.stop.active, "the stop shows")
    locker.execute("ROLLBACK")
    until(lambda: connection.status()["journal"]["ok"], "it recovers by itself")
    locker.close()


def test_a_stop_that_the_journal_never_got_is_in_force_after_a_crash(engine):
    process, connection, data = engine
    locker = sqlite3.connect(data / "audit.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")

    begun = time.monotonic()
    outcome = connection.submit(StopAll("stop-1", "smoke in aisle 2"))
    assert (outcome.accepted, outcome.recorded) == (True, True)
    assert time.monotonic() - begun < 1
    until(lambda: not connection.status()["journal"]["ok"], "the engine notices the lock")
    process.kill()
    process.wait(timeout=10)
    locker.execute("ROLLBACK")
    rows = locker.execute("SELECT count(*) FROM journal WHERE type = 'FleetStopped'").fetchone()
    locker.close()
    assert rows == (0,)
    again = start(data)
    until(lambda: run_file(data)["pid"] == again.pid and connection.status(), "it answers again")

    stop = until(lambda: connection.snapshot().fleet.stop.active and connection.snapshot(), "stop")
    assert stop.fleet.stop.by == "local"
    assert AlarmKind.JOURNAL_UNAVAILABLE not in {alarm.kind for alarm in stop.alarms}
    (given,) = connection.journal(JournalQuery(type="CommandGiven"))
    assert json.loads(given.body)["command"] == {
        "command_id": "stop-1",
        "reason": "smoke in aisle 2",
    }
    again.kill()
    again.wait(timeout=10)
    third = start(data)
    until(lambda: run_file(data)["pid"] == third.pid and connection.status(), "a third time")
    assert len(connection.journal(JournalQuery(type="CommandGiven"))) == 1
    third.terminate()
    third.wait(timeout=20)
    assert verify(data / "audit.db").ok


def test_rows_cut_while_the_engine_was_off_halt_the_fleet_until_a_supervisor_decides(engine):
    process, connection, data = engine
    connection.add_user("Sander", Role.SUPERVISOR, "correct horse battery")
    for n in range(5):
        connection.submit(SubmitTask(f"c-{n}", "A01-01", "P1", sku="S", task_id=f"T-{n}"))
    process.terminate()
    process.wait(timeout=20)
    database = sqlite3.connect(data / "audit.db")
    last = database.execute("SELECT max(seq) FROM journal").fetchone()[0]
    database.execute("DROP TRIGGER journal_no_delete")
    database.execute("DELETE FROM journal WHERE seq > ?", (last - 8,))
    database.commit()
    database.close()
    again = start(data)
    until(lambda: run_file(data)["pid"] == again.pid and connection.status(), "it answers again")

    def doubted():
        alarms = connection.snapshot().alarms
        return next((a for a in alarms if a.kind is AlarmKind.RECORD_DOUBTED), None)

    alarm = until(doubted, "the alarm")
    assert alarm.priority == 1
    assert f"ends at row {last - 8}, it held row {last}" in alarm.cause
    (evidence,) = (data / "evidence").iterdir()
    assert {"audit.anchor", "ring", "doubt.json"} <= {path.name for path in evidence.iterdir()}
    connection.sign_in("Sander", "correct horse battery")
    assert connection.submit(EndHalt("e-1", "record", "tried out")).accepted
    until(lambda: doubted().gone_ms is not None, "the alarm ends")
    again.terminate()
    again.wait(timeout=20)
    third = start(data)
    until(lambda: run_file(data)["pid"] == third.pid and connection.status(), "a third time")
    assert len(list((data / "evidence").iterdir())) == 1
    assert len(connection.journal(JournalQuery(type="RecordDoubted"))) == 1
    third.terminate()
    third.wait(timeout=20)
    assert verify(data / "audit.db").ok


def test_a_task_is_promised_only_when_it_is_on_disk(engine):
    process, connection, data = engine
    locker = sqlite3.connect(data / "audit.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    task = SubmitTask(uuid.uuid4().hex, "A01-01", "P1", sku="S", task_id="T-kept")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(connection.submit, task)
        until(lambda: [t for t in connection.snapshot().tasks if t.task_id == "T-kept"], "taken")
        assert not answer.done()
        until(lambda: not connection.status()["journal"]["ok"], "the engine notices")
        refused = connection.submit(replace(task, command_id="other", task_id="T-other"))
        locker.execute("ROLLBACK")
        assert answer.result(timeout=PATIENCE_S).accepted
    locker.close()

    assert (refused.accepted, refused.reason) == (False, "journal_unavailable")
    process.kill()
    process.wait(timeout=10)
    rows = sqlite3.connect(data / "audit.db").execute(
        "SELECT count(*) FROM journal WHERE task_id = 'T-kept' OR body LIKE '%T-kept%'"
    )
    assert rows.fetchone()[0] > 0


def test_what_was_ordered_before_a_restart_is_known_from_the_journal(engine):
    process, connection, data = engine
    order = SubmitTask("c-1", "A01-01", "P1", sku="S", task_id="T-1")
    assert connection.submit(order).message == "Task T-1 is queued."
    process.kill()
    process.wait(timeout=10)
    again = start(data)
    until(lambda: run_file(data)["pid"] == again.pid and connection.status(), "it answers again")

    same = connection.submit(order)
    under_its_id = connection.submit(replace(order, count=2))
    of_its_id = connection.submit(replace(order, command_id="c-2", count=2))
    unknown = connection.submit(replace(order, command_id="c-3", task_id="T-3"))

    assert (same.accepted, same.task_id) == (True, "T-1")
    assert same.message == "Task T-1 was taken before: it is queued."
    assert (under_its_id.accepted, under_its_id.reason) == (False, "duplicate_command")
    assert (of_its_id.accepted, of_its_id.reason) == (False, "duplicate_task")
    assert unknown.message == "Task T-3 is queued."
    given = connection.journal(JournalQuery(type="CommandGiven"))
    known = [json.loads(row.body).get("known") for row in reversed(given)]
    assert [k is not None for k in known] == [False, True, True, True, False]
    assert known[1]["used"]["task_id"] == known[3]["task"]["task_id"] == "T-1"
    again.kill()
    again.wait(timeout=10)


def test_an_engine_that_runs_another_site_is_an_error_that_names_both(engine):
    _process, _connection, data = engine
    demo = ROOT / "maps" / "demo"

    second = subprocess.run(
        [sys.executable, "-m", "fleetapp", "engine", "--data", str(data), "--site", str(demo)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert second.returncode == 2
    assert f"with site {ROOT / 'maps' / 'small'}, not {demo}" in second.stderr


def test_what_the_broker_says_while_the_engine_starts_counts(engine):
    _process, connection, _data = engine

    until(lambda: connection.status()["processes"]["broker"]["ok"], "the broker is well")

    types = [row.type for row in reversed(connection.journal(JournalQuery(limit=20)))]
    assert types[0] == "EngineStarted"


def test_a_quiet_fleet_still_tells_the_time(engine):
    _process, connection, _data = engine
    before = connection.snapshot().fleet.at_ms

    until(lambda: connection.snapshot().fleet.at_ms > before + 1_500, "time goes on")
