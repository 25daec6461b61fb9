"""Answering a review: never by habit, never before three seconds are over."""

import dataclasses

import pytest
from prompt_engine import tell
from PySide6.QtCore import Qt
from shown_fleet import NOW, review

from fleetapp.api.views import Delta, SeenPackage
from fleetapp.terms.modes import ReviewAnswer
from ui.views.comparison import AGREES, DIFFERS, NOT_SURE, UNKNOWN, compare
from ui.views.reviews import UNDO_MS, ReviewsPage

# The offscreen screen has no window manager, which Qt tells as a warning.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def page(qtbot, context):
    made = ReviewsPage(context)
    qtbot.addWidget(made)
    made.resize(1500, 900)
    made.show()
    qtbot.waitExposed(made)
    made._timer.setInterval(10_000_000)  # the test decides when the time is over
    return made


def press(qtbot, page, *keys):
    for key in keys:
        qtbot.keyClick(page, key)


def test_enter_answers_nothing(qtbot, page, connection):
    press(qtbot, page, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)

    assert page._pending is None
    assert connection.sent == []


def test_the_person_has_three_seconds():
    assert UNDO_MS == 3_000


def test_accept_and_a_reason_are_sent_when_the_time_is_over(page, connection):
    page.choose_answer(ReviewAnswer.ACCEPT)
    page.choose_reason(1)
    assert connection.sent == []

    page.send_pending()

    assert connection.sent[0].review_id == "v1"
    assert connection.sent[0].answer is ReviewAnswer.ACCEPT
    assert connection.sent[0].reason == "I read it"


def test_what_is_taken_back_in_time_is_never_sent(page, connection):
    page.choose_answer(ReviewAnswer.ACCEPT)
    page.choose_reason(1)

    page.take_back()
    page.send_pending()

    assert connection.sent == []
    assert "Nothing was sent" in page._signed.text()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(ReviewAnswer.ACCEPT, "I read it"), (ReviewAnswer.REJECT, "Another item")],
)
def test_each_answer_has_its_own_reasons(page, connection, answer, reason):
    page.choose_answer(answer)
    shown = page._chips[0].text()

    page.choose_reason(1)
    page.send_pending()

    assert shown == f"1 {reason}"
    assert connection.sent[0].reason == reason


def test_the_reason_that_was_given_is_marked_until_it_is_taken_back(page):
    page.choose_answer(ReviewAnswer.REJECT)
    page.choose_reason(2)
    marked = [chip.isChecked() for chip in page._chips]

    page.take_back()

    assert marked == [False, True, False, False]
    assert not any(chip.isChecked() for chip in page._chips)


def test_a_reason_without_an_answer_is_not_marked(page):
    page._chips[1].click()

    assert not any(chip.isChecked() for chip in page._chips)


def test_a_reason_alone_answers_nothing(page, connection):
    page.choose_reason(1)
    page.send_pending()

    assert connection.sent == []


def test_opening_another_review_does_not_shorten_the_three_seconds(page, connection):
    page.choose_answer(ReviewAnswer.REJECT)
    page.choose_reason(3)

    page._dock.move_on(1)

    assert connection.sent == []
    page.send_pending()
    assert connection.sent[0].review_id == "v1"


def test_correct_needs_the_code_that_is_on_the_package(page, connection):
    page.choose_answer(ReviewAnswer.CORRECT)
    page.choose_reason(1)
    assert page._pending is None

    page._correct.setText("4006381-33393")
    page.choose_reason(1)
    page.send_pending()

    assert connection.sent[0].corrected_code == "4006381-33393"


def test_a_note_of_ones_own_becomes_the_reason(page, connection):
    page.choose_answer(ReviewAnswer.REJECT)
    page.choose_reason(4)
    assert page._pending is None

    page._note.setText("Label torn off")
    page._noted()
    page.send_pending()

    assert connection.sent[0].reason == "Label torn off"


def test_an_answered_review_leaves_the_queue_and_the_next_is_shown(qtbot, page, context):
    done = dataclasses.replace(
        context.store.model.reviews["v1"], answer=ReviewAnswer.ACCEPT, answered_ms=NOW
    )

    tell(context, Delta(2, NOW, reviews=(done,)))

    qtbot.waitUntil(lambda: page._shown == "v2")
    assert page._dock.queue.count() == 1


@pytest.mark.parametrize(
    ("codes", "expected", "verdict"),
    [
        (("C1",), "C1", AGREES),
        (("C2",), "C1", DIFFERS),
        ((), "C1", NOT_SURE),
        (("C1",), None, UNKNOWN),
    ],
)
def test_a_code_agrees_differs_or_was_not_read(codes, expected, verdict):
    target = SeenPackage(0, 0, 10, 10, "box", 0.95, codes, True)

    lines = compare(review("x", "halden/r01", packages=(target,), expected_code=expected))

    assert lines[0].verdict == AGREES
    assert lines[1].verdict == verdict
