"""A ring that is taken away while it is open: what waits in it is not lost."""

import shutil

import pytest
from kept_commands import nothing_is_held, stop

from fleetapp.audit.ring_slots import SLOT_BYTES, SLOTS


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
    ring = rings.running(1, 2)
    ring.durable(51)

    hand(rings.path)
    ring.keep(53, stop(3))

    assert rings.said() == ("kept", 53)
    again = rings.read()
    assert again.owed(nothing_is_held) == (stop(2), stop(3))
    assert "removed or replaced" in caplog.text
    if hand is put_a_link_there:
        assert (tmp_path / "target").read_bytes() == b"somebody's"


def test_a_ring_that_cannot_be_made_anew_calls_nothing_kept(tmp_path, rings, caplog):
    folder = tmp_path / "data"
    folder.mkdir()
    ring = rings.read(folder / "ring")
    ring.start()
    shutil.rmtree(folder)

    ring.keep(51, stop(1))

    assert rings.said()[:2] == ("not kept", 51)
    assert "cannot be used" in caplog.text
