"""The words of a typed line, and which slot of its grammar each one fills. Pure.

    pick [COUNT] ITEM from STATION to STATION [by TIME] [priority P] [with ROBOT] [after TASK]
    hold ROBOT {, ROBOT} [because WHY]   release ROBOT   cancel TASK
    why ROBOT|TASK   find TEXT   stop all

Case, signs inside names and filler words are free.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fleetapp.client.spelling import plain, same
from fleetapp.terms.modes import Priority

TASK_VERBS = ("pick", "bring")
VERBS = (*TASK_VERBS, "hold", "release", "cancel", "why", "find", "stop")
TASK_SLOTS = ("from", "to", "by", "priority", "with", "after")
FILLERS = frozenset({"a", "an", "the", "of", "please", "is", "waiting", "robot", "task"})
FIRST_SLOT = {
    "pick": "what", "bring": "what", "hold": "robot", "release": "robot", "cancel": "task",
    "why": "about", "find": "text", "stop": "all",
}  # fmt: skip
FREE_SLOTS = frozenset({"what", "text", "because"})
PRIORITIES = tuple(level.value for level in Priority)


@dataclass(frozen=True, slots=True)
class Names:
    """What a line may name."""

    sources: frozenset[str]  # stations to pick at
    targets: frozenset[str]  # stations to bring to
    robots: dict[str, str]  # name in small letters -> robot id
    tasks: frozenset[str] = frozenset()  # ids of tasks that are known
    open_tasks: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()  # ids of robots that are held
    now_ms: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A word, where it stands, and the slot it fills.

    `slot` is "verb", "sign" for words that only announce or fill, or a slot's name.
    """

    text: str
    start: int
    slot: str

    @property
    def end(self) -> int:
        """The place after its last letter."""
        return self.start + len(self.text)


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a line with their slots."""
    made: list[Word] = []
    verb, slot = "", ""
    for match in re.finditer(r"[^\s,]+", text):
        said = match.group().lower()
        if not verb:
            verb, slot = said, FIRST_SLOT.get(said, "")
            made.append(Word(match.group(), match.start(), "verb"))
            continue
        begins = _slot_begun(verb, slot, said)
        slot = begins or slot
        silent = begins or (said in FILLERS and slot not in FREE_SLOTS)
        made.append(Word(match.group(), match.start(), "sign" if silent else slot))
    return tuple(made)


def _slot_begun(verb: str, slot: str, said: str) -> str:
    if verb in TASK_VERBS and said in TASK_SLOTS:
        return said
    if verb == "hold" and said == "because" and slot == "robot":
        return said
    return ""


def slot_at_end(text: str) -> str:
    """The slot that the next letter would go to."""
    verb, slot = "", ""
    for word in words_of(text):
        if word.slot == "verb":
            verb, slot = word.text.lower(), FIRST_SLOT.get(word.text.lower(), "")
            continue
        slot = _slot_begun(verb, slot, word.text.lower()) or slot
    at_verb = not verb or (not text.endswith((" ", ",")) and len(words_of(text)) == 1)
    return "verb" if at_verb else slot


def filled(words: Iterable[Word]) -> dict[str, list[str]]:
    """The values of each slot; a slot that was only announced is there, empty."""
    slots: dict[str, list[str]] = {}
    for word in words:
        if word.slot == "sign" and word.text.lower() in (*TASK_SLOTS, "because"):
            slots.setdefault(word.text.lower(), [])
        elif word.slot not in {"sign", "verb"}:
            slots.setdefault(word.slot, []).append(word.text)
    return slots


def pool(slot: str, names: Names) -> frozenset[str]:
    """What a slot may hold; empty for free words."""
    pools = {
        "verb": frozenset(VERBS),
        "from": names.sources,
        "to": names.targets,
        "with": frozenset(names.robots),
        "robot": frozenset(names.robots),
        "about": names.tasks | frozenset(names.robots),
        "task": names.open_tasks,
        "after": names.open_tasks,
        "priority": frozenset(PRIORITIES),
        "all": frozenset({"all"}),
    }
    return pools.get(slot, frozenset())


def unknown(word: Word, names: Names, *, being_typed: bool) -> bool:
    """Whether nothing of that name exists; a beginning counts while it is being typed."""
    among = pool(word.slot, names)
    if word.slot in FREE_SLOTS or word.slot in {"sign", "by"} or not among:
        return False
    if same(word.text, among) is not None:
        return False
    begun = plain(word.text)
    return not (being_typed and any(plain(name).startswith(begun) for name in among))
