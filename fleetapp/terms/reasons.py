"""Closed lists of reasons: every decision, wait, hold and refusal names one."""

from enum import StrEnum


class Abstain(StrEnum):
    """Why a recognition gives no answer that a robot may act on."""

    TOO_DARK = "too_dark"
    BLURRED = "blurred"
    NO_PACKAGE = "no_package"
    AMBIGUOUS = "ambiguous"
    LOW_CONFIDENCE = "low_confidence"
    CODE_UNREAD = "code_unread"
    CODE_MISMATCH = "code_mismatch"


class HoldReason(StrEnum):
    """Why a robot stands still until a person releases it."""

    BY_PERSON = "by_person"
    FLEET_STOP = "fleet_stop"
    NOT_SURE = "not_sure"  # recognition abstained; a review is open
    NO_RECOGNITION = "no_recognition"  # no answer within 10 s, or a frame that cannot be judged
    ORDER_UNACKNOWLEDGED = "order_unacknowledged"
    ORDER_REFUSED = "order_refused"
    ACTION_FAILED = "action_failed"
    LOAD_UNKNOWN = "load_unknown"
    OFF_ROADMAP = "off_roadmap"
    FOREIGN_ORDER = "foreign_order"
    WRONG_MAP = "wrong_map"
    LEFT_BASE = "left_base"
    FOUND_PAUSED = "found_paused"
    FATAL_ERROR = "fatal_error"
    EMERGENCY_STOP = "emergency_stop"
    NO_ROUTE = "no_route"
    REVIEW_REJECTED = "review_rejected"
    RULE_BROKEN = "rule_broken"  # a rule of ours failed for it


class WaitCause(StrEnum):
    """Why a robot stands still for a cause that ends by itself."""

    TRAFFIC = "traffic"  # another robot owns the floor ahead
    DEADLOCK_AVOIDANCE = "deadlock_avoidance"  # entering now could block all
    PLAN = "plan"  # the planner has not answered yet
    ACKNOWLEDGEMENT = "acknowledgement"  # order sent, state does not show it yet
    RECOGNITION = "recognition"  # frame not answered yet
    RECORD = "record"  # the journal row is not durable yet
    JOURNAL = "journal"  # the journal cannot be written
    CANCEL = "cancel"  # a cancel takes effect
    FIELD_VIOLATION = "field_violation"  # protective field is violated
    BROKER = "broker"  # no connection to the broker
    MODE = "mode"  # not in automatic mode
    PAUSED_BY_ROBOT = "paused_by_robot"
    RESUME = "resume"  # it was told to go on, its report does not show it yet
    NO_PROGRESS = "no_progress"  # it owns floor ahead and does not drive
    NOT_FINISHED = "not_finished"  # at the end of its order, and its report lists more
    LOAD = "load"  # it set its load down, its reports do not agree yet
    ACTION = "action"  # an action at its node takes long
    STRAY_NEAR = "stray_near"  # another robot is near it, off its floor
    HALT = "halt"  # nothing is allowed until a supervisor decides
    LOST_POSITION = "lost_position"  # it reports that it does not know where it is


class Out(StrEnum):
    """Why a robot was no candidate for a task."""

    HAS_TASK = "has_task"
    HELD = "held"
    SILENT = "silent"
    PAUSED = "paused"  # by us or at the robot, or something is in its protective field
    LOW_BATTERY = "low_battery"
    OUT_OF_REACH = "out_of_reach"  # too little charge for this task and then a charger
    CHARGES_FOR_TASK = "charges_for_task"  # one that waited long and needs more charge
    NOT_AUTOMATIC = "not_automatic"
    EMERGENCY_STOP = "emergency_stop"
    LOADED = "loaded"
    OFF_ROADMAP = "off_roadmap"
    UNREACHABLE = "unreachable"
    BUSY = "busy"  # another order must end first
    OTHER_WISHED = "other_wished"  # the task is wished for another robot
    NOT_ADMITTED = "not_admitted"
    FATAL_ERROR = "fatal_error"


class Aside(StrEnum):
    """Why a queued task cannot be done now; it is set aside and counts towards no limit."""

    PREDECESSOR_OPEN = "predecessor_open"
    PREDECESSOR_FAILED = "predecessor_failed"  # a person decides
    PREDECESSOR_CANCELLED = "predecessor_cancelled"  # a person decides
    PREDECESSOR_UNKNOWN = "predecessor_unknown"  # a person decides
    WISHED_ROBOT_OUT = "wished_robot_out"  # why it is out stands beside
    WISHED_ROBOT_UNKNOWN = "wished_robot_unknown"
    NO_ROBOT_TYPE = "no_robot_type"  # no admitted robot is of a type that reaches both stations
    ALL_ROBOTS_OUT = "all_robots_out"  # no robot works that could take it when it is free again
    PLACE_KEPT = "place_kept"  # a robot that will not go on by itself stands in the way
    NO_WAY = "no_way"  # no free robot can drive to it from where it stands
    CHARGED_ROBOT = "charged_robot"  # it waited long and no robot that works has the charge
    NO_CHARGE = "no_charge"  # no free robot's charge reaches it and then a charger


BEHIND_ANOTHER = frozenset(
    {
        Aside.PREDECESSOR_OPEN,
        Aside.PREDECESSOR_FAILED,
        Aside.PREDECESSOR_CANCELLED,
        Aside.PREDECESSOR_UNKNOWN,
    }
)

# What only a person can end: the task is sent on alone or cancelled, or that one queued again.
NEEDS_A_PERSON = BEHIND_ANOTHER - {Aside.PREDECESSOR_OPEN}


class Refusal(StrEnum):
    """Why a command was refused."""

    NOT_SIGNED_IN = "not_signed_in"
    ROLE_TOO_LOW = "role_too_low"
    REASON_MISSING = "reason_missing"
    UNKNOWN_ROBOT = "unknown_robot"
    UNKNOWN_TASK = "unknown_task"
    UNKNOWN_STATION = "unknown_station"
    UNKNOWN_REVIEW = "unknown_review"
    UNKNOWN_ALARM = "unknown_alarm"
    UNKNOWN_TYPE = "unknown_type"
    DUPLICATE_TASK = "duplicate_task"  # the id is that of a task with other content
    DUPLICATE_COMMAND = "duplicate_command"  # the id was used for another command
    DUPLICATE_ROBOT = "duplicate_robot"
    STATION_NOT_FOR_THAT = "station_not_for_that"
    UNREACHABLE = "unreachable"
    ALREADY_ENDED = "already_ended"
    NOT_HELD = "not_held"
    NOT_STOPPED = "not_stopped"
    STALE_REVIEW = "stale_review"
    EMERGENCY_STOP = "emergency_stop"  # the robot still reports it
    FATAL_ERROR = "fatal_error"  # the robot still reports one
    JOURNAL_UNAVAILABLE = "journal_unavailable"
    ROBOT_BUSY = "robot_busy"
    UNKNOWN_DEPENDENCY = "unknown_dependency"
    UNKNOWN_HALT = "unknown_halt"
    RULE_BROKEN = "rule_broken"  # the rule that answers it failed


class AlarmKind(StrEnum):
    """What an alarm is about; priority and text follow from it."""

    EMERGENCY_STOP = "emergency_stop"
    STOP_UNCONFIRMED = "stop_unconfirmed"
    HOLD_UNCONFIRMED = "hold_unconfirmed"
    LEFT_BASE = "left_base"
    ROBOT_SILENT = "robot_silent"
    ROBOT_FATAL = "robot_fatal"
    ROBOT_HELD = "robot_held"
    JOURNAL_UNAVAILABLE = "journal_unavailable"
    BROKER_DOWN = "broker_down"
    RECOGNISER_DOWN = "recogniser_down"
    TASK_FAILED = "task_failed"
    LONG_WAIT = "long_wait"
    ROBOT_WARNING = "robot_warning"
    NOT_CHARGING = "not_charging"
    FOREIGN_ORDER = "foreign_order"
    PAYLOAD_REJECTED = "payload_rejected"
    ROBOT_NOTICED = "robot_noticed"
    NO_ROUTE = "no_route"
    RULE_BROKEN = "rule_broken"
    RECORD_DOUBTED = "record_doubted"


class HaltReason(StrEnum):
    """Why nothing is allowed, or one rule of the fleet rests, until a supervisor decides."""

    RECORD_DOUBTED = "record_doubted"  # the journal is not the one that was left
    RULE_BROKEN = "rule_broken"  # a rule about all failed, or one failed for three robot types
    KERNEL_BROKEN = "kernel_broken"  # what carries the rules failed
