"""What follows for the fleet as a whole once every message of a tick is answered.

In this order: loads say what became of picks and drops, robots leave lines for kept places, free
ones get tasks, idle ones charge or park, tasks go on with their next leg (in the same tick
as they are given: robots that stand report nothing new for seconds), bases are extended as
far as traffic allows, and every robot that stands has its reason; whoever makes others
wait for long is an alarm, and so is a task that failed, and a halt. Questions and alarms
whose subject is gone end with it.
"""

from fleetapp.core.answer_halts import judge_rule_alarms
from fleetapp.core.answer_pauses import end_pause_alarms
from fleetapp.core.deliveries import judge_loads
from fleetapp.core.ends import end_questions
from fleetapp.core.failed_tasks import alarm_failed_tasks
from fleetapp.core.guard import about_all
from fleetapp.core.legs import next_legs
from fleetapp.core.lines import leave_lines
from fleetapp.core.loads import conclude_loads
from fleetapp.core.long_waits import judge_long_waits
from fleetapp.core.matching import match_tasks
from fleetapp.core.places import send_idle
from fleetapp.core.release import release_bases
from fleetapp.core.strays import let_go_on
from fleetapp.core.turn import Turn
from fleetapp.core.unplaced import place_again
from fleetapp.core.waits import name_waits


def settle(turn: Turn) -> None:
    """Decide everything that no single message decides."""
    about_all(turn, "place_again", place_again)
    about_all(turn, "let_go_on", let_go_on)
    about_all(turn, "judge_loads", judge_loads)
    about_all(turn, "conclude_loads", conclude_loads)
    if turn.draft.dispatch_due or _long_ago(turn):
        turn.draft.dispatch_due = False
        about_all(turn, "leave_lines", leave_lines)
        about_all(turn, "match_tasks", match_tasks)
        about_all(turn, "next_legs", next_legs)  # a robot just given its task begins at once
        about_all(turn, "send_idle", send_idle)
    about_all(turn, "next_legs", next_legs)
    about_all(turn, "release_bases", release_bases)
    about_all(turn, "end_questions", end_questions)
    about_all(turn, "end_pause_alarms", end_pause_alarms)
    about_all(turn, "name_waits", name_waits)
    about_all(turn, "judge_long_waits", judge_long_waits)
    about_all(turn, "alarm_failed_tasks", alarm_failed_tasks)
    about_all(turn, "judge_rule_alarms", judge_rule_alarms)


DISPATCH_MS = 10_000  # what only time changes (patience, long waits) is looked at this often


def _long_ago(turn: Turn) -> bool:
    """Whether a new span of time began with this step."""
    return turn.now_ms // DISPATCH_MS != turn.began_ms // DISPATCH_MS
