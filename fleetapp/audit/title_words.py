"""The sentences for journal rows, by type; slots in braces are fields of the row's body.

Robots are called by their names, durations are said in seconds and minutes; ids
stand in columns of their own. One table for all types, and one for those whose
sentence depends on the value of a field.
"""

TEMPLATES: dict[str, str] = {
    "TaskAccepted": "{task.task_id} taken over: {task.from_station} to {task.to_station}",
    "TaskAssigned": (
        "{task_id} given to {robot_id}, {cost_ms} away, the best of {candidates} candidates"
    ),
    "TaskMoved": "{task_id} is {state}: {reason}",
    "PlanRequested": "{robot_id} needs a route to {station_id}",
    "PlanProposed": "Route for {robot_id} found, {travel_ms} of driving",
    "PlanDropped": "Route for {robot_id} not used: {reason}",
    "OrderIssued": "{robot_id} is sent to {goal_station}",
    "RouteReplaced": "{robot_id} goes another way, to {goal_station}",
    "BaseExtended": "{robot_id} may drive on, to node {released_to} of its way",
    "OrderEnded": "The order of {robot_id} ended: {how}",
    "OrderAcknowledged": "{robot_id} shows its order, update {order_update_id}",
    "NodePassed": "{robot_id} passed {node_id}",
    "CancelOrdered": "{robot_id} is told to give its order up: {reason}",
    "RobotWaits": "{robot_id}: {sentence}",
    "WaitEnded": "{robot_id} waits no longer",
    "RobotHeld": "{robot_id} held by {by}: {note}",
    "RobotPaused": "{robot_id} paused: {stray_id} is near it, off its floor",
    "RobotResumed": "{robot_id} may go on: {note}",
    "HoldReleased": "{robot_id} released by {by}: {note}",
    "FleetStopped": "All robots stopped by {by}",
    "FleetReleased": "All robots released by {by}: {note}",
    "RecognitionJudged": "{robot_id}: {sentence}",
    "PackageRecognised": "The picture of {robot_id} is answered after {latency_ms}",
    "ReviewOpened": "{robot_id} asks: {doubt}",
    "ReviewClosed": "Question answered by {by}: {answer}",
    "AlarmRaised": "Alarm, {kind}: {cause}",
    "AlarmEnded": "Alarm is over: {alarm_id}",
    "AlarmAcknowledged": "Alarm seen by {by}: {alarm_id}",
    "RobotAdmitted": "{robot_id} admitted as {name} ({robot_type}) by {by}",
    "RobotRemoved": "{robot_id} removed by {by}",
    "RobotFellSilent": "{robot_id} fell silent: no report for {limit_ms}",
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
    "LinkChanged": "The broker speaks of the link of {robot_id}",
    "OrderUnacknowledged": "{robot_id} does not show its order after {attempts} tries",
    "OrderRefused": "{robot_id} refused its order: {error}",
    "ActionEnded": "{robot_id} ended its {action_id}",
    "OrderFinished": "{robot_id} finished its order",
    "OrderGone": "{robot_id} no longer shows its order",
    "CancelConfirmed": "{robot_id} gave its order up",
    "CancelUnconfirmed": "{robot_id} does not confirm that it gave its order up",
    "PauseConfirmed": "{robot_id} confirms what it was told",
    "PauseUnconfirmed": "{robot_id} does not confirm what it was told",
    "ChargingUnconfirmed": "{robot_id} does not confirm what it was told about charging",
    "LeftBase": "{robot_id} is at {node_id}, beyond the floor it was given",
    "QuirkSeen": "{robot_id} differs from the standard: {quirk}",
    "FactsheetSeen": "{robot_id} is a {series}",
    "FrameReceived": "{robot_id} sent a picture",
    "DeadlineFell": "It was time to look what is due",
    "FloorTaken": "{robot_id} has the floor where it stands",
    "FloorFreed": "{robot_id} gives floor back: {reason}",
    "LookExpected": "{robot_id} is to look at the package",
    "HomeGiven": "{robot_id} has its own place to park",
    "RemedyShown": "{robot_id}: {remedy}",
    "ChargingAsked": "{robot_id} is told about charging",
    "WorkerChanged": "{worker}: {detail}",
    "PayloadRejected": "Messages of {robot_id} not used ({count}): {reason}",
    "MessagesUsable": "All messages of {robot_id} are usable again",
    "RecordDoubted": "The journal is in doubt: {text}",
    "PartBroke": "A part of the engine failed: {part} ({fault})",
    "RuleBroke": "A rule failed and was undone: {rule} ({fault})",
    "HaltBegan": "Nothing is allowed until a supervisor decides: {note}",
    "HaltEnded": "{by} lets the fleet go on: {note}",
}

# Types whose sentence depends on a field: its name, and the sentence for each value.
BY_VALUE: dict[str, tuple[str, dict[str, str]]] = {
    "OrderIssued": (
        "purpose",
        {
            "to_pick": "{robot_id} is sent to pick at {goal_station}",
            "look": "{robot_id} is told to look again at {goal_station}",
            "carry": "{robot_id} is told to pick and carry to {goal_station}",
            "to_return": "{robot_id} is sent back to {goal_station} with its load",
            "charge": "{robot_id} is sent to charge at {goal_station}",
            "park": "{robot_id} is sent to park at {goal_station}",
            "move_aside": "{robot_id} makes room, to {goal_station}",
        },
    ),
    "ActionEnded": (
        "ok",
        {
            "yes": "{robot_id} ended its {action_id}",
            "no": "The {action_id} of {robot_id} failed: {result}",
        },
    ),
    "PauseConfirmed": (
        "paused",
        {
            "yes": "{robot_id} confirms that it stands",
            "no": "{robot_id} confirms that it goes on",
        },
    ),
    "PauseUnconfirmed": (
        "paused",
        {
            "yes": "{robot_id} does not confirm that it stands",
            "no": "{robot_id} does not confirm that it goes on",
        },
    ),
    "ChargingAsked": (
        "start",
        {
            "yes": "{robot_id} is told to charge",
            "no": "{robot_id} is told to stop charging",
        },
    ),
    "LinkChanged": (
        "online",
        {
            "yes": "{robot_id} is connected",
            "no": "{robot_id} is not connected, the broker says",
        },
    ),
    "HaltBegan": (
        "whole",
        {
            "yes": "Nothing is allowed until a supervisor decides: {note}",
            "no": "The rule {rule} rests until a supervisor decides: {note}",
        },
    ),
    "RemedyShown": ("remedy", {"": "{robot_id} can be driven again"}),
    "CommandGiven": (
        "command_type",
        {
            "SubmitTask": "Task wanted: {command.from_station} to {command.to_station}",
            "CancelTask": "Cancel of {command.task_id} wanted: {command.reason}",
            "RequeueTask": "{command.task_id} to be queued again: {command.reason}",
            "HoldRobot": "Hold of {command.robot_id} wanted: {command.reason}",
            "ReleaseHold": "Release of {command.robot_id} wanted: {command.reason}",
            "StopAll": "Stop of all robots wanted: {command.reason}",
            "ReleaseAll": "Release of all robots wanted: {command.reason}",
            "AdmitRobot": "Admission of {command.name} wanted",
            "RemoveRobot": "Removal of {command.robot_id} wanted",
            "AnswerReview": "Answer to a question: {command.answer}",
            "AcknowledgeAlarm": "Alarm seen: {command.alarm_id}",
            "EndHalt": "End of a halt wanted: {command.reason}",
        },
    ),
}
