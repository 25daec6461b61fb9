"""What the engine said, and whether it is so: in the journal once, and in force."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Outcome
from fleetapp.api.views import RobotView, Snapshot
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import HoldReason

STOP = "all"
SHOWN = 400  # of the newest tasks all are in a snapshot, ended or not
GIVEN_UP = (TaskState.CANCELLED, TaskState.RETURNING, TaskState.DROPPING, TaskState.FAILED)


@dataclass(slots=True)
class Promises:
    """Everything that was accepted and recorded, and what should be true now."""

    commands: list[str] = field(default_factory=list)  # ids
    tasks: list[str] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    people: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    stopped: bool = False
    not_recorded: int = 0
    unsure: set[str] = field(default_factory=set)  # may be so or not: that was said
    checked: int = 0  # of the commands: those before were looked up in the journal
    people_checked: int = 0

    def take(self, command: Command, outcome: Outcome) -> None:
        """Remember what an answer promised."""
        if not outcome.accepted:
            return
        if not outcome.recorded:
            self.not_recorded += 1
            self._is_unsure_of(command)
            return
        self.commands.append(command.command_id)
        match command:
            case asked.SubmitTask():
                self.tasks.append(outcome.task_id or "")
            case asked.CancelTask(task_id=task_id):
                self.cancelled.add(task_id)
            case asked.HoldRobot(robot_id=robot_id):
                self.held.add(robot_id)
            case asked.ReleaseHold(robot_id=robot_id):
                self.held.discard(robot_id)
            case asked.StopAll():
                self.stopped = True
            case asked.ReleaseAll():
                self.stopped = False
            case asked.AcknowledgeAlarm(alarm_id=alarm_id):
                self.acknowledged.add(alarm_id)
            case asked.AnswerReview(review_id=review_id):
                self.answered.add(review_id)

    def _is_unsure_of(self, command: Command) -> None:
        if isinstance(command, asked.HoldRobot):
            self.unsure.add(command.robot_id)
        elif isinstance(command, asked.StopAll):
            self.unsure.add(STOP)

    def broken_in(self, snapshot: Snapshot) -> list[str]:
        """What is not in force."""
        self._take_as_it_is(snapshot)
        found = []
        if snapshot.fleet.stop.active != self.stopped:
            found.append(f"stopped is {snapshot.fleet.stop.active}, promised {self.stopped}")
        for robot in snapshot.robots:
            held = _held_by_person(robot)
            if held != (robot.robot_id in self.held):
                found.append(f"{robot.name} held by a person: {held}")
            if any(hold.reason is HoldReason.FOUND_PAUSED for hold in robot.holds):
                found.append(f"{robot.name} is held as found paused")
        states = {task.task_id: task.state for task in snapshot.tasks}
        found += [f"{name} is not there" for name in self.tasks[-SHOWN:] if name not in states]
        found += [
            f"{task_id} was cancelled and is {states[task_id].value}"
            for task_id in sorted(self.cancelled)
            if task_id in states and states[task_id] not in GIVEN_UP
        ]
        answers = {review.review_id: review.answer for review in snapshot.reviews}
        found += [
            f"the answer to {review_id} is not there"
            for review_id in sorted(self.answered)
            if review_id in answers and answers[review_id] is None
        ]
        found.extend(self._unseen_alarms(snapshot))
        return found

    def _take_as_it_is(self, snapshot: Snapshot) -> None:
        """What was said to be lost by a crash may be there all the same."""
        if STOP in self.unsure and snapshot.fleet.stop.active:
            self.stopped = True
        for robot in snapshot.robots:
            if robot.robot_id in self.unsure and _held_by_person(robot):
                self.held.add(robot.robot_id)
        self.unsure = set()

    def _unseen_alarms(self, snapshot: Snapshot) -> list[str]:
        """Alarms that were acknowledged and, the same one still, are not."""
        waiting = {a.alarm_id for a in snapshot.alarms if a.acknowledged_by is None}
        again, self.acknowledged = self.acknowledged & waiting, set()
        return [f"{alarm_id} is not acknowledged" for alarm_id in sorted(again)]

    def look_at_all_again(self) -> None:
        """What was there once must be there in the end: all of it is asked for anew."""
        self.checked = self.people_checked = 0

    def missing_in(self, database: Path) -> list[str]:
        """What the journal does not hold exactly once, of what was promised since last time."""
        connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            given = _commands_in(connection)
            found = [
                f"command {command_id} is in the journal {given[command_id]} times"
                for command_id in self.commands[self.checked :]
                if given[command_id] != 1
            ]
            self.checked = len(self.commands)
            found.extend(self._missing_people(connection))
        finally:
            connection.close()
        return found

    def _missing_people(self, connection: sqlite3.Connection) -> list[str]:
        sql = "SELECT count(*) FROM journal WHERE type = 'AccessRecorded' AND instr(body, ?) > 0"
        found = []
        for name in self.people[self.people_checked :]:
            count = connection.execute(sql, (f"added {name} as",)).fetchone()[0]
            if count != 1:
                found.append(f"that {name} was added is in the journal {count} times")
        self.people_checked = len(self.people)
        return found


def _held_by_person(robot: RobotView) -> bool:
    return any(hold.reason is HoldReason.BY_PERSON for hold in robot.holds)


def _commands_in(connection: sqlite3.Connection) -> Counter[str]:
    """How often the journal has each command."""
    sql = (
        "SELECT json_extract(body, '$.command.command_id') FROM journal WHERE type = 'CommandGiven'"
    )
    return Counter(str(row[0]) for row in connection.execute(sql))


@dataclass(frozen=True, slots=True)
class Picks:
    """What the journal says of picks over a whole run."""

    done: int
    doubled: tuple[str, ...]  # tasks that were accepted or picked more than once


def picks_in(database: Path) -> Picks:
    """Count the picks of every task."""
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        tasks: dict[str, str] = {}
        for (body,) in connection.execute("SELECT body FROM journal WHERE type = 'OrderIssued'"):
            order = json.loads(body)
            tasks[order["order_id"]] = order["task_id"] or ""
        picked: dict[str, set[str]] = {}
        for (body,) in connection.execute("SELECT body FROM journal WHERE type = 'ActionEnded'"):
            ended = json.loads(body)
            if ended["ok"] and ended["action_id"].endswith("-pick"):
                actions = picked.setdefault(tasks.get(ended["order_id"], ""), set())
                actions.add(ended["action_id"])  # a late report may tell of one twice
        accepted = "SELECT task_id FROM journal WHERE type = 'TaskAccepted'"
        sql = f"{accepted} GROUP BY task_id HAVING count(*) > 1"
        twice = [f"{row[0]} accepted twice" for row in connection.execute(sql)]
    finally:
        connection.close()
    twice += [f"{name} picked {len(ids)} times" for name, ids in picked.items() if len(ids) > 1]
    return Picks(sum(len(ids) for ids in picked.values()), tuple(sorted(twice)))
