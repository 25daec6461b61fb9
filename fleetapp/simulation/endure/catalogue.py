"""Every fault and every aim by name, and the decks that seeds are dealt from.

F1 to F17 of the reliability list as far as they make sense without processes: the
desktop's crash (F12) and two engines at once (F18) do not. A change of the layout (F14)
needs a fleet without orders, so it comes by itself at the end (`layouts`).
"""

SHORT = (2_000, 12_000)
MEDIUM = (5_000, 30_000)
LONG = (15_000, 45_000)
A_LOOK = (40_000, 90_000)  # a robot looks at a package about once in a minute

SPANS_MS: dict[str, tuple[int, int]] = {
    # the network (F1, F2, F3, F13)
    "broker_down": (1_000, 40_000),
    "bad_weather": LONG,
    "slow_network": MEDIUM,
    "late_reports": MEDIUM,
    "garbled": SHORT,
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
    "all_empty": (30_000, 50_000),
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
    "refuses_silently": LONG,
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
    "keeps_nodes": A_LOOK,
    # the engine and what it leans on (F10, F11)
    "kill": (200, 20_000),
    "found_paused": (1_000, 6_000),
    "record_doubted": SHORT,
    "journal_slow": MEDIUM,
    "journal_locked": (1_500, 30_000),
    "journal_full": SHORT,
    "recogniser_dead": MEDIUM,
    "recogniser_slow": MEDIUM,
    "dies_with_recogniser": (4_000, 9_000),
    "planner_dead": (3_000, 14_000),
    "planner_slow": MEDIUM,
    # what its camera shows (F17)
    "other_label": A_LOOK,
    "dark": A_LOOK,
    "no_package": A_LOOK,
    "low_confidence": A_LOOK,
    "unreadable": A_LOOK,
    "frame_again": LONG,
    "old_frame": LONG,
}

MOMENTS = ("driving", "picking", "carrying")
# Of the whole fleet: what any robot did when they began counts.
EVERYBODY = frozenset(
    {
        "broker_down",
        "bad_weather",
        "slow_network",
        "all_empty",
        "kill",
        "found_paused",
        "record_doubted",
        "journal_slow",
        "journal_locked",
        "journal_full",
        "recogniser_dead",
        "recogniser_slow",
        "dies_with_recogniser",
        "planner_dead",
        "planner_slow",
    }
)
# A robot that carries drives as well, one that picks does neither, and picks are short.
SHARES: dict[str, int] = {"driving": 1, "picking": 3, "carrying": 2}
# Of a whole fleet somebody nearly always drives or carries, whatever the card says.
SHARES_OF_EVERYBODY: dict[str, int] = {"driving": 1, "picking": 3, "carrying": 1}
DECK: tuple[tuple[str, str], ...] = tuple(
    (name, moment)
    for name in SPANS_MS
    for moment in MOMENTS
    for _ in range((SHARES_OF_EVERYBODY if name in EVERYBODY else SHARES)[moment])
)
# What the camera shows: for robots that have one.
CAMERA = frozenset({"other_label", "dark", "no_package", "low_confidence", "unreadable"})
# What people do just when a task is at a point of its life (`aims`).
AIM_NAMES = (
    "cancel_assigned",
    "requeue_assigned",
    "cancel_looking",
    "requeue_looking",
    "cancel_in_review",
    "requeue_in_review",
    "correct_in_review",
    "look_again_in_review",
    "settle_failed",
    "cancel_picking",
    "cancel_carrying",
    "remove_picking",
    "remove_carrying",
    "remove_dropping",
    "remove_returning",
    "cancel_lost_dropping",
)
