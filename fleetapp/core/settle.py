"""What follows for the fleet as a whole once every message of a tick is answered.

In this order: free robots get tasks, idle ones charge or park, tasks go on with
their next leg (in the same tick as they are given: robots that stand report nothing
new for seconds), bases are extended as far as traffic allows, and every robot that
stands has its reason; whoever makes others wait for long is an alarm.
"""

from fleetapp.core.legs import next_legs
from fleetapp.core.long_waits import judge_long_waits
from fleetapp.core.matching import match_tasks
from fleetapp.core.places import send_idle
from fleetapp.core.release import release_bases
from fleetapp.core.strays import let_go_on
from fleetapp.core.turn import Turn
from fleetapp.core.waits import name_waits


def settle(turn: Turn) -> None:
    """Decide everything that no single message decides."""
    let_go_on(turn)
    if turn.draft.dispatch_due:
        turn.draft.dispatch_due = False
        match_tasks(turn)
        next_legs(turn)  # a robot just given its task begins at once
        send_idle(turn)
    next_legs(turn)
    release_bases(turn)
    name_waits(turn)
    judge_long_waits(turn)
