"""What robots and labels say is shown as it is."""

from ui.views.panel import label


def test_a_code_that_looks_like_markup_is_shown_letter_by_letter(qtbot):
    words = "<img src=x><b>P1</b>"
    made = label(words)
    qtbot.addWidget(made)

    wide = made.fontMetrics().horizontalAdvance(words)

    assert made.sizeHint().width() >= wide
