"""A journal row in one line for people."""

import json
import re
from typing import Any

TEMPLATES: dict[str, str] = {
    "TaskAccepted": "{task.task_id} taken over: {task.from_station} to {task.to_station}",
    "TaskAssigned": (
        "{task_id} given to {robot_id}, {cost_ms} ms away, the best of {candidates} candidates"
    ),
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
    "JournalRecovered": "Journal is written again",
    "RobotAppeared": "{robot_id} is heard for the first time",
    "RobotReported": "{robot_id} reports: at {last_node_id}, {mode}",
    "Heartbeat": "{robot_id} is still there",
    "LinkChanged": "{robot_id} online: {online}",
    "OrderUnacknowledged": "{robot_id} does not show {order_id} after {attempts} tries",
    "OrderRefused": "{robot_id} refused {order_id}: {error.error_type} {error.text}",
    "ActionEnded": "{robot_id} ended {action_id}, success: {ok}",
    "OrderFinished": "{robot_id} finished {order_id}",
    "OrderGone": "{robot_id} no longer shows {order_id}",
    "CancelConfirmed": "{robot_id} gave {order_id} up",
    "CancelUnconfirmed": "{robot_id} does not confirm that it gave {order_id} up",
    "PauseConfirmed": "{robot_id} confirms, paused: {paused}",
    "PauseUnconfirmed": "{robot_id} does not confirm, paused: {paused}",
    "LeftBase": "{robot_id} left its base at {node_id}",
    "QuirkSeen": "{robot_id} behaves oddly: {quirk}",
    "FactsheetSeen": "{robot_id} is a {series}",
    "FrameReceived": "{robot_id} sent frame {frame_id}",
    "DeadlineFell": "A deadline fell due",
    "Weighed": "{robot_id} weighed: {cost_ms} ms {out}",
    "FloorTaken": "{robot_id} has the floor where it stands",
    "FloorFreed": "{robot_id} gives floor back: {reason}",
    "LookExpected": "{robot_id} is to look at the package",
    "HomeGiven": "{robot_id} has its own place to park",
    "RemedyShown": "{robot_id}: {remedy}",
    "ChargingAsked": "{robot_id} asked to charge: {start}",
    "WorkerChanged": "{worker}: {detail}",
    "PayloadRejected": "{count} messages on {topic} not used: {reason}",
    "MessagesUsable": "All messages of {robot_id} are usable again",
    "RobotPaused": "{robot_id} paused: {stray_id} is near it, off its floor",
    "RobotResumed": "{robot_id} may go on: {note}",
}
SLOT = re.compile(r"\{([\w.]+)\}")
WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def title_of(name: str, body: str) -> str:
    """One line about a row; the type's own words where there is no sentence."""
    template = TEMPLATES.get(name)
    if template is None:
        return WORDS.sub(" ", name).capitalize()
    try:
        content: Any = json.loads(body)
    except ValueError:
        return f"{name} (its body cannot be read)"
    text = SLOT.sub(lambda slot: _word(_field(content, slot[1])), template)
    return text.rstrip(": ")


def _field(content: object, name: str) -> object:
    """A field of the body, "a.b" for a field of a field; None if it is not there."""
    for part in name.split("."):
        content = content.get(part) if isinstance(content, dict) else None
    return content


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return str(len(value))
    if isinstance(value, str):
        return value.replace("_", " ") if value.islower() and " " not in value else value
    return str(value)
