"""What robots truly did with their hands: no pick without a sure look, none twice.

A pick is right if the core judged a frame of this task sure that was truly taken by this
robot at this place since it has the task and shows the task's label, or if a person
answered about such a frame; a robot without a camera needs none. A task is done if the
item that its robot picked for it was truly set down where it was to go.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from fleetapp.core import decisions as made
from fleetapp.core.state import Floor
from fleetapp.core.turn import Row
from fleetapp.simulation.robots.robot import Deed, VirtualRobot
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState, Verification


@dataclass(slots=True)
class Hands:
    """What is known of picks: by rows, and by the robots' deeds."""

    floor: Floor
    types: dict[str, str]
    tasks: dict[str, Task] = field(default_factory=dict)
    task_of: dict[str, str] = field(default_factory=dict)  # action id: task id
    assigned_ms: dict[str, tuple[str, int]] = field(default_factory=dict)
    judged: dict[str, made.RecognitionJudged] = field(default_factory=dict)
    looks: dict[tuple[str, str], Deed] = field(default_factory=dict)  # robot, frame id
    picked: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    freed: Counter[str] = field(default_factory=Counter)  # picks before it was queued again
    newest: dict[str, Deed] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)  # set down where it was to go
    on_board: dict[str, str] = field(default_factory=dict)  # robot: the task it picked for

    def follow(self, rows: tuple[Row, ...]) -> Iterator[tuple[str, str, str]]:
        """Note what rows say of tasks, actions and judgements; what they say and is not so."""
        for row in rows:
            match row.message:
                case made.TaskAccepted(task=task):
                    self.tasks[task.task_id] = task
                case made.TaskAssigned(task_id=task_id, robot_id=robot_id, at_ms=at_ms):
                    self.assigned_ms[task_id] = (robot_id, at_ms)
                    self.judged.pop(task_id, None)
                case made.OrderIssued() | made.RouteReplaced() as order if order.task_id:
                    self.task_of.update((a.action_id, order.task_id) for a in order.actions)
                case made.RecognitionJudged() as judged:
                    self.judged[judged.task_id] = judged
                case made.TaskMoved(task_id=task_id, state=TaskState.QUEUED):
                    self.freed[task_id] = self.picked[task_id]
                case made.TaskMoved(task_id=task_id, state=TaskState.DONE):
                    if task_id not in self.delivered:
                        story = "is done, and nobody set its item down at its goal"
                        yield "I3 delivered once", task_id, story

    def look(self, robots: dict[str, VirtualRobot]) -> Iterator[tuple[str, str, str]]:
        """Invariant, subject and story of each deed that was wrong."""
        for robot in robots.values():
            deeds = robot.deeds
            if not deeds or self.newest.get(robot.robot_id) is deeds[-1]:
                continue
            new = list(deeds)
            last = self.newest.get(robot.robot_id)
            if last in deeds:
                new = new[deeds.index(last) + 1 :]
            self.newest[robot.robot_id] = deeds[-1]
            for deed in new:
                yield from self._judge(robot, deed)

    def _judge(self, robot: VirtualRobot, deed: Deed) -> Iterator[tuple[str, str, str]]:
        task_id = self.task_of.get(deed.action_id.removesuffix("-again"), "")
        if deed.action_type == "detectObject":
            frame_id = f"{robot.spec.serial}-{deed.action_id}"
            self.looks[robot.robot_id, frame_id] = deed
            return
        if deed.action_type == "drop":
            self.dropped[task_id] += 1
            yield from self._judge_drop(robot.robot_id, task_id, deed)
            if self.dropped[task_id] > 1 + self.freed[task_id]:
                yield "I3 delivered once", task_id, f"dropped {self.dropped[task_id]} times"
            return
        self.picked[task_id] += 1
        self.on_board[robot.robot_id] = task_id
        if self.picked[task_id] > 1 + self.freed[task_id]:
            yield "I3 delivered once", task_id, f"picked {self.picked[task_id]} times"
        wrong = self.wrong_with_pick(robot.robot_id, task_id, deed)
        if wrong:
            yield "no pick without a look", task_id or robot.robot_id, wrong

    def _judge_drop(
        self, robot_id: str, task_id: str, drop: Deed
    ) -> Iterator[tuple[str, str, str]]:
        has, task = self.on_board.pop(robot_id, ""), self.tasks.get(task_id)
        if has != task_id:
            story = f"{robot_id} set down for it what it picked for {has or 'nobody'}"
            yield "I3 delivered once", task_id, story
        if task is not None and drop.node_id in self._nodes_of(task.to_station):
            self.delivered.add(task_id)

    def _nodes_of(self, station_id: str) -> tuple[str, ...]:
        stations = self.floor.site.stations
        return next((s.node_ids for s in stations if s.station_id == station_id), ())

    def wrong_with_pick(self, robot_id: str, task_id: str, deed: Deed) -> str:
        """Why this pick should not have been, "" if all is well."""
        task, judged = self.tasks.get(task_id), self.judged.get(task_id)
        if task is None:
            return f"{robot_id} picked by action {deed.action_id}, which no order has"
        if judged is None or not judged.sure or judged.robot_id != robot_id:
            return f"{robot_id} picked without a sure look"
        if deed.node_id not in self._nodes_of(task.from_station):
            return f"{robot_id} picked at {deed.node_id} and not at {task.from_station}"
        if judged.verification is Verification.NOT_VERIFIED:
            has_camera = self.floor.types[self.types[robot_id]].camera
            return f"{robot_id} has a camera and did not look" if has_camera else ""
        return self._wrong_with_frame(robot_id, task, judged, deed)

    def _wrong_with_frame(
        self, robot_id: str, task: Task, judged: made.RecognitionJudged, pick: Deed
    ) -> str:
        look = self.looks.get((robot_id, judged.frame_id))
        if look is None:
            return f"{robot_id} picked by frame {judged.frame_id!r}, which it never took"
        if look.node_id != pick.node_id:
            return f"{robot_id} looked at {look.node_id} and picked at {pick.node_id}"
        has_since = self.assigned_ms.get(task.task_id, ("", 0))
        if has_since[0] != robot_id or look.at_ms < has_since[1]:
            return f"{robot_id} picked by a look from before it had the task"
        if judged.verification is Verification.BY_PERSON:
            return ""
        if judged.frame_sha256 != hashlib.sha256(look.frame).hexdigest():
            return f"{robot_id} picked by a judgement of another frame"
        label = look.frame.decode().partition("|")[0]
        if task.label_code is not None and label != task.label_code:
            return f"{robot_id} picked {label} where {task.label_code} was wanted"
        return ""
