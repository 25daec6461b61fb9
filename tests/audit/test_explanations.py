"""Rows in plain words: every type has a sentence, and nothing makes one fail."""

import pytest

from fleetapp.audit.title_words import BY_VALUE, TEMPLATES
from fleetapp.audit.titles import SLOT, title_of
from fleetapp.core.codec import COMMAND_TYPES, DECISION_TYPES, INPUT_TYPES
from fleetapp.terms.units import duration


def fields_of(kind):
    return set(kind.__dataclass_fields__)


@pytest.mark.parametrize("name", sorted({**INPUT_TYPES, **DECISION_TYPES}))
def test_every_message_has_a_sentence_with_fields_that_it_has(name):
    kind = {**INPUT_TYPES, **DECISION_TYPES}[name]
    known = fields_of(kind) | ({"command_type"} if name == "CommandGiven" else set())
    field, sentences = BY_VALUE.get(name, ("at_ms", {}))

    assert not sentences or field in known
    for template in (TEMPLATES[name], *sentences.values()):
        for slot in SLOT.findall(template):
            assert slot.split(".")[0] in known


def test_every_command_has_its_own_sentence():
    assert set(BY_VALUE["CommandGiven"][1]) == set(COMMAND_TYPES)


def test_a_sentence_names_what_was_weighed():
    body = '{"task_id":"T-1","robot_id":"m/r","cost_ms":14380,"candidates":[{},{},{}]}'

    assert title_of("TaskAssigned", body, {"m/r": "r01"}) == (
        "T-1 given to r01, 14 s away, the best of 3 candidates"
    )


def test_a_robot_without_a_name_keeps_its_id():
    assert title_of("Heartbeat", '{"robot_id":"m/r"}', {}) == "m/r is still there"


def test_robots_are_named_inside_causes_and_alarms_too():
    body = '{"alarm_id":"robot_silent:acme/7","at_ms":5}'
    raised = '{"kind":"robot_warning","cause":"acme/7 warns; see acme/70"}'

    assert title_of("AlarmEnded", body, {"acme/7": "r07"}) == "Alarm is over: robot silent, r07"
    assert title_of("AlarmRaised", raised, {"acme/7": "r07"}) == (
        "Alarm, robot warning: r07 warns; see acme/70"
    )


@pytest.mark.parametrize(
    ("name", "body", "line"),
    [
        (
            "ActionEnded",
            '{"robot_id":"m/r","action_id":"r-9-pick","ok":true}',
            "r01 ended its pick",
        ),
        (
            "ActionEnded",
            '{"robot_id":"m/r","action_id":"r-9-back","ok":false,"result":"jam"}',
            "The drop of r01 failed: jam",
        ),
        ("PauseConfirmed", '{"robot_id":"m/r","paused":false}', "r01 confirms that it goes on"),
        ("ChargingAsked", '{"robot_id":"m/r","start":true}', "r01 is told to charge"),
        ("RobotHeld", '{"robot_id":"m/r","by":"system","note":"no way"}', "r01 held: no way"),
        ("RobotHeld", '{"robot_id":"m/r","by":"Ana","note":"dirt"}', "r01 held by Ana: dirt"),
        (
            "OrderIssued",
            '{"robot_id":"m/r","purpose":"carry","goal_station":"P1"}',
            "r01 is told to pick and carry to P1",
        ),
        (
            "CommandGiven",
            '{"command_type":"ReleaseHold","command":{"robot_id":"m/r","reason":"ok"}}',
            "Release of r01 wanted: ok",
        ),
        ("RemedyShown", '{"robot_id":"m/r","remedy":""}', "r01 can be driven again"),
    ],
)
def test_rows_are_told_in_plain_words(name, body, line):
    assert title_of(name, body, {"m/r": "r01"}) == line


@pytest.mark.parametrize(
    ("span_ms", "words"),
    [
        (400, "less than 1 s"),
        (6_200, "6 s"),
        (73_000, "1 min 13 s"),
        (120_000, "2 min"),
        (7_800_000, "2 h 10 min"),
    ],
)
def test_durations_are_said_as_people_say_them(span_ms, words):
    assert duration(span_ms) == words


def test_a_field_of_a_field_is_found():
    body = '{"task":{"task_id":"T-1","from_station":"A01","to_station":"P1"}}'

    assert title_of("TaskAccepted", body, {}) == "T-1 taken over: A01 to P1"


def test_a_type_without_a_sentence_is_told_in_its_own_words():
    assert title_of("SomethingNewHappened", "{}", {}) == "Something new happened"


@pytest.mark.parametrize("body", ["", "{", "[]", "3", "null", '{"task":7}', '"text"'])
def test_an_odd_body_still_gives_a_line(body):
    assert title_of("TaskAccepted", body, {})
