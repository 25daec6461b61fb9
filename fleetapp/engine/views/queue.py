"""Why a task is still in the queue, in one sentence.

A task that cannot be done now says what keeps it; "waits for a free robot" is said
only of one that the next free robot could take.
"""

from fleetapp.core.floor import place_name
from fleetapp.core.kept import stays
from fleetapp.core.set_aside import Reasons, SetAside, behind_another
from fleetapp.core.state import State
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import BEHIND_ANOTHER, NEEDS_A_PERSON, Aside, Out

OUT_WORDS: dict[Out, str] = {
    Out.HELD: "is held",
    Out.SILENT: "is silent",
    Out.PAUSED: "stands paused",
    Out.LOW_BATTERY: "is low on battery",
    Out.OUT_OF_REACH: "has too little charge for it",
    Out.CHARGES_FOR_TASK: "charges for a task that waited long",
    Out.NOT_AUTOMATIC: "is not in automatic mode",
    Out.EMERGENCY_STOP: "reports an emergency stop",
    Out.LOADED: "has a load on board",
    Out.OFF_ROADMAP: "stands on no node",
    Out.UNREACHABLE: "finds no way to it",
    Out.BUSY: "ends another order first",
    Out.NOT_ADMITTED: "is not admitted",
    Out.FATAL_ERROR: "reports a fault",
}

PLURAL = {
    "is": "are",
    "has": "have",
    "charges": "charge",
    "reports": "report",
    "stands": "stand",
    "finds": "find",
    "ends": "end",
}

# `{after}` is the task that comes first; what only a person can end says what to do.
FAILED_LONG_AGO = (  # only the journal knows it: nobody can queue it again
    "Waits for a person: {after}, which comes first, failed. "
    "Send this one on without it, or cancel this one."
)
WORDS: dict[Aside, str] = {
    Aside.PREDECESSOR_OPEN: "Waits for {after}, which comes first.",
    Aside.PREDECESSOR_FAILED: (
        "Waits for a person: {after}, which comes first, failed. "
        "Queue {after} again, send this one on without it, or cancel this one."
    ),
    Aside.PREDECESSOR_CANCELLED: (
        "Waits for a person: {after}, which comes first, was cancelled. "
        "Send this one on without it, or cancel this one."
    ),
    Aside.PREDECESSOR_UNKNOWN: (
        "Waits for a person: what became of {after}, which comes first, is not known. "
        "Send this one on without it, or cancel this one."
    ),
    Aside.WISHED_ROBOT_UNKNOWN: "Waits for {robot}, as wished: there is no such robot any more.",
    Aside.NO_ROBOT_TYPE: (
        "Waits: no admitted robot is of a type that can reach both {from_station} and {to_station}."
    ),
    Aside.ALL_ROBOTS_OUT: "Waits: no robot can take it now: {counts}.",
    Aside.PLACE_KEPT: "Waits: {keeper} {stays}{at}.",
    Aside.NO_WAY: "Waits: no free robot finds a way to {from_station} from where it stands.",
    Aside.CHARGED_ROBOT: "Waits for a charged robot: {charging}.",
    Aside.NO_CHARGE: (
        "Waits for charge: no free robot has enough for this task and the way to a charger."
    ),
}


def reasons_of(state: State) -> Reasons:
    """Why the queued tasks of this state are set aside; worked out when first asked."""
    return Reasons(state, (t for t in state.tasks.values() if t.state is TaskState.QUEUED))


def may_go_alone(state: State, task: Task) -> bool:
    """Whether only a person can end what the task waits for."""
    return task.state is TaskState.QUEUED and behind_another(state, task) in NEEDS_A_PERSON


def robot_name(state: State, robot_id: str | None) -> str:
    """What people call the robot; of one that was removed its serial number is known."""
    robot = state.robots.get(robot_id) if robot_id else None
    return (robot.name or robot.serial) if robot is not None else (robot_id or "").split("/")[-1]


def queued_sentence(state: State, task: Task, reasons: Reasons) -> str:
    """What keeps the task in the queue."""
    aside = reasons.of(task)
    if aside is not None and aside.reason in BEHIND_ANOTHER:
        return _words(state, task, aside)
    if state.stop is not None:
        return "Waits: the fleet is stopped."
    if not state.journal_ok:
        return "Waits: the journal cannot be written."
    if aside is not None:
        return _words(state, task, aside)
    if task.wished_robot_id is not None:
        return f"Waits for {robot_name(state, task.wished_robot_id)}, as wished."
    return f"Waits for a free robot{': ' + task.note if task.note else ''}."


def _words(state: State, task: Task, aside: SetAside) -> str:
    if aside.reason is Aside.WISHED_ROBOT_OUT:
        return _of_wished(state, task, aside.out)
    words = WORDS[aside.reason]
    if aside.reason is Aside.PREDECESSOR_FAILED and task.after_task_id not in state.tasks:
        words = FAILED_LONG_AGO
    counts = (f"{count} {_each(OUT_WORDS[out], count)}" for out, count in aside.counts)
    return words.format(
        after=task.after_task_id,
        robot=robot_name(state, task.wished_robot_id),
        from_station=task.from_station,
        to_station=task.to_station,
        counts=", ".join(counts),
        charging=_charging(state, aside),
        **_keeper(state, aside),
    )


def _charging(state: State, aside: SetAside) -> str:
    if aside.robot_id is None:
        return "none has enough for this task and the way to a charger"
    return f"{robot_name(state, aside.robot_id)} charges for it"


def _keeper(state: State, aside: SetAside) -> dict[str, str]:
    """Who stands in the way, why, and where."""
    robot = state.robots.get(aside.robot_id or "")
    if robot is None:
        return {"keeper": "another robot", "stays": "stands in the way", "at": ""}
    out = stays(robot)
    place = place_name(state.floor, robot.node)
    return {
        "keeper": robot_name(state, robot.robot_id),
        "stays": OUT_WORDS[out] if out is not None else "stands in the way",
        "at": f" at {place}" if place and out is not Out.OFF_ROADMAP else "",
    }


def _each(words: str, count: int) -> str:
    """What is said of one robot, said of several."""
    verb, rest = words.split(" ", 1)
    return words if count == 1 else f"{PLURAL[verb]} {rest}"


def _of_wished(state: State, task: Task, out: Out | None) -> str:
    """Only the wished robot may do it: what keeps that one."""
    robot = state.robots.get(task.wished_robot_id or "")
    head = f"Waits for {robot_name(state, task.wished_robot_id)}, as wished"
    if out is Out.HAS_TASK and robot is not None and robot.task_id is not None:
        return f"{head}: it has {robot.task_id} first."
    return f"{head}: it {OUT_WORDS[out]}." if out in OUT_WORDS else f"{head}."
