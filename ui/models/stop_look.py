"""How far a fleet stop has come, for button, banner, panel and rows alike. Pure.

It counts only what robots reported themselves: one that stands has certainly been told, of
one that does not nobody knows it. "Stopped" is said once all stand.
"""

from fleetapp.api.views import StopView

STOPPED = "Stopped"


def total_of(stop: StopView) -> int:
    """How many robots are to stand."""
    return len(stop.standing) + len(stop.sent) + len(stop.no_answer)


def all_stand(stop: StopView) -> bool:
    """Whether the stop is in force and every robot stands by its own report."""
    return stop.active and not stop.sent and not stop.no_answer


def stop_word(stop: StopView) -> str:
    """Such as "Told 11 of 18", then "Stopped"."""
    if all_stand(stop):
        return STOPPED
    return f"Told {len(stop.standing)} of {total_of(stop)}" if stop.active else "Told"
