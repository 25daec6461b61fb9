"""A small fleet behind the real server: a real journal, real people, a real port."""

import json
import threading
from concurrent.futures import Future
from dataclasses import dataclass

import pytest

from fleetapp.access.roles import refusal
from fleetapp.api.commands import Outcome, StopAll
from fleetapp.api.layout import Layout
from fleetapp.api.views import NOT_STOPPED, Delta, FleetView, Snapshot
from fleetapp.audit.reader import JournalReader
from fleetapp.audit.writer import JournalWriter
from fleetapp.client.connection import Connection
from fleetapp.core.rows import Entry
from fleetapp.server.serve import serve
from fleetapp.server.users import Users
from fleetapp.terms.modes import Role

TOKEN = "token-of-the-run-file"
FLEET = FleetView(
    "s", "Site", "1", 0, 0, NOT_STOPPED, (), 0, 0, 0, 0, 0, 0, (), 0, 0, 0, 0, 0, 0, 0,
    first_user_needed=False,
)  # fmt: skip


class SmallFleet:
    """Answers commands by the real role table; stops at once, the rest when let."""

    def __init__(self, database):
        self.given = []
        self.told = []
        self.listeners = []
        self.sent = []
        self.lets_go = threading.Event()
        self.lets_go.set()
        self.begun = True
        self.journal_hangs = False
        self.reader = JournalReader(database)

    def submit(self, command, person):
        answer = Future()
        self.given.append((command, person))
        reason = refusal(command, person)
        if isinstance(command, StopAll) or self.lets_go.is_set():
            answer.set_result(
                Outcome(command.command_id, reason is None, reason or "", "as the table says")
            )
        return answer

    def snapshot(self):
        if not self.begun:
            raise RuntimeError("the engine has not begun yet: ask again in a second")
        return Snapshot(1, 5, FLEET, (), (), (), ())

    def delta_sent(self, seq):
        self.sent.append(seq)

    def subscribe(self, on_delta):
        self.listeners.append(on_delta)
        return lambda: self.listeners.remove(on_delta)

    def tell(self, delta: Delta):
        for listener in tuple(self.listeners):
            listener(delta)

    def layout(self):
        return Layout("s", "Site", "d", "1", (0, 0, 1, 1), (), (), (), (), (), (), ())

    def review_crop(self, review_id):
        return b"jpeg" if review_id in ("v1", "rv-T-1-left/17") else None

    def audit(self):
        return self.reader

    def status(self):
        return {"processes": {}, "journal": {"rows": 1, "lag_ms": 0}}

    def diagnostics(self):
        return {"version": "1"}

    def signed_in(self, person, what):
        self.told.append((person.name, what))

    def recorded(self, person, what):
        self.told.append((person.name, what))
        done = Future()
        if not self.journal_hangs:
            done.set_result(None)
        return done

    def add_robot(self, robot_id, robot_type, name, person):
        if robot_type != "carrier":
            raise ValueError(f"unknown type {robot_type!r}: use carrier")
        self.told.append((person.name, f"added {robot_id} as {name}"))
        return "secret-of-the-robot"

    def remove_robot(self, robot_id, *, keep_user, person):
        self.told.append((person.name, f"removed {robot_id} {keep_user}"))


@dataclass
class Rig:
    fleet: SmallFleet
    users: Users
    port: int
    client: Connection
    data: object


def row(seq, **changes):
    values = {
        "seq": seq,
        "at_ms": seq,
        "kind": "decision",
        "type": "RobotHeld",
        "version": 1,
        "actor": "core",
        "robot_id": "sim/r01",
        "task_id": "T-1",
        "order_id": None,
        "order_update_id": None,
        "cause_seq": seq - 1 or None,
        "body": b'{"by":"anna","note":"looks odd","robot_id":"sim/r01"}',
    }
    return Entry(**{**values, **changes})


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    durable = threading.Event()
    writer = JournalWriter(
        data / "audit.db",
        "boot",
        on_durable=lambda _seq: durable.set(),
        on_trouble=print,
        on_recovered=lambda: None,
    )
    writer.start()
    writer.append([row(1, kind="input", type="CommandGiven"), row(2), row(3)])
    assert durable.wait(10)
    writer.close()
    fleet = SmallFleet(data / "audit.db")
    users = Users(data / "users.json")
    users.add("sam", Role.SUPERVISOR, "supersecret")
    users.add("olga", Role.OPERATOR, "orderly")
    handle = serve(fleet, users, TOKEN, 0)
    (data / "run").mkdir()
    (data / "run" / "engine.json").write_text(json.dumps({"api_port": handle.port, "token": TOKEN}))
    yield Rig(fleet, users, handle.port, Connection(data), data)
    handle.stop()
    fleet.reader.stop_verifying()
