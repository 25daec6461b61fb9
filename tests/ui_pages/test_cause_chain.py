"""The chain of causes comes a part a turn; another row begins it anew."""

import pytest
from PySide6.QtWidgets import QLabel
from shown_fleet import NOW

from fleetapp.api.views import JournalRowView
from ui.views.cause_chain import CauseChain, ChainEntry


def entry(seq, cause=None):
    kind = "decision" if cause else "input"
    return JournalRowView(seq, NOW, kind, "TaskMoved", f"row {seq}", "core", None, None, None,
                          cause, "{}", "ab" * 32)  # fmt: skip


@pytest.fixture
def chain(qtbot, context):
    made = CauseChain(context)
    qtbot.addWidget(made)
    return made


def shown(chain):
    return [made._entry.seq for made in chain.findChildren(ChainEntry)]


def words(chain):
    return [made.text() for made in chain.findChildren(QLabel)]


def test_causes_what_followed_and_the_record_stand_below_each_other(qtbot, chain):
    chain.show_chain((entry(5, 3), entry(3)), (entry(8, 5),))

    qtbot.waitUntil(lambda: "Record" in words(chain))
    assert shown(chain) == [5, 3, 8]
    heads = [text for text in words(chain) if text in {"row 5", "Record"} or "followed" in text]
    assert heads == ["row 5", "row 5", "What followed from it", "Record"]


def test_another_row_leaves_nothing_of_the_one_before(qtbot, chain):
    chain.show_chain((entry(5, 3), entry(3)), ())
    chain.show_chain((entry(9, 7), entry(7)), ())

    qtbot.waitUntil(lambda: "Record" in words(chain))
    assert shown(chain) == [9, 7]


def test_a_word_in_place_of_a_chain_stays_alone(qtbot, chain):
    chain.show_chain((entry(5, 3), entry(3)), ())
    chain.say("No row fits.")

    qtbot.wait(100)

    assert words(chain) == ["No row fits."]
