"""Snapshots are a cache: lost, damaged or of other rows, they change nothing."""

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fleetapp.audit.heads import Head
from fleetapp.core.state import Rules, State, prepare_floor
from fleetapp.engine.snapshots import heads, newest, save
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps

SMALL = Path(__file__).parents[2] / "maps" / "small"
RULES = Rules(confidence_permille=600)


@cache
def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


def state_after(seq):
    return State(floor(), RULES, seq=seq, done_count=seq * 10)


def read(folder):
    return newest(heads(folder), floor(), RULES)


def keep(folder, seq):
    save(folder, state_after(seq), f"{seq:064x}")


def test_the_newest_is_taken(tmp_path):
    for seq in (5, 9):
        keep(tmp_path, seq)

    assert read(tmp_path).done_count == 90


def test_each_names_its_row_and_its_hash(tmp_path):
    for seq in (5, 9):
        keep(tmp_path, seq)

    assert list(heads(tmp_path).values()) == [Head(9, f"{9:064x}"), Head(5, f"{5:064x}")]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_a_damaged_one_is_left_out(tmp_path, damage):
    keep(tmp_path, 5)
    keep(tmp_path, 9)
    (tmp_path / "000000000009.json").write_bytes(damage)

    assert read(tmp_path).done_count == 50


def test_one_under_the_number_of_another_row_is_left_out(tmp_path):
    keep(tmp_path, 5)
    (tmp_path / "000000000005.json").rename(tmp_path / "000000000006.json")

    assert read(tmp_path).done_count == 0


def test_other_files_in_the_folder_are_no_snapshots(tmp_path):
    (tmp_path / "notes.json").write_text("{}")
    keep(tmp_path, 5)

    assert read(tmp_path).done_count == 50


def test_a_folder_that_takes_no_file_ends_nothing(tmp_path, caplog):
    (tmp_path / "snapshots").write_text("a file where the folder should be")

    assert not save(tmp_path / "snapshots", state_after(5), "00")
    assert "no snapshot after row 5" in caplog.text


def test_what_an_anchor_will_name_outlives_a_power_cut(tmp_path, reached_the_disk):
    keep(tmp_path / "snapshots", 5)

    assert reached_the_disk == [
        f"flush {tmp_path.name}",  # the folder is new
        "flush 000000000005.json.part",
        "rename 000000000005.json",
        "flush snapshots",
    ]


def test_a_disk_that_is_full_keeps_no_half_snapshot(tmp_path, monkeypatch, caplog):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert save(tmp_path, state_after(5), "00") == ""
    assert list(tmp_path.iterdir()) == []
    assert "No space left" in caplog.text


def test_a_snapshot_gives_back_the_whole_state(tmp_path):
    before = replace(state_after(5), journal_ok=False, numbers=7, started_ms=3)

    save(tmp_path, before, "00")

    assert read(tmp_path) == before
