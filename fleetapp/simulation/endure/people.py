"""What people do: order tasks, give commands of every kind, and look after the fleet.

Commands come from the script, good and bad ones: twice, late, about what has gone, by
somebody who may not. Beside them a diligent supervisor goes round: answers questions
truthfully, releases what is held when its cause is gone, moves a robot that stands on no
node, takes off a load that belongs to no task.
"""

from collections.abc import Callable, Mapping

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Person
from fleetapp.core.state import Review
from fleetapp.fleet.robot import Robot
from fleetapp.simulation.endure.faults import carry
from fleetapp.simulation.endure.script import Event
from fleetapp.simulation.endure.stage import Stage
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.simulation.whole.system import BOSS
from fleetapp.terms.modes import (
    SOURCE_KINDS,
    TARGET_KINDS,
    Priority,
    ReviewAnswer,
    Role,
    StationKind,
    TaskState,
)
from fleetapp.terms.reasons import WaitCause

PERSONS: Mapping[str, Person] = {
    "boss": BOSS,
    "operator": Person("Olga", Role.OPERATOR, signed_in=True),
    "local": Person("local", Role.OPERATOR, signed_in=False),
    "silent_boss": BOSS,  # gives no reason
}
PATIENCE_MS = 12_000  # how long a robot is held before somebody has come
STOP_PATIENCE_MS = 15_000
LOOKED_AFTER = frozenset({WaitCause.NO_PROGRESS, WaitCause.NOT_FINISHED, WaitCause.ACTION})
WHY = "looked, all is well"


# --- tasks --------------------------------------------------------------------
def submit(stage: Stage, event: Event) -> None:
    """Order the task of an event."""
    task_id = f"E{event.number}"
    command = _task(stage, event, task_id)
    stage.tasks.append(task_id)
    stage.give(command, PERSONS["operator"])


def _task(stage: Stage, event: Event, task_id: str) -> asked.SubmitTask:
    sources = _stations(stage, SOURCE_KINDS)
    targets = _stations(stage, TARGET_KINDS - {StationKind.RETURN})
    start = sources[int(event.args["from"]) % len(sources)]
    ends = [name for name in targets if name != start]
    end = ends[int(event.args["to"]) % len(ends)]
    other = int(event.args["other"])
    name = event.name
    before = stage.tasks[other % len(stage.tasks)] if stage.tasks else None
    wished = stage.names[other % len(stage.names)] if name == "wish" else None
    return asked.SubmitTask(
        stage.system.command_id(),
        "NOWHERE" if name == "impossible_station" else start,
        start if name == "impossible_pair" else end,
        sku="S1",
        label_code=None if name == "no_code" else f"L{event.number:05d}",
        priority={"high": Priority.HIGH, "low": Priority.LOW}.get(name, Priority.NORMAL),
        due_ms=stage.system.now_ms + 60_000 if name == "due" else None,
        after_task_id={"follower": before, "follower_of_unknown": "E-nothing"}.get(name),
        task_id=before if name == "same_id" and before else task_id,
        robot_id="nobody/r99" if name == "impossible_robot" else wished,
    )


def _stations(stage: Stage, kinds: frozenset[StationKind]) -> list[str]:
    roads = stage.floor.roads.values()
    return [
        s.station_id
        for s in stage.floor.site.stations
        if s.kind in kinds and all(road.station_nodes.get(s.station_id) for road in roads)
    ]


def wish(stage: Stage, robot_id: str, number: int) -> None:
    """A task only for this robot."""
    args: dict[str, int | float | str | bool] = {
        "from": number * 7,
        "to": number,
        "other": stage.names.index(robot_id),
    }
    submit(stage, Event(0, "task", "wish", 10_000 + number, args))


# --- commands of the script ----------------------------------------------------
def give(stage: Stage, event: Event) -> tuple[Command, Person]:
    """Give the command of an event; it is returned so that it can be given again."""
    choice = int(event.args["choice"])
    by = str(event.args["by"])
    why = "" if by == "silent_boss" else f"told so ({event.number})"
    command = COMMANDS[event.name](stage, event.number, choice, why)
    person = PERSONS[by]
    stage.give(command, person)
    return command, person


def _some_task(stage: Stage, choice: int) -> str:
    return stage.tasks[choice % len(stage.tasks)] if stage.tasks else "E-none"


def _some_robot(stage: Stage, choice: int) -> str:
    return stage.names[choice % len(stage.names)]


def _cancel(stage: Stage, number: int, choice: int, why: str) -> Command:
    """One under way if there is one, so that every state is met."""
    states = list(stage.system.state.tasks.values())
    wanted = tuple(TaskState)[choice % len(TaskState)]
    near = [t.task_id for t in states if t.state is wanted] or [_some_task(stage, number)]
    return asked.CancelTask(stage.system.command_id(), near[number % len(near)], why)


def _requeue(stage: Stage, number: int, choice: int, why: str) -> Command:
    states = list(stage.system.state.tasks.values())
    wanted = tuple(TaskState)[choice % len(TaskState)]
    near = [t.task_id for t in states if t.state is wanted] or [_some_task(stage, number)]
    return asked.RequeueTask(stage.system.command_id(), near[number % len(near)], why)


def _answer(stage: Stage, number: int, choice: int, why: str) -> Command:
    reviews = list(stage.system.state.reviews)
    review_id = reviews[number % len(reviews)] if reviews else "rv-none"
    answer = tuple(ReviewAnswer)[choice % len(ReviewAnswer)]
    review = stage.system.state.reviews.get(review_id)
    if review is not None and answer is not ReviewAnswer.REJECT and not is_right(stage, review):
        answer = ReviewAnswer.REJECT  # people are truthful, here too
    return asked.AnswerReview(stage.system.command_id(), review_id, answer, why, "L-wrong")


def _gone(stage: Stage, number: int, choice: int, why: str) -> Command:
    """About something that does not exist, or does no more."""
    new = stage.system.command_id()
    return (
        asked.CancelTask(new, "E-gone", why),
        asked.RequeueTask(new, "E-gone", why),
        asked.HoldRobot(new, "fleetapp-sim/r99", why),
        asked.ReleaseHold(new, "fleetapp-sim/r99", why),
        asked.AnswerReview(new, "rv-gone", ReviewAnswer.ACCEPT, why),
        asked.AcknowledgeAlarm(new, "robot_held:nobody"),
        asked.RemoveRobot(new, "fleetapp-sim/r99", why),
        asked.AdmitRobot(new, _some_robot(stage, number), "no-type", "x"),
        asked.AdmitRobot(new, "fleetapp-sim/r99", stage.system.types[stage.names[0]], "x"),
        asked.ReleaseAll(new, why),
        asked.EndHalt(new, "halt-gone", why),
    )[choice % 11]


def _acknowledge(stage: Stage, number: int, _choice: int, _why: str) -> Command:
    alarms = list(stage.system.state.alarms)
    alarm_id = alarms[number % len(alarms)] if alarms else "none"
    return asked.AcknowledgeAlarm(stage.system.command_id(), alarm_id)


def _hold(stage: Stage, number: int, _choice: int, why: str) -> Command:
    return asked.HoldRobot(stage.system.command_id(), _some_robot(stage, number), why)


def _release(stage: Stage, number: int, _choice: int, why: str) -> Command:
    held = [r.robot_id for r in stage.system.state.robots.values() if r.held or r.stray_id]
    free = [h for h in held if h not in stage.unfit] or [_some_robot(stage, number)]
    return asked.ReleaseHold(stage.system.command_id(), free[number % len(free)], why)


def _stop(stage: Stage, _number: int, _choice: int, why: str) -> Command:
    return asked.StopAll(stage.system.command_id(), why)


def _release_all(stage: Stage, _number: int, _choice: int, why: str) -> Command:
    return asked.ReleaseAll(stage.system.command_id(), why)


def _admit_again(stage: Stage, number: int, _choice: int, _why: str) -> Command:
    robot_id = _some_robot(stage, number)
    kind, serial = stage.system.types[robot_id], robot_id.partition("/")[2]
    return asked.AdmitRobot(stage.system.command_id(), robot_id, kind, serial)


def _remove(stage: Stage, number: int, _choice: int, why: str) -> Command:
    return asked.RemoveRobot(stage.system.command_id(), _some_robot(stage, number), why)


COMMANDS: Mapping[str, Callable[[Stage, int, int, str], Command]] = {
    "cancel": _cancel,
    "requeue": _requeue,
    "hold": _hold,
    "release": _release,
    "stop": _stop,
    "release_all": _release_all,
    "answer": _answer,
    "acknowledge": _acknowledge,
    "admit_again": _admit_again,
    "remove": _remove,
    "gone": _gone,
}


# --- the supervisor's round -----------------------------------------------------
def go_round(stage: Stage, *, calm: bool) -> None:
    """Look at everything once; in the calm people are quick and queue failed tasks again."""
    if stage.system.engine_dead:
        return
    state = stage.system.state
    patience_ms = 3_000 if calm else PATIENCE_MS
    stop = state.stop
    if stop is not None and state.now_ms - stop.since_ms > STOP_PATIENCE_MS:
        stage.give(asked.ReleaseAll(stage.system.command_id(), WHY), BOSS)
    for halt in state.halts.values():
        if stage.system.now_ms - halt.since_ms > patience_ms:
            stage.give(asked.EndHalt(stage.system.command_id(), halt.halt_id, WHY), BOSS)
    for review in state.reviews.values():
        if review.closed is None and stage.system.now_ms - review.asked.at_ms > patience_ms:
            _answer_truthfully(stage, review)
    for robot in state.robots.values():
        if robot.robot_id in stage.system.robots and robot.robot_id not in stage.unfit:
            _look_after(stage, robot, patience_ms)


def _answer_truthfully(stage: Stage, review: Review) -> None:
    answer = ReviewAnswer.ACCEPT if is_right(stage, review) else ReviewAnswer.REJECT
    command = asked.AnswerReview(stage.system.command_id(), review.asked.review_id, answer, WHY)
    stage.give(command, PERSONS["operator"])


def is_right(stage: Stage, review: Review) -> bool:
    """Whether the package of the task lies where the robot looked, as somebody there sees."""
    return review.asked.robot_id not in stage.cameras.shows or (
        stage.cameras.shows[review.asked.robot_id].startswith("!")
        and stage.cameras.shows[review.asked.robot_id] != "!no_package"
    )


def _look_after(stage: Stage, robot: Robot, patience_ms: int) -> None:
    system, body = stage.system, stage.system.robots[robot.robot_id]
    now_ms = system.now_ms
    if not robot.admitted and now_ms - robot.state_since_ms > patience_ms:
        kind, serial = system.types[robot.robot_id], robot.serial
        stage.give(asked.AdmitRobot(system.command_id(), robot.robot_id, kind, serial), BOSS)
        return
    if _carries_nobodys(stage, robot, body):
        body.unload()
    if body.paused and robot.paused_by_others and _stood_long(stage, robot) and not robot.held:
        body.pause_by_hand(paused=False)
    needs_hand = robot.remedy and robot.order_id is None and not body.body.driving
    if needs_hand and now_ms - stage.displaced.get(robot.robot_id, 0) > 2 * patience_ms:
        if "order" in robot.remedy:
            body.restart()
        else:
            carry(stage, body, now_ms // 20, careful=True)
        stage.displaced[robot.robot_id] = now_ms
        return
    if robot.wait is not None and _needs_a_look(robot, now_ms, patience_ms):
        body.restart()  # what the sentence says: look at the robot
        return
    waiting = [h for h in robot.holds if now_ms - h.since_ms > patience_ms]
    if waiting or (robot.stray_id and now_ms - robot.state_since_ms > 4 * patience_ms):
        stage.give(asked.ReleaseHold(system.command_id(), robot.robot_id, WHY), BOSS)


def _needs_a_look(robot: Robot, now_ms: int, patience_ms: int) -> bool:
    """It stands, and its sentence sends a person to the robot."""
    wait = robot.wait
    return (
        wait is not None and wait.cause in LOOKED_AFTER and now_ms - wait.since_ms > 3 * patience_ms
    )


def _carries_nobodys(stage: Stage, robot: Robot, body: VirtualRobot) -> bool:
    """It has a load and no task, and stands: somebody takes the item off."""
    stands = not body.body.driving and not body.book.queue.running
    return body.loaded and robot.task_id is None and stands and _stood_long(stage, robot)


def _stood_long(stage: Stage, robot: Robot) -> bool:
    return stage.system.now_ms - robot.state_since_ms > PATIENCE_MS


def free_followers(stage: Stage) -> None:
    """A task whose predecessor was not done is sent on alone."""
    tasks = stage.system.state.tasks
    for task in tasks.values():
        before = tasks.get(task.after_task_id or "")
        if task.state is not TaskState.QUEUED or task.freed or before is None:
            continue
        if before.state in (TaskState.FAILED, TaskState.CANCELLED):
            command = asked.RequeueTask(stage.system.command_id(), task.task_id, WHY)
            stage.give(command, PERSONS["operator"])


def queue_again(stage: Stage) -> None:
    """Failed tasks are tried once more."""
    for task in stage.system.state.tasks.values():
        if task.state is TaskState.FAILED:
            command = asked.RequeueTask(stage.system.command_id(), task.task_id, WHY)
            stage.give(command, PERSONS["operator"])
