"""Why a robot waits in traffic, in one sentence, and what ends it."""

from dataclasses import dataclass

from fleetapp.terms.reasons import WaitCause


@dataclass(frozen=True, slots=True)
class Words:
    """The sentence and the end of the wait."""

    sentence: str
    ends: str


ENDS_BY_STATE: dict[str, str] = {
    "silent": "when {name} reports again, or this one finds a way round",
    "held": "when a person releases {name}, or this one finds a way round",
    "standing": "when {name} is sent away",
    "waiting": "when {name} may go on",
    "driving": "when {name} has passed {place}",
}


def traffic_sentence(
    cause: WaitCause, *, blocker_name: str, blocker_state: str, place: str
) -> Words:
    """The words for a wait.

    Args:
        cause: TRAFFIC or DEADLOCK_AVOIDANCE.
        blocker_name: what people call the robot in the way.
        blocker_state: "silent", "held", "standing", "waiting" or "driving".
        place: station or node where the floor is taken.
    """
    ends = ENDS_BY_STATE[blocker_state].format(name=blocker_name, place=place)
    if cause is WaitCause.DEADLOCK_AVOIDANCE:
        return Words(
            f"Waits before {place}: going on now would shut {blocker_name} in.",
            f"when {blocker_name} is through",
        )
    if blocker_state in ("silent", "held"):
        return Words(f"Waits for {blocker_name}, which is {blocker_state} at {place}.", ends)
    if blocker_state == "standing":
        return Words(f"Waits for {blocker_name}, which stands at {place}.", ends)
    return Words(f"Waits for {blocker_name}, which has the floor at {place}.", ends)
