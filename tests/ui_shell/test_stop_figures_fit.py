"""The figures of a stop have room whatever the fleet's size and the stop's length."""

import pytest
from PySide6.QtGui import QFontMetricsF

from ui.window.stop_panel import count_fonts, seconds_below

INNER_PX = 150.0  # of the ring


@pytest.mark.parametrize("robots", [12, 240, 1000, 10_000])
def test_the_count_stays_within_the_ring(qapp, robots):
    first, second = str(robots), f" of {robots}"

    big, small = count_fonts(first, second, INNER_PX)

    wide = QFontMetricsF(big).horizontalAdvance(first)
    wide += QFontMetricsF(small).horizontalAdvance(second)
    assert wide <= INNER_PX
    assert big.pixelSize() > small.pixelSize()


def test_the_count_of_a_small_fleet_is_as_large_as_it_may_be(qapp):
    big, _small = count_fonts("9", " of 12", INNER_PX)

    assert big.pixelSize() == 38


@pytest.mark.parametrize("last_s", [2, 3, 12, 48, 119, 120, 1199, 4800])
def test_every_second_below_the_strip_is_whole_and_beside_the_others(last_s):
    def wide_of(words):
        return 7 * len(words)

    placed = seconds_below(last_s, (294 - 20) / last_s, 294, wide_of)

    ends = [x + wide_of(words) for x, words in placed]
    assert max(ends) <= 294
    assert all(end < x for end, (x, _words) in zip(ends, placed[1:], strict=False))
