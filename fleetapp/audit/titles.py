"""A journal row in one line for people: robots by name, durations in seconds and minutes."""

import json
import re
from collections.abc import Mapping
from typing import Any

from fleetapp.audit.title_words import BY_VALUE, TEMPLATES
from fleetapp.terms.units import duration

SLOT = re.compile(r"\{([\w.]+)\}")
WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
ROBOT = re.compile(r"[\w.-]{1,64}/[\w.-]{1,64}")
NAMELESS = frozenset({"RobotAppeared", "RobotAdmitted"})  # here the id itself is the news
ACTIONS = {"look": "look", "pick": "pick", "drop": "drop", "back": "drop"}
BY_US = (" by system", " by core")


def title_of(name: str, body: str, names: Mapping[str, str]) -> str:
    """One line about a row; the type's own words where there is no sentence.

    Args:
        name: the row's type.
        body: its JSON.
        names: what robots are called, by id.
    """
    if name not in TEMPLATES:
        return WORDS.sub(" ", name).capitalize()
    try:
        content: Any = json.loads(body)
    except ValueError:
        return f"{name} (its body cannot be read)"
    text = SLOT.sub(lambda slot: _slot(content, slot[1]), _template(name, content))
    for words in BY_US:
        text = text.replace(words, "", 1)
    if name not in NAMELESS:
        text = ROBOT.sub(lambda found: names.get(found[0], found[0]), text)
    return text.rstrip(": ")


def _template(name: str, content: object) -> str:
    field, sentences = BY_VALUE.get(name, ("", {}))
    value = _field(content, field)
    spoken = _word(value) if isinstance(value, bool) else value
    found = sentences.get(spoken) if isinstance(spoken, str) else None
    return found if found is not None else TEMPLATES[name]


def _field(content: object, name: str) -> object:
    """A field of the body, "a.b" for a field of a field; None if it is not there."""
    for part in name.split("."):
        content = content.get(part) if isinstance(content, dict) else None
    return content


def _slot(content: object, name: str) -> str:
    value = _field(content, name)
    last = name.rpartition(".")[2]
    if last.endswith("_ms") and isinstance(value, int):
        return duration(value)
    if last == "action_id" and isinstance(value, str):
        return ACTIONS.get(value.rpartition("-")[2], "action")
    if last == "alarm_id" and isinstance(value, str):
        kind, _, subject = value.partition(":")
        return f"{_word(kind)}, {subject}" if subject else _word(kind)
    if last == "what" and isinstance(value, str) and value.isalpha():
        return WORDS.sub(" ", value).capitalize()
    if last == "robot_id" and value == "":
        return "an unknown sender"
    return _word(value)


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return str(len(value))
    if isinstance(value, str):
        return value.replace("_", " ") if value.islower() and " " not in value else value
    return str(value)
