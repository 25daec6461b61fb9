"""How a typed line is shown: what was understood, what not, and the slots still open. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from .line_words import TASK_SLOTS, TASK_VERBS, Names, filled, slot_at_end, unknown, words_of

ASKS = {
    "what": "item", "from": "station", "to": "station", "by": "time",
    "priority": "low, normal or high", "with": "robot", "after": "task", "robot": "robot",
    "task": "task", "about": "robot or task", "text": "text", "because": "reason", "all": "all",
}  # fmt: skip
OPEN = {
    "from": "from station", "to": "to station", "by": "by time", "priority": "priority",
    "with": "with robot", "after": "after task",
}  # fmt: skip


class Kind(StrEnum):
    """How a word is painted."""

    VERB = "verb"
    SIGN = "sign"
    VALUE = "value"
    CODE = "code"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the line."""

    start: int
    length: int
    kind: Kind


def marks(text: str, names: Names, cursor: int) -> tuple[Mark, ...]:
    """One mark a word; the word under the cursor may still become known."""
    made = []
    for word in words_of(text):
        typed = word.start < cursor <= word.end
        kind = Kind.CODE if word.slot == "what" else Kind.VALUE
        if unknown(word, names, being_typed=typed):
            kind = Kind.UNKNOWN
        elif word.slot in {"verb", "sign"}:
            kind = Kind(word.slot)
        elif word.slot == "what" and word.text.isdecimal() and len(word.text) <= 3:
            kind = Kind.VALUE
        made.append(Mark(word.start, len(word.text), kind))
    return tuple(made)


def hints(text: str) -> str:
    """The open slots, as words to be read after what was typed."""
    words = words_of(text)
    slot = slot_at_end(text)
    if not words or slot in {"verb", ""}:
        return ""
    verb, slots = words[0].text.lower(), filled(words)
    asked = [] if slots.get(slot) else [ASKS[slot]]
    if verb == "hold" and slots.get("robot") and "because" not in slots:
        return "because reason"
    if verb not in TASK_VERBS:
        return " ".join(asked)
    needed = [OPEN[name] for name in ("from", "to") if name not in slots]
    free = [OPEN[name] for name in TASK_SLOTS[2:] if name not in slots]
    return " · ".join([part for part in (" ".join([*asked, *needed]), *free) if part])
