"""The demo's summary: measured, of this run alone."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from fleetapp.api.views import NOT_STOPPED, FleetView
from fleetapp.audit.writer import JournalWriter
from fleetapp.cli.demo_figures import Figures
from fleetapp.cli.demo_summary import rows_before, summary_of
from fleetapp.cli.main import main
from fleetapp.core.rows import Entry
from fleetapp.engine.data_folder import DataFolder

FLEET = FleetView(
    "s", "Site", "1", 0, 0, NOT_STOPPED, (), 0, 0, 0, 0, 0, 0, (), 0, 0, 0, 0, 0, 0, 0,
    first_user_needed=False,
)  # fmt: skip


def told(done: int, failed: int = 0) -> FleetView:
    return replace(FLEET, tasks_done=done, tasks_failed=failed)


def test_tasks_done_before_this_run_are_not_counted():
    figures = Figures()

    figures.note(0.1, told(40, failed=3))
    figures.note(9.0, told(42, failed=4))

    assert (figures.done, figures.failed) == (2, 1)


def test_the_halves_are_those_of_the_time_it_truly_took():
    figures = Figures()
    for now_s, done in ((0.1, 0), (10.0, 1), (30.0, 2), (45.0, 4)):
        figures.note(now_s, told(done))

    figures.duration_s = 50.0  # ended before its time

    assert figures.done_halves() == [1, 3]


def test_a_demo_that_did_nothing_has_two_empty_halves():
    assert Figures().done_halves() == [0, 0]


def test_a_folder_without_a_journal_has_no_rows_before(tmp_path: Path):
    folder = DataFolder(tmp_path)
    folder.prepare()
    before = rows_before(tmp_path)
    folder.database.touch()

    assert (before, rows_before(tmp_path)) == (0, 0)


@pytest.mark.parametrize(
    "words",
    [
        ["--robots", "0"],
        ["--robots", "-1"],
        ["--robots", "many"],
        ["--duration", "0"],
        ["--duration", "nan"],
        ["--duration", "inf"],
        ["--after", "-1"],
    ],
)
def test_a_number_that_makes_no_demo_is_refused(words: list[str]):
    with pytest.raises(SystemExit, match="2"):
        main(["demo", "--headless", *words])


def test_a_picture_without_a_window_is_refused(capsys: pytest.CaptureFixture[str]):
    status = main(["demo", "--headless", "--screenshot", "x.png", "--duration", "1"])

    assert status == 2
    assert "leave --headless out" in capsys.readouterr().err


def entry(seq: int, kind: str, type_: str) -> Entry:
    return Entry(seq, seq, kind, type_, 1, "system", "m/r", None, None, None, None, b"{}")


def write(data: Path, *entries: Entry) -> None:
    folder = DataFolder(data)
    folder.prepare()
    writer = JournalWriter(
        folder.database,
        "boot",
        on_durable=lambda _: None,
        on_trouble=lambda _: None,
        on_recovered=lambda: None,
    )
    writer.start()
    writer.append(entries)
    writer.close()


def test_holds_reviews_recognitions_and_decisions_are_rows_of_this_run(tmp_path: Path):
    write(tmp_path, entry(1, "decision", "RobotHeld"), entry(2, "input", "PackageRecognised"))
    figures = Figures(first_row=rows_before(tmp_path) + 1, simulator={"collisions": 0})
    write(
        tmp_path,
        entry(3, "input", "PackageRecognised"),
        entry(4, "decision", "ReviewOpened"),
        entry(5, "decision", "RobotHeld"),
        entry(6, "input", "PackageRecognised"),
    )

    summary = summary_of(Namespace(data=tmp_path, robots=1, seed=1), figures)

    assert summary["journal_verified"]
    assert {name: summary[name] for name in ("recognitions", "reviews", "holds", "decisions")} == {
        "recognitions": 2,
        "reviews": 1,
        "holds": 1,
        "decisions": 2,
    }


def test_collisions_that_nobody_counted_are_not_none(tmp_path: Path):
    write(tmp_path, entry(1, "decision", "RobotHeld"))

    summary = summary_of(Namespace(data=tmp_path, robots=1, seed=1), Figures())

    assert summary["collisions"] == -1
