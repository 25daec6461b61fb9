"""A journal row in one line for people."""

import json
import re
from typing import Any

TEMPLATES: dict[str, str] = {
    "TaskAccepted": "Task taken over",
    "TaskAssigned": "{task_id} given to {robot_id}, cost {cost_ms} ms",
    "TaskMoved": "{task_id} is {state}: {reason}",
    "PlanRequested": "Route wanted to {station_id}",
    "PlanProposed": "Route found, {travel_ms} ms",
    "PlanDropped": "Route not used: {reason}",
    "OrderIssued": "Order {order_id} to {goal_station}",
    "RouteReplaced": "Order {order_id} goes another way to {goal_station}",
    "BaseExtended": "Base of {order_id} extended to node {released_to}",
    "OrderEnded": "Order {order_id} ended: {how}",
    "OrderAcknowledged": "{robot_id} shows {order_id} update {order_update_id}",
    "NodePassed": "{robot_id} passed {node_id}",
    "CancelOrdered": "{robot_id} is to give {order_id} up: {reason}",
    "RobotWaits": "{robot_id}: {sentence}",
    "WaitEnded": "{robot_id} waits no longer",
    "RobotHeld": "{robot_id} held by {by}: {note}",
    "HoldReleased": "{robot_id} released by {by}: {note}",
    "FleetStopped": "Fleet stopped by {by}",
    "FleetReleased": "Fleet released by {by}: {note}",
    "RecognitionJudged": "{robot_id}: {sentence}",
    "PackageRecognised": "{robot_id}: recogniser answered {frame_id}",
    "ReviewOpened": "{robot_id} asks: {doubt}",
    "ReviewClosed": "Review answered by {by}: {answer}",
    "AlarmRaised": "Alarm {kind}: {cause}",
    "AlarmEnded": "Alarm {alarm_id} is over",
    "AlarmAcknowledged": "Alarm {alarm_id} acknowledged by {by}",
    "RobotAdmitted": "{robot_id} admitted as {name} ({robot_type}) by {by}",
    "RobotRemoved": "{robot_id} removed by {by}",
    "RobotFellSilent": "{robot_id} fell silent",
    "RobotSpokeAgain": "{robot_id} reports again",
    "CommandAccepted": "Command taken: {message}",
    "CommandRefused": "{what} by {by} refused: {message}",
    "CommandGiven": "{command_type} asked for",
    "AccessRecorded": "{person}: {what}",
    "EngineStarted": "Engine started on {site_id}",
    "JournalUnavailable": "Journal cannot be written: {why}",
    "WorkerChanged": "{worker}: {detail}",
    "PayloadRejected": "Unusable message on {topic}: {reason}",
}
SLOT = re.compile(r"\{(\w+)\}")
WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def title_of(name: str, body: str) -> str:
    """One line about a row; the type's own words where there is no sentence."""
    template = TEMPLATES.get(name)
    if template is None:
        return WORDS.sub(" ", name).capitalize()
    try:
        content: dict[str, Any] = json.loads(body)
    except ValueError:
        return f"{name} (its body cannot be read)"
    text = SLOT.sub(lambda slot: _word(content.get(slot[1])), template)
    return text.rstrip(": ")


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_", " ") if value.islower() and " " not in value else value
    return str(value)
