"""How long an order may be on its way, what the gate kept, and whose end counts."""

import pytest
from talking_robot import order

from fleetapp.vda5050.ordering import Ordering
from fleetapp.vda5050.resuming import RESEND_MS, was_kept


@pytest.fixture
def ordering():
    """An order that left at 1,000 ms and that no report has shown."""
    ordering = Ordering("acme/r1")
    ordering.give(order(), 1_000, old_errors=frozenset())
    return ordering


def test_only_the_order_that_is_named_is_forgotten(ordering):
    ordering.forget("another")
    assert ordering.following is not None

    ordering.forget("o1")
    ordering.forget("o1")

    assert ordering.following is None


@pytest.mark.parametrize(("now_ms", "may_come"), [(1_000, True), (3_999, True), (4_000, False)])
def test_an_order_may_come_for_three_seconds_after_it_left(ordering, now_ms, may_come):
    assert ordering.may_come(now_ms) is may_come
    assert not Ordering("acme/r1").may_come(now_ms)


def test_an_order_is_due_again_one_two_three_and_four_seconds_after_each_sending(ordering):
    now_ms = 1_000
    for wait_ms in (1_000, 2_000, 3_000, 4_000, 4_000):
        assert ordering.due(now_ms + wait_ms - 1) is None
        assert ordering.next_deadline_ms() == now_ms + wait_ms
        assert ordering.due(now_ms + wait_ms) == order()
        assert ordering.next_deadline_ms() is None  # the gate is asked
        now_ms += wait_ms
        ordering.again(now_ms)


@pytest.mark.parametrize(
    ("asked_ms", "now_ms", "kept"),
    [(None, 9_000, False), (9_000, 8_999 + RESEND_MS, False), (9_000, 9_000 + RESEND_MS, True)],
)
def test_what_the_gate_held_back_as_long_as_a_try_takes_was_kept(asked_ms, now_ms, kept):
    assert was_kept(asked_ms, now_ms) is kept
