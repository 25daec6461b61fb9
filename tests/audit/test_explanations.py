"""Rows in plain words: every type has a sentence, and nothing makes one fail."""

import pytest

from fleetapp.audit.titles import SLOT, TEMPLATES, title_of
from fleetapp.core.codec import DECISION_TYPES, INPUT_TYPES


def fields_of(kind):
    return set(kind.__dataclass_fields__)


@pytest.mark.parametrize("name", sorted({**INPUT_TYPES, **DECISION_TYPES}))
def test_every_message_has_a_sentence_with_fields_that_it_has(name):
    kind = {**INPUT_TYPES, **DECISION_TYPES}[name]
    known = fields_of(kind) | ({"command_type"} if name == "CommandGiven" else set())

    for slot in SLOT.findall(TEMPLATES[name]):
        assert slot.split(".")[0] in known


def test_a_sentence_names_what_was_weighed():
    body = '{"task_id":"T-1","robot_id":"m/r","cost_ms":900,"candidates":[{},{},{}]}'

    assert title_of("TaskAssigned", body) == (
        "T-1 given to m/r, 900 ms away, the best of 3 candidates"
    )


def test_a_field_of_a_field_is_found():
    body = '{"task":{"task_id":"T-1","from_station":"A01","to_station":"P1"}}'

    assert title_of("TaskAccepted", body) == "T-1 taken over: A01 to P1"


def test_a_type_without_a_sentence_is_told_in_its_own_words():
    assert title_of("SomethingNewHappened", "{}") == "Something new happened"


@pytest.mark.parametrize("body", ["", "{", "[]", "3", "null", '{"task":7}', '"text"'])
def test_an_odd_body_still_gives_a_line(body):
    assert title_of("TaskAccepted", body)
