"""Whether a charge is enough for a whole task and the way to a charger after it.

Driving times are lower bounds, so waiting and turning are added as a share, and
the handling at both stations as a fixed time. Everything in whole numbers,
rounded against the robot.
"""

WAITING_PERCENT = 100  # of the driving time: turns, other robots, a way round
HANDLING_MS = 60_000  # looking, picking, a question to a person, setting down


def longest_drive_ms(
    *, charge_permille: int | None, reserve_permille: int, endurance_ms: int
) -> int | None:
    """The longest drive after which the reserve is left at the charger, None if unknown.

    A drive takes `drive_ms * (100 + WAITING_PERCENT) / 100 + HANDLING_MS` of `endurance_ms`,
    which a full charge lasts, rounded up to permille. This is that rule the other way round,
    so that many tasks are weighed by one comparison each.
    """
    if charge_permille is None:
        return None
    busy_ms = (charge_permille - reserve_permille) * max(1, endurance_ms) // 1000 - HANDLING_MS
    return (100 * (busy_ms + 1) - 1) // (100 + WAITING_PERCENT)
