"""Shares are rounded down, and no line breaks between a number and its unit."""

from ui.figures import NO_BREAK, duration, glued, percent, whole_duration


def test_a_share_is_never_shown_higher_than_it_is():
    assert percent(0.799) == f"79{NO_BREAK}%"
    assert percent(0.8) == f"80{NO_BREAK}%"
    assert percent(1.0) == f"100{NO_BREAK}%"


def test_numbers_stay_with_their_units_and_words_do_not():
    assert glued("81 % sure, 90 % needed") == f"81{NO_BREAK}% sure, 90{NO_BREAK}% needed"
    assert glued("waits 6 s for 2 more") == f"waits 6{NO_BREAK}s for 2 more"
    assert glued("4 stands") == "4 stands"


def test_durations_have_their_largest_units():
    assert duration(6_400).replace(NO_BREAK, " ") == "6 s"
    assert duration(73_000).replace(NO_BREAK, " ") == "1 min 13 s"
    assert duration(7_800_000).replace(NO_BREAK, " ") == "2 h 10 min"
    assert whole_duration(73_000).replace(NO_BREAK, " ") == "1 min"
