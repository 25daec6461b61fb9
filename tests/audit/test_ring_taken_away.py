"""A ring that is taken away while it is open: what waits in it is not lost."""

import os
import shutil
import threading

import pytest
from kept_commands import PATIENCE_S, nothing_is_held, stop
from running_journals import until

from fleetapp.audit import ring as ring_module
from fleetapp.audit.ring_slots import FREE, SLOT_BYTES, SLOTS


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


def cut_it(path):
    os.truncate(path, 100)


TAKEN = (
    "taken",
    "the emergency ring ring was removed, replaced, cut or altered while the fleet ran",
)
HANDS = [put_away, put_another_there, put_a_link_there, cut_it]


@pytest.fixture
def nobody_looks(monkeypatch):
    """The ring sees what was done to its file at the next command only."""
    monkeypatch.setattr(ring_module, "LOOK_S", 600)


@pytest.fixture
def full_folder(monkeypatch):
    """A folder that takes no new file as often as the test says."""
    times, real = [], ring_module.replace_whole

    def replace_whole(path, data):
        if times:
            times.pop()
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(ring_module, "replace_whole", replace_whole)
    return times


@pytest.mark.parametrize("hand", HANDS)
def test_a_ring_that_is_taken_away_while_it_is_open_is_made_anew_with_all_that_waits(
    tmp_path, rings, caplog, nobody_looks, hand
):
    ring = rings.running(1, 2)
    ring.durable(51)

    hand(rings.path)
    ring.keep(53, stop(3))

    assert rings.said() == ("kept", 53)
    again = rings.read()
    assert again.owed(nothing_is_held) == (stop(2), stop(3))
    assert "removed, replaced, cut or altered" in caplog.text
    if hand is put_a_link_there:
        assert (tmp_path / "target").read_bytes() == b"somebody's"


def test_a_ring_that_cannot_be_made_anew_calls_nothing_kept(tmp_path, rings, caplog, nobody_looks):
    folder = tmp_path / "data"
    folder.mkdir()
    ring = rings.read(folder / "ring")
    ring.start()
    shutil.rmtree(folder)

    ring.keep(51, stop(1))

    assert rings.said()[:2] == ("not kept", 51)
    assert "cannot be used" in caplog.text


@pytest.mark.parametrize("hand", HANDS)
def test_a_ring_that_is_taken_away_while_nobody_gives_a_command_is_made_anew_and_told_once(
    rings, caplog, hand
):
    ring = rings.running(1, 2)

    hand(rings.path)

    assert rings.said() == TAKEN
    until(lambda: rings.read().owed(nothing_is_held) == (stop(1), stop(2)))
    ring.keep(53, stop(3))
    assert rings.said() == ("kept", 53)


def test_the_answer_to_a_command_does_not_wait_for_the_word_that_the_ring_was_taken(
    rings, caplog, nobody_looks
):
    ring = rings.running(1)

    put_away(rings.path)
    ring.keep(52, stop(2))

    assert [rings.said(), rings.said()] == [("kept", 52), TAKEN]


@pytest.fixture
def hung_folder(monkeypatch):
    """A folder that takes a new file only when this is set, or the test has lost its patience."""
    released, real = threading.Event(), ring_module.replace_whole
    monkeypatch.setattr(
        ring_module,
        "replace_whole",
        lambda path, data: (released.wait(2 * PATIENCE_S), real(path, data)),
    )
    yield released
    released.set()


def test_a_ring_that_is_taken_away_is_told_though_its_folder_hangs(
    rings, caplog, monkeypatch, hung_folder
):
    rings.path.touch()
    ring = rings.running(1)

    put_away(rings.path)

    assert rings.said() == TAKEN
    assert not rings.path.exists()
    hung_folder.set()
    until(rings.path.exists)
    until(lambda: not ring.trouble)


def test_a_ring_that_hangs_says_so_once_and_is_in_order_when_it_answers(rings, caplog, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(ring_module, "HANGS_S", 0.05)
    write = ring_module.write_at
    ring = rings.read(write=lambda *asked: (released.wait(2 * PATIENCE_S), write(*asked)))
    ring.start()
    ring.watch()
    assert not ring.hangs()

    ring.keep(51, stop(1))

    until(ring.hangs)
    ring.watch()
    ring.watch()
    assert caplog.text.count("does not answer within 0.05 s") == 1
    released.set()
    assert rings.said() == ("kept", 51)
    until(lambda: not ring.hangs())


def test_a_ring_that_could_not_be_made_anew_is_tried_again_without_a_command(
    rings, caplog, full_folder
):
    ring = rings.running(1)
    full_folder.extend(["once", "twice"])

    put_away(rings.path)

    assert rings.said() == TAKEN
    until(lambda: rings.path.exists() and not ring.trouble)
    assert rings.read().owed(nothing_is_held) == (stop(1),)
    assert "No space left" in caplog.text


@pytest.mark.parametrize("hand", HANDS)
def test_a_ring_that_could_not_be_made_anew_at_once_still_gets_all_that_waits(
    rings, caplog, nobody_looks, full_folder, hand
):
    ring = rings.running(1, 2)
    full_folder.append("once")

    hand(rings.path)
    ring.keep(53, stop(3))
    assert rings.said()[:2] == ("not kept", 53)
    assert rings.said() == TAKEN
    ring.keep(54, stop(4))

    assert rings.said() == ("kept", 54)
    assert rings.read().owed(nothing_is_held) == (stop(1), stop(2), stop(4))
    assert "No space left" in caplog.text


def test_a_ring_that_is_gone_between_its_reading_and_its_start_gets_what_was_read(rings):
    rings.left(1)
    again = rings.read()
    again.owed(nothing_is_held)

    rings.path.unlink()
    again.start()

    assert rings.read().owed(nothing_is_held) == (stop(1),)


def test_a_command_from_before_the_start_is_kept_only_while_its_file_is_there(
    rings, caplog, nobody_looks
):
    rings.left(1)
    again = rings.read()
    again.owed(nothing_is_held)
    again.start()

    rings.path.unlink()
    again.keep(60, stop(1))

    assert rings.said() == ("kept", 60)
    assert rings.read().owed(nothing_is_held) == (stop(1),)
    assert "removed, replaced, cut or altered" in caplog.text


def test_the_last_slot_written_behind_a_cut_does_not_hide_it(rings, caplog, nobody_looks):
    ring = rings.running(*range(1, SLOTS))

    cut_it(rings.path)
    ring.keep(900, stop(900))

    assert rings.said() == ("kept", 900)
    assert len(rings.read().owed(nothing_is_held)) == SLOTS
    assert "removed, replaced, cut or altered" in caplog.text


ALTERED = {
    "freed": lambda _data: FREE * SLOTS,
    "of an older copy": lambda data: data[:SLOT_BYTES] + FREE * (SLOTS - 1),
    "altered": lambda data: data[: SLOT_BYTES + 300] + b"#" + data[SLOT_BYTES + 301 :],
}


@pytest.mark.parametrize("hand", sorted(ALTERED))
def test_what_waits_and_was_altered_in_its_place_is_written_anew_and_told(rings, caplog, hand):
    running = rings.running(1, 2)
    data = ALTERED[hand](rings.path.read_bytes())

    with rings.path.open("r+b") as file:
        file.write(data)

    assert rings.said() == TAKEN
    running.stop()
    assert rings.read().owed(nothing_is_held) == (stop(1), stop(2))
    assert "removed, replaced, cut or altered" in caplog.text


def test_a_reason_that_was_cut_is_no_alteration(rings):
    running = rings.running()
    running.keep(51, stop(1, "x" * 9000))
    assert rings.said() == ("kept", 51)

    running._look()
    running.stop()

    assert rings.path.stat().st_size == SLOTS * SLOT_BYTES
    assert not running._taken
