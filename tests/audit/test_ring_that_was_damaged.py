"""A ring that is torn, altered or another thing: what is whole is used, and the rest is told."""

import os
import stat

import pytest
from kept_commands import nothing_is_held, stop

from fleetapp.api.commands import EndHalt, Person, ReleaseAll, SubmitTask
from fleetapp.audit.heads import Head
from fleetapp.audit.ring_slots import SLOT_BYTES, SLOTS, Promise, packed, scan
from fleetapp.core.observations import CommandGiven
from fleetapp.terms.modes import Role


@pytest.mark.parametrize(
    ("at", "name"), [(0, "its name"), (9, "its length"), (20, "its checksum"), (300, "its content")]
)
def test_an_altered_slot_is_left_out_and_logged(rings, caplog, at, name):
    rings.left(1, 2)
    data = bytearray(rings.path.read_bytes())
    data[at] ^= 0xFF
    rings.path.write_bytes(data)

    again = rings.read()

    assert again.owed(nothing_is_held) == (stop(2),), name
    assert again.damage == "cannot be read in 1 of its 256 slots"
    assert "slot 0 of the emergency ring is not used" in caplog.text


def test_a_torn_slot_is_left_out_and_written_again(rings, caplog):
    rings.left(1)
    data = bytearray(rings.path.read_bytes())
    data[512:SLOT_BYTES] = bytes(SLOT_BYTES - 512)
    data[100:512] = b"x" * 412
    rings.path.write_bytes(data)

    again = rings.read()
    again.start()
    again.keep(60, stop(2))

    assert rings.said() == ("kept", 60)
    assert [p.command_id for _, p in scan(rings.path).entries] == ["stop-2"]
    assert "checksum" in caplog.text


def test_what_a_link_points_to_is_neither_read_nor_changed(tmp_path, rings, caplog):
    target, path = tmp_path / "target", rings.path
    rings.left(1)
    path.rename(target)
    target.chmod(0o644)
    path.symlink_to(target)
    before = target.read_bytes()

    linked = rings.read(path)
    linked.start()
    linked.keep(60, stop(2))

    assert rings.said()[:2] == ("not kept", 60)
    assert linked.owed(nothing_is_held) == ()
    assert "cannot be read" in linked.damage
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (before, 0o644)
    assert "cannot be used" in caplog.text


def test_a_pipe_in_the_place_of_the_ring_holds_nothing_up(rings, caplog):
    os.mkfifo(rings.path)

    ring = rings.read()
    ring.start()

    assert "no plain file" in ring.damage
    assert "cannot be used" in caplog.text


@pytest.mark.parametrize(
    "command",
    [EndHalt("f", "record", "all well"), ReleaseAll("f", "x"), SubmitTask("f", "A01-01", "P1")],
)
def test_what_permits_never_comes_back_from_the_ring(rings, caplog, command):
    rings.left(1)
    boss = Person("Sander", Role.SUPERVISOR, signed_in=True)
    forged = packed(Promise(1000, "b", Head(0, "00" * 32), CommandGiven(1, command, boss)))
    data = bytearray(rings.path.read_bytes())
    data[100 * SLOT_BYTES : 101 * SLOT_BYTES] = forged
    rings.path.write_bytes(data)

    again = rings.read()

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
def test_a_ring_that_is_not_the_one_that_was_left_says_so_and_works_again(rings, caplog, damage):
    ring = rings.read()
    assert ring.damage == "is gone"
    ring.start()
    ring.stop()

    DAMAGE[damage](rings.path)

    again = rings.read()
    assert again.damage == damage
    again.start()
    again.begin_anew()  # as when the doubt is recorded
    again.keep(51, stop(1))
    assert rings.said() == ("kept", 51)
    again.stop()
    assert rings.read().damage == ""


def test_a_ring_with_one_slot_that_can_be_read_is_used_for_that_one(rings, caplog):
    rings.left(1)
    data = rings.path.read_bytes()[:SLOT_BYTES]
    rings.path.write_bytes(data + b"\xff" * (SLOTS - 1) * SLOT_BYTES)

    again = rings.read()

    assert again.damage == "cannot be read in 255 of its 256 slots"
    assert again.owed(nothing_is_held) == (stop(1),)
    assert caplog.text.count("of the emergency ring is not used") == SLOTS - 1


def test_a_slot_of_zeros_is_none_of_ours(rings, caplog):
    rings.left(1)
    data = rings.path.read_bytes()
    rings.path.write_bytes(bytes(SLOT_BYTES) + data[SLOT_BYTES:])

    assert rings.read().damage == "cannot be read in 1 of its 256 slots"
    assert "is not used" in caplog.text


def test_a_ring_that_was_torn_is_whole_again_when_it_is_begun_anew(rings, caplog):
    rings.left(1, 2)
    data = bytearray(rings.path.read_bytes())
    data[300] ^= 0xFF
    rings.path.write_bytes(data)
    torn = rings.read()
    torn.start()

    torn.begin_anew()
    torn.stop()

    again = rings.read()
    assert (again.damage, again.owed(nothing_is_held)) == ("", (stop(2),))
    assert "is not used" in caplog.text


def test_a_ring_in_which_nothing_ever_was_is_not_damaged(rings):
    rings.read().start()

    assert rings.read().damage == ""
