"""The battery of a virtual robot: drained by time and way, filled while charging.

Faster than a real one (a full charge in half an hour, eight hours of standing), so
that a demo of minutes shows charging.
"""

from dataclasses import dataclass

DRAIN_PER_S = 1 / (8 * 3600)
DRAIN_PER_M = 1 / 30_000
CHARGE_PER_S = 1 / 1800


@dataclass(slots=True)
class Battery:
    """Charge from 0 to 1."""

    charge_fraction: float
    charging: bool = False

    def use(self, dt_s: float, moved_m: float) -> None:
        """Let time pass and way be driven."""
        if self.charging:
            self.charge_fraction = min(1.0, self.charge_fraction + CHARGE_PER_S * dt_s)
            return
        used = DRAIN_PER_S * dt_s + DRAIN_PER_M * moved_m
        self.charge_fraction = max(0.0, self.charge_fraction - used)
