"""A pipe in place of a file is not waited for: a start says so, and goes on or ends."""

import os
import threading

import numpy as np
import pytest
from left_folders import PATIENCE_S, RULES, floor, recorded

from fleetapp.cli.engine import log_to
from fleetapp.layout.cache import load_tables
from fleetapp.server.users_file import UsersError, read_users


def ended(do):
    """What it returned or raised; it is not waited for without an end."""
    found = []

    def run():
        try:
            found.append(do())
        except (OSError, UsersError) as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert found, "it waits for the pipe"
    return found[0]


@pytest.mark.parametrize(
    "name", ["audit.anchor", "snapshots/000000000100.json", "evidence/x/doubt.json"]
)
def test_a_start_does_not_wait_for_a_pipe(data, caplog, name):
    path = data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)

    def begun():
        record = recorded(data)
        state = record.restored(floor(), RULES)
        record.doubts()
        record.leave()
        return state.seq

    assert ended(begun) == 9
    assert path.name in caplog.text


def test_a_pipe_in_place_of_a_second_anchor_is_told(data, tmp_path_factory, caplog):
    second = tmp_path_factory.mktemp("elsewhere") / "second"
    os.mkfifo(second)

    record = ended(lambda: recorded(data, second_anchor=str(second)))

    assert "is no plain file: move it away" in record.status()["second_anchor"]["detail"]
    record.leave()


def test_a_pipe_in_place_of_the_people_is_told_with_the_remedy(tmp_path):
    os.mkfifo(tmp_path / "users.json")

    refused = ended(lambda: read_users(tmp_path / "users.json"))

    assert isinstance(refused, UsersError)
    assert "is no plain file: move it away" in str(refused)


def test_a_pipe_in_place_of_the_log_is_told_with_the_remedy(tmp_path):
    (tmp_path / "logs").mkdir()
    os.mkfifo(tmp_path / "logs" / "engine.log")

    refused = ended(lambda: log_to(tmp_path))

    assert isinstance(refused, OSError)
    assert "is no plain file: move it away" in str(refused)


def test_a_pipe_in_place_of_a_prepared_table_is_not_used(tmp_path):
    os.mkfifo(tmp_path / "roadmap-k.npz")

    assert ended(lambda: np.size(load_tables(tmp_path, "k"))) == 1
