"""On another layout the numbers of nodes and edges mean other places: none is kept."""

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum

import pytest
from driving_fleet import LATER, D, after, driving, given, task_id

from fleetapp.core import decisions as made
from fleetapp.core.draft import Draft
from fleetapp.core.evolve_inputs import evolve_input
from fleetapp.core.legs import leg_of
from fleetapp.core.observations_engine import EngineStarted
from fleetapp.core.state import State
from fleetapp.fleet.look import Look
from fleetapp.fleet.order import Purpose
from fleetapp.terms.modes import TaskState, Verification

ELSEWHERE = EngineStarted(LATER, "boot", "0.1.0", "small", "", "", "", "another layout")
NUMBER = 987_654
# A whole number whose name ends with its unit is no place. What else is none stands below,
# with the reason; a new field that is in neither must be forgotten on another layout.
UNITS = re.compile(r"(_ms|_mm|_mrad|_permille|_px|_count|seq)$")
NO_PLACES = {
    "orders": "with orders of another layout the engine does not start",
    "floor": "is the layout",
    "rules": "limits",
    "numbers": "a counter for ids",
    "tasks_taken": "a counter",
    "robot_rows": "numbers of rows",
    "task_rows": "numbers of rows",
    "tasks.count": "of items",
    "tasks.looks": "a counter",
    "tasks.number": "a counter",
    "alarms.count": "a counter",
    "assigned.out_counts": "counters",
    "reviews.asked.target": "which of the boxes in the picture",
}


def sample(kind, above=()):
    """A value of a type, with every whole number in it NUMBER and nothing empty."""
    origin, of = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return sample(next(one for one in of if one is not type(None)), above)
    if origin is tuple:
        return tuple(sample(one, above) for one in of if one is not Ellipsis)
    if origin is Mapping:
        return {sample(of[0], above): sample(of[1], above)}
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{part.name: sample(hints[part.name], above) for part in fields(kind)})
    if issubclass(kind, Enum):
        return next(iter(kind))
    return {bool: False, int: NUMBER, str: "x", float: 0.5}[kind]


def filled() -> State:
    hints = typing.get_type_hints(State)
    known = driving()
    kept = {"floor": known.floor, "rules": known.rules}
    return State(**{f.name: kept.get(f.name) or sample(hints[f.name]) for f in fields(State)})


def places_in(value, path=""):
    """Where NUMBER stands as something that may be a place."""
    if path in NO_PLACES or UNITS.search(path):
        return
    if value == NUMBER and isinstance(value, int):
        yield path
    elif is_dataclass(value):
        for part in fields(value):
            yield from places_in(getattr(value, part.name), f"{path}.{part.name}".lstrip("."))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from places_in(key, path)
            yield from places_in(one, path)
    elif isinstance(value, tuple):
        for one in value:
            yield from places_in(one, path)


def started(state, message):
    draft = Draft(state)
    evolve_input(draft, message)
    return draft.freeze()


def test_no_number_of_a_place_is_left_in_the_state():
    state = filled()
    assert {"robots.node", "robots.look.node", "robots.doubted", "owners"} <= set(places_in(state))

    assert set(places_in(started(state, ELSEWHERE))) == set()


def test_what_is_called_no_place_is_there():
    state = filled()

    for path in NO_PLACES:
        value = state
        for name in path.split("."):
            value = next(iter(value.values())) if isinstance(value, Mapping) else value
            value = getattr(value, name)


def test_on_the_same_layout_the_numbers_stay():
    state = filled()

    left = set(places_in(started(state, replace(ELSEWHERE, floor_digest="x"))))

    assert {"robots.node", "robots.home", "robots.look.node", "robots.doubted", "owners"} <= left


def accepted():
    return made.RecognitionJudged(
        LATER, D, task_id(), "f", "", "", True, None, Verification.BY_PERSON, "says", 600, None
    )  # fmt: skip


def looked(node, *, sure):
    state = given(
        look=Look(task_id(), node, "a", "f", "00", None, sure), order_id=None, plan_id=None
    )
    task = replace(state.tasks[task_id()], state=TaskState.IN_REVIEW)
    return replace(
        state, orders={}, tasks={**state.tasks, task.task_id: task}, ran_floor="a layout"
    )


@pytest.mark.parametrize("sure", [True, False])
def test_a_verdict_or_answer_about_a_place_of_before_lets_nobody_pick(sure):
    node = 5
    taken = made.FloorTaken(D, node, (node,))

    answered = () if sure else (accepted(),)
    state = after(looked(node, sure=sure), ELSEWHERE, taken, *answered)

    assert leg_of(state.robots[D], state.tasks[task_id()]) is Purpose.LOOK


def test_on_the_same_layout_they_do():
    node = 5
    same = replace(ELSEWHERE, floor_digest="a layout")

    state = after(looked(node, sure=False), same, made.FloorTaken(D, node, (node,)), accepted())

    assert leg_of(state.robots[D], state.tasks[task_id()]) is Purpose.CARRY
