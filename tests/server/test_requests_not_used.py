"""Requests that are not used: each counted, one row a minute, the sender named."""

import http.client
import json

from fleetapp.server.turned_away import NOBODY, TOLD_EVERY_S, TurnedAway

TOKEN = "token-of-the-run-file"
MISSPELT = {"command_id": "c", "from_station": "A", "to_station": "P", "prio": "high"}


class Clock:
    """Calls back when a test says that the time has come."""

    def __init__(self):
        self.due = []

    def later(self, after_s, act):
        assert after_s == TOLD_EVERY_S
        self.due.append(act)

    def minute_passes(self):
        due, self.due = self.due, []
        for act in due:
            act()


def gate():
    clock, told = Clock(), []
    return (
        TurnedAway(lambda person, what: told.append((person.name, what)), clock.later),
        clock,
        told,
    )


def refuse(away, why="count is text", status=422):
    away.note(NOBODY, "POST /v1/commands/submit-task", status=status, why=why)


def test_the_first_is_told_at_once_and_the_rest_of_the_minute_in_one_sentence():
    away, clock, told = gate()

    for _ in range(1_000):
        refuse(away)
    at_once = list(told)
    clock.minute_passes()

    assert at_once == [
        ("nobody", "request not used: POST /v1/commands/submit-task: count is text (422)")
    ]
    assert told[1][1].startswith("999 more requests not used within a minute")
    assert away.counts() == {"422": 1_000}


def test_after_a_quiet_minute_the_next_is_told_at_once_again():
    away, clock, told = gate()
    refuse(away)
    clock.minute_passes()

    refuse(away, "priority is 'now'")

    assert len(told) == 2
    assert "priority is 'now'" in told[1][1]


def test_what_the_fleet_refuses_and_what_is_gone_are_no_mistakes_of_the_client():
    away, _, told = gate()

    refuse(away, status=403)
    refuse(away, status=404)

    assert told == []
    assert away.counts() == {}


def call(rig, body, *, token=TOKEN, host="127.0.0.1"):
    link = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Host": host}
    link.request("POST", "/v1/commands/submit-task", json.dumps(body), headers)
    status = link.getresponse().status
    link.close()
    return status


def test_every_kind_of_bad_request_is_counted_in_the_status_and_one_is_journalled(rig):
    before = rig.client.status()["requests_not_used"]

    got = [
        call(rig, MISSPELT),
        call(rig, [1]),
        call(rig, MISSPELT, token="stolen"),
        call(rig, MISSPELT, host="evil.example"),
    ]

    after = rig.client.status()["requests_not_used"]
    new = {status: count - before.get(status, 0) for status, count in after.items()}
    assert got == [422, 422, 401, 421]
    assert {status: count for status, count in new.items() if count} == {
        "401": 1,
        "421": 1,
        "422": 2,
    }
    assert [what for _, what in rig.fleet.told if what.startswith("request not used: ")]
