"""A halt says what does not happen, not which part of the program rests."""

import re
from pathlib import Path

import pytest

from fleetapp.core.state import Halt
from fleetapp.engine.views.fleet import _halt_view
from fleetapp.engine.views.resting_rules import WITHOUT
from fleetapp.terms.reasons import HaltReason

CORE = Path(__file__).parents[2] / "fleetapp" / "core"


def rules_about_all():
    """Their names, as they stand in the program."""
    texts = [path.read_text("utf-8") for path in CORE.glob("*.py")]
    return {name for text in texts for name in re.findall(r'about_all\(\s*turn, "(\w+)"', text)}


def test_every_rule_that_may_rest_says_what_does_not_happen_without_it():
    assert "match_tasks" in rules_about_all()
    assert set(WITHOUT) == rules_about_all()


@pytest.mark.parametrize(
    ("rule", "whole", "text"),
    [
        (
            "match_tasks",
            False,
            "No task is given to a robot until a supervisor decides: it failed.",
        ),
        ("of_old", False, "The rule of_old rests until a supervisor decides: it failed."),
        ("settle", True, "Nothing is allowed to any robot until a supervisor decides: it failed."),
    ],
)
def test_a_halt_says_what_rests_until_whose_decision_and_why(rule, whole, text):
    halt = Halt(f"rule:{rule}", HaltReason.RULE_BROKEN, 5, rule, whole, "it failed")

    view = _halt_view(halt)

    assert (view.sentence, view.whole, view.since_ms) == (text, whole, 5)
