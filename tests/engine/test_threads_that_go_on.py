"""No thread of an engine ends by an error that nobody foresaw; each does its next work."""

import logging
import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest
from left_folders import entry, until

from fleetapp.api.commands import Person, StopAll
from fleetapp.audit import anchor as anchor_module
from fleetapp.audit import proving
from fleetapp.audit import ring as ring_module
from fleetapp.audit import writer as writer_module
from fleetapp.audit.anchor import SecondPlace, read_distant
from fleetapp.audit.heads import Head
from fleetapp.audit.reader import JournalReader
from fleetapp.audit.ring import Ring, Told
from fleetapp.audit.writer import JournalWriter
from fleetapp.cli.engine import log_to
from fleetapp.client import live
from fleetapp.core.observations import CommandGiven
from fleetapp.engine import planner as planner_module
from fleetapp.engine.brokers import OwnBroker
from fleetapp.engine.planner import PlannerLink
from fleetapp.engine.recogniser import RecogniserLink
from fleetapp.mqtt.address import BrokerAddress
from fleetapp.mqtt.link import FleetLink
from fleetapp.terms.modes import Role

STOP = CommandGiven(1, StopAll("c-1", "a pallet fell"), Person("Ida", Role.OPERATOR, True))


class Failing:
    """Fails the first times it is called, as no caller foresees; then does what it should."""

    def __init__(self, real=lambda *_: None, times=1, error=AssertionError):
        self.real, self.left, self.error, self.calls = real, times, error, 0

    def __call__(self, *args, **more):
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self.error("nobody foresaw this")
        return self.real(*args, **more)


def journal(path):
    return JournalWriter(
        path,
        "boot",
        on_durable=lambda _seq: None,
        on_trouble=lambda _why: None,
        on_recovered=lambda: None,
    )


@pytest.mark.parametrize("error", [OSError, AssertionError])
def test_the_broker_is_started_again_after_a_try_that_failed(tmp_path, monkeypatch, caplog, error):
    broker = OwnBroker(tmp_path / "broker", interface="uagv", listen="127.0.0.1")
    broker.start(lambda *_: None, lambda *_: None, lambda *_: None)
    try:
        start = Failing(broker._embedded.start, error=error)
        monkeypatch.setattr(broker._embedded, "start", start)

        os.kill(broker.pid(), signal.SIGKILL)

        until(lambda: start.calls == 2)
        until(broker._embedded.alive)
        assert "nobody foresaw this" in caplog.text
    finally:
        broker.stop()


@pytest.mark.parametrize("error", [OSError, AssertionError])
def test_the_proof_goes_on_after_a_look_that_failed(tmp_path, monkeypatch, caplog, error):
    monkeypatch.setattr(proving, "VERIFY_EVERY_S", 0.05)
    writer = journal(tmp_path / "audit.db")
    writer.start()
    writer.append([entry(1)])
    assert writer.close()
    path = SimpleNamespace(exists=Failing(lambda: True, error=error))
    reader = JournalReader(tmp_path / "audit.db")
    monkeypatch.setattr(reader._proving, "_path", path)
    reader.start_verifying()

    until(lambda: path.exists.calls)
    monkeypatch.setattr(reader._proving, "_path", tmp_path / "audit.db")

    until(lambda: reader.proof().verified_to_seq == 1)
    reader.stop_verifying()
    assert "not verified now" in caplog.text


def test_a_folder_in_place_of_the_journal_ends_no_proof_and_is_told_to_who_reads(tmp_path, caplog):
    (tmp_path / "audit.db").mkdir()
    reader = JournalReader(tmp_path / "audit.db")
    reader.start_verifying()

    until(lambda: "not verified now" in caplog.text)
    with pytest.raises(RuntimeError, match="cannot be read now"):
        reader.doubts()
    reader.stop_verifying()
    assert "Traceback" not in caplog.text


def test_a_proof_that_is_old_is_not_ok(tmp_path, monkeypatch):
    monkeypatch.setattr(proving, "STALE_S", 0.0)
    hang = threading.Event()
    reader = JournalReader(tmp_path / "audit.db", durable_seq=lambda: hang.wait(10) and 0)
    assert reader.proof().ok  # it has not begun

    reader.start_verifying()

    assert not reader.proof().ok
    assert "nothing was verified" in reader.proof().message
    monkeypatch.setattr(proving, "STALE_S", 60.0)
    hang.set()
    until(lambda: reader.proof().verified_at_ms and reader.proof().ok)
    reader.stop_verifying()


def test_the_journal_writes_its_next_rows(tmp_path, monkeypatch, caplog):
    writer = journal(tmp_path / "audit.db")
    monkeypatch.setattr(writer_module, "row_hash", Failing(writer_module.row_hash, times=2))
    writer.start()

    writer.append([entry(1)])

    until(lambda: writer.durable_seq == 1)
    assert writer.close()
    assert "nobody foresaw" in caplog.text


def test_the_ring_answers_the_command_and_keeps_the_next(tmp_path, monkeypatch, caplog):
    kept, not_kept = [], []
    told = Told(kept.append, lambda seq, _why: not_kept.append(seq), lambda _why: None)
    ring = Ring(tmp_path / "ring", "boot", lambda: Head(0, "00" * 32), told)
    monkeypatch.setattr(ring_module, "packed", Failing(ring_module.packed))
    (tmp_path / "ring").touch()
    ring.start()

    ring.keep(1, STOP)
    until(lambda: not_kept == [1])
    ring.keep(2, STOP)

    until(lambda: kept == [2])
    ring.stop()
    assert not ring.trouble


def test_the_second_place_gets_the_next_anchor(tmp_path, monkeypatch, caplog):
    replace = Failing(anchor_module.replace_whole)
    monkeypatch.setattr(anchor_module, "replace_whole", replace)
    second = SecondPlace(tmp_path / "second")
    second.start()

    second.give(b"first")
    until(lambda: second.trouble)
    second.give(b"next")

    until(lambda: not second.trouble)
    assert (tmp_path / "second").read_bytes() == b"next"
    second.stop()


def test_a_second_place_that_cannot_be_read_says_why(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(anchor_module, "read_anchor", Failing())

    with pytest.raises(OSError, match="nobody foresaw this"):
        read_distant(tmp_path / "second")


def test_the_planner_answers_the_next_problem(monkeypatch, caplog):
    monkeypatch.setattr(planner_module, "solve", lambda _floor, problem: problem)
    answers = []
    take = Failing(answers.append)
    link = PlannerLink(None, take)
    link.start()

    link.solve(SimpleNamespace(problem_id="p-1"))
    link.solve(SimpleNamespace(problem_id="p-2"))

    until(lambda: [answer.problem_id for answer in answers] == ["p-2"])
    link.stop()


def test_the_recogniser_is_started_again(monkeypatch, caplog):
    link = RecogniserLink(("false",), lambda _message: None)
    serve = Failing(link._stopping.wait)
    monkeypatch.setattr(link, "_serve", serve)

    link.start()

    until(lambda: serve.calls == 2)
    link.stop()


def test_the_live_feed_comes_back(monkeypatch, caplog):
    states = []
    feed = live.LiveFeed(None, lambda _message: None, states.append)
    listen = Failing(feed._stopping.wait)
    monkeypatch.setattr(feed, "_listen", listen)

    feed.start()

    until(lambda: listen.calls == 2)
    feed.stop()
    assert states == [live.LinkState(connected=False, detail="nobody foresaw this")]


def test_the_network_hears_the_next_message(caplog):
    taken = Failing()
    link = FleetLink(
        BrokerAddress("127.0.0.1", 1, tls=False, user="", password=""),
        ("uagv/#",),
        on_message=taken,
        on_link=lambda *_: None,
        on_dropped=lambda *_: None,
    )

    for _ in range(2):
        message = SimpleNamespace(
            topic="uagv/v2/acme/r1/state", payload=b"", retain=False, timestamp=time.time()
        )
        link._client._handle_on_message(message)

    assert taken.calls == 2
    assert "nobody foresaw this" in caplog.text
    assert [one.name for one in caplog.records if one.exc_info] == ["fleetapp.mqtt.link"]


def test_a_thread_that_ends_by_an_error_is_in_the_engines_log(tmp_path, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    log_to(tmp_path)
    try:
        thread = threading.Thread(target=Failing(), name="of-some-library")
        thread.start()
        thread.join()
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)

    logged = (tmp_path / "logs" / "engine.log").read_text("utf-8")
    assert "thread of-some-library ended by an error" in logged
    assert "nobody foresaw this" in logged
