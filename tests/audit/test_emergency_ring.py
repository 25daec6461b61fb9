"""The emergency ring: what a person was told to be in force survives without the journal."""

import json
import stat
import threading
import time

from kept_commands import HEAD, PATIENCE_S, cancel, given, nothing_is_held, stop

from fleetapp.api.commands import AcknowledgeAlarm, HoldRobot, StopAll
from fleetapp.audit.disk import write_at
from fleetapp.audit.ring import RESERVED
from fleetapp.audit.ring_slots import SLOTS, essence, essence_of, scan
from fleetapp.core.codec import encode


def test_a_command_that_was_kept_is_there_after_the_process_is_gone(rings):
    ring = rings.running()

    ring.keep(42, given(HoldRobot("h-1", "sim/r01", "smoke")))
    ring.keep(44, stop(1))

    assert [rings.said(), rings.said()] == [("kept", 42), ("kept", 44)]
    again = rings.read()
    assert again.owed(nothing_is_held) == (given(HoldRobot("h-1", "sim/r01", "smoke")), stop(1))
    assert [(p.number, p.boot_id, p.head) for p in again.found] == [
        (1, "boot-1", HEAD),
        (2, "boot-1", HEAD),
    ]


def test_only_its_owner_reads_the_ring_and_its_slots_are_made_in_advance(rings):
    path = rings.path
    path.touch(mode=0o644)

    rings.read(path).start()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 256 * 4096  # docs/audit-format.md: a later release reads it too


def test_what_the_journal_holds_does_not_enter_again(rings):
    rings.left(1, 2, 3)

    again = rings.read()

    assert again.owed(lambda promise: promise.command_id != "stop-2") == (stop(2),)


def test_an_entry_is_never_written_over_before_its_row_is_durable(rings, caplog):
    ring = rings.running()
    for n in range(SLOTS):
        ring.keep(100 + n, stop(n))
        assert rings.said() == ("kept", 100 + n)

    ring.keep(900, stop(900))
    assert rings.said()[:2] == ("not kept", 900)
    assert ring.unspent() == SLOTS
    ring.durable(100)
    ring.keep(901, stop(901))

    assert rings.said() == ("kept", 901)
    kept = {promise.command_id for _, promise in scan(rings.path).entries}
    assert kept == {f"stop-{n}" for n in range(1, SLOTS)} | {"stop-901"}
    assert "full" in caplog.text


def test_cancels_leave_room_for_stops(rings, caplog):
    ring = rings.running()
    for n in range(SLOTS - RESERVED):
        ring.keep(100 + n, cancel(n))
        assert rings.said()[0] == "kept"

    ring.keep(900, cancel(900))
    ring.keep(901, given(AcknowledgeAlarm("ack", "a-1")))
    ring.keep(902, stop(902))

    assert [rings.said()[:2] for _ in range(3)] == [
        ("not kept", 900),
        ("not kept", 901),
        ("kept", 902),
    ]
    assert "full" in caplog.text


def test_entries_from_before_a_start_stay_until_their_new_rows_are_durable(rings):
    rings.left(1)

    again = rings.read()
    again.owed(nothing_is_held)
    again.start()
    again.durable(10_000)
    assert again.unspent() == 1
    again.keep(10_002, stop(1))

    assert rings.said() == ("kept", 10_002)
    assert again.unspent() == 1
    again.durable(10_002)
    assert again.unspent() == 0
    assert len(scan(rings.path).entries) == 1  # it was not written twice


def test_commands_from_before_and_after_a_start_are_owed_in_the_order_in_which_they_came(rings):
    for numbers in ((1, 2), (3, 4), (5,)):
        ring = rings.read()
        ring.owed(nothing_is_held)
        ring.start()
        for n in numbers:
            ring.keep(50 + n, stop(n))
            assert rings.said() == ("kept", 50 + n)
        ring.stop()

    again = rings.read()

    assert again.owed(nothing_is_held) == tuple(stop(n) for n in (1, 2, 3, 4, 5))
    assert [promise.number for promise in again.found] == [1, 2, 3, 4, 5]


def test_after_a_start_the_slots_that_were_written_longest_ago_are_written_first(rings):
    rings.left(1, 2)

    again = rings.read()
    again.owed(lambda _promise: True)
    again.start()
    again.keep(60, stop(3))

    assert rings.said() == ("kept", 60)
    left = {promise.command_id for _, promise in scan(rings.path).entries}
    assert left == {"stop-1", "stop-2", "stop-3"}  # for who looks into what happened


def test_a_disk_that_hangs_holds_up_only_the_ring(rings):
    hang = threading.Event()

    def hanging(descriptor, data, offset):
        hang.wait(PATIENCE_S)
        write_at(descriptor, data, offset)

    ring = rings.read(write=hanging)
    ring.start()
    begun = time.monotonic()

    for n in range(SLOTS + 50):
        ring.keep(100 + n, stop(n))

    assert time.monotonic() - begun < 1
    assert "hangs" in rings.said()[2]
    hang.set()
    ring.stop()
    assert len(scan(rings.path).entries) == SLOTS


def test_a_disk_that_fails_says_so_and_is_tried_again(rings, caplog):
    broken = [True]

    def failing(descriptor, data, offset):
        if broken:
            raise OSError(5, "Input/output error")
        write_at(descriptor, data, offset)

    ring = rings.read(write=failing)
    ring.start()
    ring.keep(51, stop(1))
    assert rings.said() == ("not kept", 51, "[Errno 5] Input/output error")
    assert ring.trouble
    broken.clear()

    ring.keep(52, stop(2))

    assert rings.said() == ("kept", 52)
    assert not ring.trouble
    assert caplog.text.count("cannot be used") == 1


def test_a_folder_that_takes_no_file_keeps_nothing_and_ends_nothing(tmp_path, rings, caplog):
    ring = rings.read(tmp_path / "missing" / "ring")
    ring.start()

    ring.keep(51, stop(1))

    assert rings.said()[:2] == ("not kept", 51)
    assert "cannot be used" in caplog.text


def test_a_long_reason_is_cut_and_ids_never_are(rings):
    ring = rings.running()
    hold = HoldRobot("\N{SNOWMAN}" * 200, "\N{SNOWMAN}" * 200, "\N{FIRE}" * 1000)

    ring.keep(51, given(hold))

    assert rings.said() == ("kept", 51)
    command = scan(rings.path).entries[0][1].given.command
    assert (command.command_id, command.robot_id) == (hold.command_id, hold.robot_id)
    assert command.reason == "\N{FIRE}" * 400 + "\N{HORIZONTAL ELLIPSIS}"


def test_a_command_that_no_slot_can_hold_is_not_called_kept(rings, caplog):
    ring = rings.running()

    ring.keep(51, given(StopAll("\N{FIRE}" * 2000)))

    assert rings.said()[:2] == ("not kept", 51)
    assert "does not fit" in caplog.text


def test_begun_anew_it_holds_only_what_is_not_spent(rings):
    ring = rings.running(1, 2, 3)
    ring.durable(52)

    ring.begin_anew()
    ring.keep(54, stop(4))

    assert rings.said() == ("kept", 54)
    assert [p.command_id for _, p in scan(rings.path).entries] == ["stop-3", "stop-4"]
    assert stat.S_IMODE(rings.path.stat().st_mode) == 0o600


def test_the_row_of_one_command_spends_no_other_of_the_same_id(rings):
    ring = rings.running()
    holds = [given(HoldRobot("h-1", f"sim/r0{n}", "smoke")) for n in (1, 2)]
    for n, hold in enumerate(holds):
        ring.keep(51 + n, hold)
        rings.said()

    again = rings.read()
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
