"""Every fault by name, how long it lasts, and the deck that seeds are dealt from.

F1 to F17 of the reliability list as far as they make sense without processes: the
desktop's crash (F12) and two engines at once (F18) do not; a change of the layout (F14)
needs a fleet without orders.
"""

SHORT = (2_000, 12_000)
MEDIUM = (5_000, 30_000)
LONG = (15_000, 45_000)

SPANS_MS: dict[str, tuple[int, int]] = {
    # the network (F1, F2, F3, F13)
    "broker_down": (1_000, 40_000),
    "bad_weather": LONG,
    "slow_network": MEDIUM,
    "late_reports": MEDIUM,
    "partition": MEDIUM,
    "flood": SHORT,
    # a robot that stands or says so (F4, F5, F6, F15, F16)
    "stuck": MEDIUM,
    "frozen": MEDIUM,
    "field_violation": MEDIUM,
    "emergency_stop": SHORT,
    "remote_stop": SHORT,
    "stop_that_ends": SHORT,
    "fatal": SHORT,
    "warning": MEDIUM,
    # its battery (F7)
    "empty_battery": MEDIUM,
    # where it is (F8)
    "lost_position": MEDIUM,
    "leap": (1_000, 15_000),
    "set_down": SHORT,
    "reboot_elsewhere": SHORT,
    # its clock and its words (F9)
    "wrong_clock": MEDIUM,
    "contradicts": SHORT,
    # its mode, its orders, its memory
    "manual_keeps": SHORT,
    "manual_loses": SHORT,
    "refuses_order": SHORT,
    "refuses_route": SHORT,
    "refuses_silently": SHORT,
    "forgets_order": (100, 200),
    "reboot": SHORT,
    "action_fails": MEDIUM,
    "removed": SHORT,
    # it does not do what it is told
    "ignores_base": SHORT,
    "pause_ignored": MEDIUM,
    "pause_undone": MEDIUM,
    "cancel_undone": MEDIUM,
    "cancel_kept": MEDIUM,
    # the engine and what it leans on (F10, F11)
    "kill": (200, 20_000),
    "journal_slow": MEDIUM,
    "journal_locked": (1_500, 30_000),
    "journal_full": SHORT,
    "recogniser_dead": MEDIUM,
    "recogniser_slow": MEDIUM,
    "planner_dead": (3_000, 14_000),
    "planner_slow": MEDIUM,
    # what its camera shows (F17)
    "other_label": LONG,
    "dark": LONG,
    "no_package": LONG,
    "low_confidence": LONG,
    "unreadable": LONG,
    "frame_again": LONG,
    "old_frame": LONG,
}

MOMENTS = ("driving", "picking", "carrying")
DECK: tuple[tuple[str, str], ...] = tuple((name, moment) for name in SPANS_MS for moment in MOMENTS)
# Of the whole fleet: what any robot did when they began counts.
EVERYBODY = frozenset(
    {
        "broker_down",
        "bad_weather",
        "slow_network",
        "kill",
        "journal_slow",
        "journal_locked",
        "journal_full",
        "recogniser_dead",
        "recogniser_slow",
        "planner_dead",
        "planner_slow",
    }
)
