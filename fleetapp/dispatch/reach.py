"""Whether a charge is enough for a whole task and the way to a charger after it.

Driving times are lower bounds, so waiting and turning are added as a share, and
the handling at both stations as a fixed time. Everything in whole numbers,
rounded against the robot.
"""

WAITING_PERCENT = 100  # of the driving time: turns, other robots, a way round
HANDLING_MS = 60_000  # looking, picking, a question to a person, setting down


def charge_needed_permille(*, drive_ms: int, endurance_ms: int) -> int:
    """Charge that a task and the way to a charger take, in permille, rounded up.

    Args:
        drive_ms: to the package, to the station and on to a charger.
        endurance_ms: how long a full charge lasts.
    """
    busy_ms = drive_ms + drive_ms * WAITING_PERCENT // 100 + HANDLING_MS
    return -(-busy_ms * 1000 // max(1, endurance_ms))


def is_in_reach(
    *, charge_permille: int | None, needed_permille: int, reserve_permille: int
) -> bool:
    """Whether it would still arrive at the charger with its reserve; unknown charge is enough."""
    return charge_permille is None or charge_permille - needed_permille >= reserve_permille


def longest_drive_ms(
    *, charge_permille: int | None, reserve_permille: int, endurance_ms: int
) -> int | None:
    """How far a charge reaches: the longest drive that `is_in_reach` allows, None if unknown.

    The same rule the other way round, so that many tasks are weighed by one comparison each.
    """
    if charge_permille is None:
        return None
    busy_ms = (charge_permille - reserve_permille) * max(1, endurance_ms) // 1000 - HANDLING_MS
    return (100 * (busy_ms + 1) - 1) // (100 + WAITING_PERCENT)
