"""The emergency ring: what a person was told to be in force survives without the journal."""

import json
import os
import queue
import shutil
import stat
import threading
import time

import pytest

from fleetapp.api.commands import (
    AcknowledgeAlarm,
    CancelTask,
    EndHalt,
    HoldRobot,
    Person,
    ReleaseAll,
    StopAll,
    SubmitTask,
)
from fleetapp.audit.disk import write_at
from fleetapp.audit.heads import Head
from fleetapp.audit.ring import RESERVED, Ring, Told
from fleetapp.audit.ring_slots import (
    SLOT_BYTES,
    SLOTS,
    Promise,
    essence,
    essence_of,
    packed,
    scan,
)
from fleetapp.core.codec import encode
from fleetapp.core.observations import CommandGiven
from fleetapp.terms.modes import Role

PATIENCE_S = 10
IDA = Person("Ida", Role.OPERATOR, signed_in=True)
HEAD = Head(41, "ab" * 32)


def given(command):
    return CommandGiven(1_700_000_000_000, command, IDA)


def stop(n, reason="a pallet fell"):
    return given(StopAll(f"stop-{n}", reason))


def cancel(n):
    return given(CancelTask(f"cancel-{n}", f"T-{n}"))


class Words:
    """What the ring told, with a way to wait for it."""

    def __init__(self):
        self.said = queue.SimpleQueue()
        self.told = Told(
            lambda seq: self.said.put(("kept", seq)),
            lambda seq, why: self.said.put(("not kept", seq, why)),
        )

    def next(self):
        return self.said.get(timeout=PATIENCE_S)


@pytest.fixture
def rings():
    """All rings that a test opens; they end with it."""
    opened = []
    yield opened
    for ring in opened:
        ring.stop()


def opened(rings, path, words, **more):
    ring = Ring(path, "boot-1", lambda: HEAD, words.told, **more)
    rings.append(ring)
    return ring


def nothing_is_held(_promise):
    return False


def test_a_command_that_was_kept_is_there_after_the_process_is_gone(tmp_path, rings):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()

    ring.keep(42, given(HoldRobot("h-1", "sim/r01", "smoke")))
    ring.keep(44, stop(1))

    assert [words.next(), words.next()] == [("kept", 42), ("kept", 44)]
    again = opened(rings, tmp_path / "ring", Words())
    assert again.owed(nothing_is_held) == (given(HoldRobot("h-1", "sim/r01", "smoke")), stop(1))
    assert [(p.number, p.boot_id, p.head) for p in again.found] == [
        (1, "boot-1", HEAD),
        (2, "boot-1", HEAD),
    ]


def test_only_its_owner_reads_the_ring_and_its_slots_are_made_in_advance(tmp_path, rings):
    path = tmp_path / "ring"
    path.touch(mode=0o644)

    opened(rings, path, Words()).start()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 256 * 4096  # docs/audit-format.md: a later release reads it too


def test_what_the_journal_holds_does_not_enter_again(tmp_path, rings):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    for n in (1, 2, 3):
        ring.keep(50 + n, stop(n))
        words.next()

    again = opened(rings, tmp_path / "ring", Words())

    assert again.owed(lambda promise: promise.command_id != "stop-2") == (stop(2),)


@pytest.mark.parametrize(
    ("at", "name"), [(0, "its name"), (9, "its length"), (20, "its checksum"), (300, "its content")]
)
def test_an_altered_slot_is_left_out_and_logged(tmp_path, rings, caplog, at, name):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    for n in (1, 2):
        ring.keep(50 + n, stop(n))
        words.next()
    data = bytearray((tmp_path / "ring").read_bytes())
    data[at] ^= 0xFF
    (tmp_path / "ring").write_bytes(data)

    again = opened(rings, tmp_path / "ring", Words())

    assert again.owed(nothing_is_held) == (stop(2),), name
    assert "slot 0 of the emergency ring is not used" in caplog.text


def test_a_torn_slot_is_left_out_and_written_again(tmp_path, rings, caplog):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    ring.keep(51, stop(1))
    words.next()
    data = bytearray((tmp_path / "ring").read_bytes())
    data[512:SLOT_BYTES] = bytes(SLOT_BYTES - 512)
    data[100:512] = b"x" * 412
    (tmp_path / "ring").write_bytes(data)

    again = opened(rings, tmp_path / "ring", words)
    again.start()
    again.keep(60, stop(2))

    assert words.next() == ("kept", 60)
    assert [p.command_id for _, p in scan(tmp_path / "ring").entries] == ["stop-2"]
    assert "checksum" in caplog.text


def test_an_entry_is_never_written_over_before_its_row_is_durable(tmp_path, rings, caplog):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    for n in range(SLOTS):
        ring.keep(100 + n, stop(n))
        assert words.next() == ("kept", 100 + n)

    ring.keep(900, stop(900))
    assert words.next()[:2] == ("not kept", 900)
    assert ring.unspent() == SLOTS
    ring.durable(100)
    ring.keep(901, stop(901))

    assert words.next() == ("kept", 901)
    kept = {promise.command_id for _, promise in scan(tmp_path / "ring").entries}
    assert kept == {f"stop-{n}" for n in range(1, SLOTS)} | {"stop-901"}
    assert "full" in caplog.text


def test_cancels_leave_room_for_stops(tmp_path, rings, caplog):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    for n in range(SLOTS - RESERVED):
        ring.keep(100 + n, cancel(n))
        assert words.next()[0] == "kept"

    ring.keep(900, cancel(900))
    ring.keep(901, given(AcknowledgeAlarm("ack", "a-1")))
    ring.keep(902, stop(902))

    assert [words.next()[:2] for _ in range(3)] == [
        ("not kept", 900),
        ("not kept", 901),
        ("kept", 902),
    ]
    assert "full" in caplog.text


def test_entries_from_before_a_start_stay_until_their_new_rows_are_durable(tmp_path, rings):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    ring.keep(51, stop(1))
    words.next()

    again = opened(rings, tmp_path / "ring", words)
    again.owed(nothing_is_held)
    again.start()
    again.durable(10_000)
    assert again.unspent() == 1
    again.keep(10_002, stop(1))

    assert words.next() == ("kept", 10_002)
    assert again.unspent() == 1
    again.durable(10_002)
    assert again.unspent() == 0
    assert len(scan(tmp_path / "ring").entries) == 1  # it was not written twice


def test_commands_from_before_and_after_a_start_are_owed_in_the_order_in_which_they_came(
    tmp_path, rings
):
    for numbers in ((1, 2), (3, 4), (5,)):
        words = Words()
        ring = opened(rings, tmp_path / "ring", words)
        ring.owed(nothing_is_held)
        ring.start()
        for n in numbers:
            ring.keep(50 + n, stop(n))
            assert words.next() == ("kept", 50 + n)
        ring.stop()

    again = opened(rings, tmp_path / "ring", Words())

    assert again.owed(nothing_is_held) == tuple(stop(n) for n in (1, 2, 3, 4, 5))
    assert [promise.number for promise in again.found] == [1, 2, 3, 4, 5]


def test_after_a_start_the_slots_that_were_written_longest_ago_are_written_first(tmp_path, rings):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    for n in (1, 2):
        ring.keep(50 + n, stop(n))
        words.next()
    ring.stop()

    again = opened(rings, tmp_path / "ring", words)
    again.owed(lambda _promise: True)
    again.start()
    again.keep(60, stop(3))

    assert words.next() == ("kept", 60)
    left = {promise.command_id for _, promise in scan(tmp_path / "ring").entries}
    assert left == {"stop-1", "stop-2", "stop-3"}  # for who looks into what happened


def test_a_disk_that_hangs_holds_up_only_the_ring(tmp_path, rings):
    words, hang = Words(), threading.Event()

    def hanging(descriptor, data, offset):
        hang.wait(PATIENCE_S)
        write_at(descriptor, data, offset)

    ring = opened(rings, tmp_path / "ring", words, write=hanging)
    ring.start()
    begun = time.monotonic()

    for n in range(SLOTS + 50):
        ring.keep(100 + n, stop(n))

    assert time.monotonic() - begun < 1
    assert "hangs" in words.next()[2]
    hang.set()
    ring.stop()
    assert len(scan(tmp_path / "ring").entries) == SLOTS


def test_a_disk_that_fails_says_so_and_is_tried_again(tmp_path, rings, caplog):
    words, broken = Words(), [True]

    def failing(descriptor, data, offset):
        if broken:
            raise OSError(5, "Input/output error")
        write_at(descriptor, data, offset)

    ring = opened(rings, tmp_path / "ring", words, write=failing)
    ring.start()
    ring.keep(51, stop(1))
    assert words.next() == ("not kept", 51, "[Errno 5] Input/output error")
    assert ring.trouble
    broken.clear()

    ring.keep(52, stop(2))

    assert words.next() == ("kept", 52)
    assert not ring.trouble
    assert caplog.text.count("cannot be used") == 1


def test_a_folder_that_takes_no_file_keeps_nothing_and_ends_nothing(tmp_path, rings, caplog):
    words = Words()
    ring = opened(rings, tmp_path / "missing" / "ring", words)
    ring.start()

    ring.keep(51, stop(1))

    assert words.next()[:2] == ("not kept", 51)
    assert "cannot be used" in caplog.text


def test_a_long_reason_is_cut_and_ids_never_are(tmp_path, rings):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    hold = HoldRobot("\N{SNOWMAN}" * 200, "\N{SNOWMAN}" * 200, "\N{FIRE}" * 1000)

    ring.keep(51, given(hold))

    assert words.next() == ("kept", 51)
    command = scan(tmp_path / "ring").entries[0][1].given.command
    assert (command.command_id, command.robot_id) == (hold.command_id, hold.robot_id)
    assert command.reason == "\N{FIRE}" * 400 + "\N{HORIZONTAL ELLIPSIS}"


def test_a_command_that_no_slot_can_hold_is_not_called_kept(tmp_path, rings, caplog):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()

    ring.keep(51, given(StopAll("\N{FIRE}" * 2000)))

    assert words.next()[:2] == ("not kept", 51)
    assert "does not fit" in caplog.text


def test_begun_anew_it_holds_only_what_is_not_spent(tmp_path, rings):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    for n in (1, 2, 3):
        ring.keep(50 + n, stop(n))
        words.next()
    ring.durable(52)

    ring.begin_anew()
    ring.keep(54, stop(4))

    assert words.next() == ("kept", 54)
    assert [p.command_id for _, p in scan(tmp_path / "ring").entries] == ["stop-3", "stop-4"]
    assert stat.S_IMODE((tmp_path / "ring").stat().st_mode) == 0o600


def put_away(path):
    path.unlink()


def put_another_there(path):
    path.with_name("other").write_bytes(bytes(SLOTS * SLOT_BYTES))
    path.with_name("other").replace(path)


def put_a_link_there(path):
    path.with_name("target").write_bytes(b"somebody's")
    path.with_name("target").chmod(0o644)
    path.unlink()
    path.symlink_to("target")


@pytest.mark.parametrize("hand", [put_away, put_another_there, put_a_link_there])
def test_a_ring_that_is_taken_away_while_it_is_open_is_made_anew_with_all_that_waits(
    tmp_path, rings, caplog, hand
):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    for n in (1, 2):
        ring.keep(50 + n, stop(n))
        words.next()
    ring.durable(51)

    hand(tmp_path / "ring")
    ring.keep(53, stop(3))

    assert words.next() == ("kept", 53)
    again = opened(rings, tmp_path / "ring", Words())
    assert again.owed(nothing_is_held) == (stop(2), stop(3))
    assert "removed or replaced" in caplog.text
    if hand is put_a_link_there:
        assert (tmp_path / "target").read_bytes() == b"somebody's"


def test_a_ring_that_cannot_be_made_anew_calls_nothing_kept(tmp_path, rings, caplog):
    words = Words()
    folder = tmp_path / "data"
    folder.mkdir()
    ring = opened(rings, folder / "ring", words)
    ring.start()
    shutil.rmtree(folder)

    ring.keep(51, stop(1))

    assert words.next()[:2] == ("not kept", 51)
    assert "cannot be used" in caplog.text


def test_what_a_link_points_to_is_neither_read_nor_changed(tmp_path, rings, caplog):
    target, path, words = tmp_path / "target", tmp_path / "ring", Words()
    ring = opened(rings, target, words)
    ring.start()
    ring.keep(51, stop(1))
    words.next()
    target.chmod(0o644)
    path.symlink_to(target)
    before = target.read_bytes()

    linked = opened(rings, path, words)
    linked.start()
    linked.keep(60, stop(2))

    assert words.next()[:2] == ("not kept", 60)
    assert linked.owed(nothing_is_held) == ()
    assert "cannot be read" in linked.damage
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (before, 0o644)
    assert "cannot be used" in caplog.text


def test_a_pipe_in_the_place_of_the_ring_holds_nothing_up(tmp_path, rings, caplog):
    os.mkfifo(tmp_path / "ring")

    ring = opened(rings, tmp_path / "ring", Words())
    ring.start()

    assert "no plain file" in ring.damage
    assert "cannot be used" in caplog.text


@pytest.mark.parametrize(
    "command",
    [EndHalt("f", "record", "all well"), ReleaseAll("f", "x"), SubmitTask("f", "A01-01", "P1")],
)
def test_what_permits_never_comes_back_from_the_ring(tmp_path, rings, caplog, command):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    ring.keep(51, stop(1))
    words.next()
    boss = Person("Sander", Role.SUPERVISOR, signed_in=True)
    forged = packed(Promise(1000, "b", Head(0, "00" * 32), CommandGiven(1, command, boss)))
    data = bytearray((tmp_path / "ring").read_bytes())
    data[100 * SLOT_BYTES : 101 * SLOT_BYTES] = forged
    (tmp_path / "ring").write_bytes(data)

    again = opened(rings, tmp_path / "ring", Words())

    assert again.owed(nothing_is_held) == (stop(1),)
    assert "is no command for the ring" in caplog.text


DAMAGE = {
    "is gone": lambda path: path.unlink(),
    "was cut to 5000 bytes": lambda path: os.truncate(path, 5000),
    "was cut to 0 bytes": lambda path: path.write_bytes(b""),
    "was emptied": lambda path: path.write_bytes(bytes(SLOTS * SLOT_BYTES)),
    "holds nothing that can be read": lambda path: path.write_bytes(b"\xff" * SLOTS * SLOT_BYTES),
}


@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_a_ring_that_is_not_the_one_that_was_left_says_so_and_works_again(
    tmp_path, rings, caplog, damage
):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    assert ring.damage == "is gone"
    ring.start()
    ring.stop()

    DAMAGE[damage](tmp_path / "ring")

    again = opened(rings, tmp_path / "ring", words)
    assert again.damage == damage
    again.start()
    again.keep(51, stop(1))
    assert words.next() == ("kept", 51)
    again.stop()
    assert opened(rings, tmp_path / "ring", words).damage == ""


def test_a_ring_with_one_slot_that_can_be_read_is_used_for_that_one(tmp_path, rings, caplog):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    ring.keep(51, stop(1))
    words.next()
    ring.stop()
    data = (tmp_path / "ring").read_bytes()[:SLOT_BYTES]
    (tmp_path / "ring").write_bytes(data + b"\xff" * (SLOTS - 1) * SLOT_BYTES)

    again = opened(rings, tmp_path / "ring", Words())

    assert again.damage == ""
    assert again.owed(nothing_is_held) == (stop(1),)
    assert caplog.text.count("of the emergency ring is not used") == SLOTS - 1


def test_a_ring_in_which_nothing_ever_was_is_not_damaged(tmp_path, rings):
    opened(rings, tmp_path / "ring", Words()).start()

    assert opened(rings, tmp_path / "ring", Words()).damage == ""


def test_the_row_of_one_command_spends_no_other_of_the_same_id(tmp_path, rings):
    words = Words()
    ring = opened(rings, tmp_path / "ring", words)
    ring.start()
    holds = [given(HoldRobot("h-1", f"sim/r0{n}", "smoke")) for n in (1, 2)]
    for n, hold in enumerate(holds):
        ring.keep(51 + n, hold)
        words.next()

    again = opened(rings, tmp_path / "ring", words)
    again.owed(nothing_is_held)
    again.start()
    again.recorded_as(holds[0], 60)
    again.stop()
    again.durable(60)

    assert again.unspent() == 1


def test_it_is_the_same_command_however_its_parts_are_put_in_order():
    body = json.loads(encode(given(HoldRobot("h-1", "sim/r01", "smoke"))))
    turned = {name: body[name] for name in reversed(body)}
    turned["command"] = {name: body["command"][name] for name in reversed(body["command"])}

    assert essence(json.dumps(turned).encode()) == essence_of(
        given(HoldRobot("h-1", "sim/r01", "fire"))
    )
