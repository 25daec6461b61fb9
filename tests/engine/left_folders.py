"""The records of data folders, and what other hands do to them between two starts."""

import hashlib
import json
import shutil
import sqlite3
import time
from functools import cache
from pathlib import Path

from fleetapp.api.commands import Person, StopAll
from fleetapp.audit.chain import row_hash
from fleetapp.audit.ring import Ring, Told
from fleetapp.core.codec import encode
from fleetapp.core.observations import CommandGiven
from fleetapp.core.rows import Entry
from fleetapp.core.state import Rules, State, prepare_floor
from fleetapp.engine.record import Record
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.terms.modes import Role

SMALL = Path(__file__).parents[2] / "maps" / "small"
RULES = Rules(confidence_permille=600)
PATIENCE_S = 10
IDA = Person("Ida", Role.OPERATOR, signed_in=True)


@cache
def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def entry(seq):
    body = b'{"at_ms":1,"robot_id":"m/r"}'
    return Entry(seq, seq, "input", "Heartbeat", 1, "system", "m/r", None, None, None, None, body)


def doubt_row(seq, doubt):
    return Entry(seq, 1, "input", "RecordDoubted", 1, "system", *[None] * 5, encode(doubt))


def given_row(seq, given):
    return Entry(seq, 1, "input", "CommandGiven", 1, "Ida", *[None] * 5, encode(given))


def recorded(data, boot_id="boot", **more):
    return Record(data, SMALL, boot_id, lambda _item: None, **more)


def run_to(data, seq, boot_id="boot", **more):
    """An engine's record that writes rows up to a number, then ends in order."""
    record = recorded(data, boot_id, **more)
    record.restored(floor(), RULES)
    record.owed()
    record.start()
    record.journal.append([entry(n) for n in range(record.journal.durable_seq + 1, seq + 1)])
    record.finish(State(floor(), RULES, seq=seq))
    record.leave()


def doubt_of(data, **more):
    record = recorded(data, "looking", **more)
    record.leave()
    return next(iter(record.doubts()), None)


def cut_after(database, seq):
    connection = sqlite3.connect(database)
    connection.execute("DROP TRIGGER journal_no_delete")
    connection.execute("DELETE FROM journal WHERE seq > ?", (seq,))
    connection.commit()
    connection.close()


def only(data, witness):
    """Take the other witnesses away."""
    if witness != "anchor":
        (data / "audit.anchor").unlink()
    if witness != "snapshot":
        shutil.rmtree(data / "snapshots")
    if witness != "ring":
        (data / "ring").unlink()


def put_into_ring(data):
    """A stop that was given when the journal's end was durable, and is recorded by now."""
    record = recorded(data)
    ring = Ring(data / "ring", "b", lambda: record.journal.durable_head, Told(print, print, print))
    ring.start()
    ring.keep(10, CommandGiven(1, StopAll("c-1", "test"), IDA))
    ring.stop()
    record.leave()


def altered(database, seq):
    connection = sqlite3.connect(database)
    connection.execute("DROP TRIGGER IF EXISTS journal_no_update")
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq = ?", (seq,))
    connection.commit()
    connection.close()


def snapshot_of(data, seq):
    return data / "snapshots" / f"{seq:012d}.json"


def alter_snapshot(path):
    """What somebody does who lets robots drive again: the state changed, the checksum remade."""
    file = json.loads(path.read_bytes())
    state = {**file["state"], "done_count": 4711}
    content = json.dumps(state, separators=(",", ":"))
    row = f"{file['seq']} {file['row_hash']} ".encode()
    checksum = hashlib.sha256(row + content.encode()).hexdigest()
    path.write_text(
        f'{{"seq":{file["seq"]},"row_hash":"{file["row_hash"]}",'
        f'"checksum":"{checksum}","state":{content}}}'
    )


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[data.index(b'"done_count":') + 13] ^= 1
    path.write_bytes(data)


def killed(record):
    """What lies on the disk when the engine is no more."""
    record.ring.stop()
    record.journal.close()
    record.audit.stop_verifying()
    record.leave()


def a_stranger_writes(data, seq):
    """A row with a right chain, as another program appends it."""
    connection = sqlite3.connect(data / "audit.db")
    (before,) = connection.execute("SELECT hash FROM journal ORDER BY seq DESC").fetchone()
    values = (seq, 1, 1, "x", "input", "Heartbeat", 1, "x", *[None] * 5, '{"at_ms":1}')
    own = row_hash(bytes.fromhex(before), values).hex()
    connection.execute(
        f"INSERT INTO journal VALUES ({', '.join('?' * 16)})", (*values, before, own)
    )
    connection.commit()
    connection.close()
