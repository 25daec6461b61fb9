"""Closed lists of states and modes, as STYLE.md section 1 names them."""

from enum import StrEnum


class RobotState(StrEnum):
    """What a robot is doing, in the order of urgency that lists use."""

    STOPPED = "stopped"
    EMERGENCY_STOP = "emergency_stop"
    HELD = "held"
    SILENT = "silent"
    WAITING = "waiting"
    WORKING = "working"
    CHARGING = "charging"
    IDLE = "idle"
    SERVICE = "service"
    NOTICED = "noticed"


class TaskState(StrEnum):
    """The life cycle of a task; the table of transitions is `fleetapp.tasks.lifecycle`."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    DRIVING_TO_PICK = "driving_to_pick"
    LOOKING = "looking"
    IN_REVIEW = "in_review"
    PICKING = "picking"
    CARRYING = "carrying"
    DROPPING = "dropping"
    RETURNING = "returning"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    """How urgent a task is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Role(StrEnum):
    """What a person may do."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"


class OperatingMode(StrEnum):
    """VDA 5050 operating modes, spelled as the product says them."""

    AUTOMATIC = "automatic"
    SEMIAUTOMATIC = "semiautomatic"
    MANUAL = "manual"
    SERVICE = "service"
    TEACH_IN = "teach_in"
    UNKNOWN = "unknown"


class EmergencyStop(StrEnum):
    """What the robot's own safety controller reports."""

    NONE = "none"
    AUTO_ACKNOWLEDGE = "auto_acknowledge"
    MANUAL = "manual"
    REMOTE = "remote"
    UNKNOWN = "unknown"


class LoadState(StrEnum):
    """Whether a robot carries something, as far as it told us."""

    EMPTY = "empty"
    LOADED = "loaded"
    UNKNOWN = "unknown"


class StationKind(StrEnum):
    """What a station is for."""

    PICK = "pick"
    PACK = "pack"
    GOODS_IN = "goods_in"
    RETURN = "return"
    CHARGER = "charger"
    PARKING = "parking"


# Where goods are picked up, and where they are brought to.
SOURCE_KINDS = frozenset({StationKind.PICK, StationKind.GOODS_IN})
TARGET_KINDS = frozenset({StationKind.PACK, StationKind.GOODS_IN, StationKind.RETURN})


class ZoneKind(StrEnum):
    """Areas with a rule, named as in VDA 5050 3.0 where it has a name."""

    BLOCKED = "BLOCKED"
    SPEED_LIMIT = "SPEED_LIMIT"
    DIRECTED = "DIRECTED"  # one way: nothing drives against its direction
    PEOPLE_CROSSING = "PEOPLE_CROSSING"


class ReviewAnswer(StrEnum):
    """What a person says to a review."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"


class Verification(StrEnum):
    """How far the identity of a picked item was established."""

    VERIFIED = "verified"  # the expected code was read on the target
    IDENTITY_NOT_VERIFIED = "identity_not_verified"  # package seen, task has no code
    NOT_VERIFIED = "not_verified"  # robot without a camera
    BY_PERSON = "by_person"  # a review was answered
