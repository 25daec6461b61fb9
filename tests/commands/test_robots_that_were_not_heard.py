"""What `robot list` and `status` say of a robot that no report came from yet."""

import pytest

from fleetapp.api.views import NOT_STOPPED, FleetView, RobotView, Snapshot, Why
from fleetapp.cli.main import main
from fleetapp.client.connection import Connection
from fleetapp.terms.modes import LoadState, OperatingMode, RobotState

NOW_MS = 1_000_000
FLEET = FleetView(
    "s", "Site", "1", NOW_MS, 0, NOT_STOPPED, (), 0, 0, 0, 0, 0, 0, (), 0, 0, 0, 0, 0, 0, 0,
    first_user_needed=False,
)  # fmt: skip
STOPPED = Why("Stopped with the whole fleet by anna.", "fleet_stop", 0, "a supervisor", "")


def robot(state, *, last_report_ms, why=None):
    return RobotView(
        "m/r1", "r1", "carrier", "m", "r1", state is not RobotState.NOTICED, state, 0, "Free", "",
        None, None, None, None, False, LoadState.UNKNOWN, OperatingMode.UNKNOWN, None, None, why,
        (), (), (), "", last_report_ms, "",
    )  # fmt: skip


@pytest.fixture
def listed(monkeypatch, capsys, tmp_path):
    def run(*robots):
        snapshot = Snapshot(1, NOW_MS, FLEET, robots, (), (), ())
        monkeypatch.setattr(Connection, "snapshot", lambda _self: snapshot)
        assert main(["robot", "list", "--data", str(tmp_path)]) == 0
        return " ".join(capsys.readouterr().out.split())

    return run


def test_a_robot_that_was_not_heard_is_not_said_to_have_stopped(listed):
    line = listed(robot(RobotState.STOPPED, last_report_ms=None, why=STOPPED))

    assert line == (
        "m/r1 r1 carrier not heard last report - - - Stopped with the whole fleet by anna."
    )


def test_a_robot_that_reports_has_its_state_and_the_age_of_its_report(listed):
    line = listed(robot(RobotState.STOPPED, last_report_ms=NOW_MS - 73_000, why=STOPPED))

    assert line.startswith("m/r1 r1 carrier stopped last report 1 min 13 s ago Free - Stopped")


@pytest.mark.parametrize("state", [RobotState.HELD, RobotState.NOTICED])
def test_what_is_known_without_a_report_stays(listed, state):
    assert f" {state.value} last report -" in listed(robot(state, last_report_ms=None))


@pytest.mark.parametrize(("heard", "word"), [(False, "not heard"), (True, "stopped")])
def test_the_status_uses_the_same_word(monkeypatch, capsys, tmp_path, heard, word):
    status = {
        "processes": {},
        "journal": {"rows": 1, "lag_ms": 0},
        "tasks": {"done": 0, "failed": 0},
        "messages_not_used": {"unusable": 0, "dropped": 0},
        "requests_not_used": {},
        "robots": [{"robot_id": "m/r1", "name": "r1", "state": "stopped", "heard": heard}],
    }
    monkeypatch.setattr(Connection, "status", lambda _self: status)

    assert main(["status", "--data", str(tmp_path)]) == 0

    assert capsys.readouterr().out.splitlines()[-1] == f"r1           {word}"
