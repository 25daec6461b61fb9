"""A fleet as the engine would show it."""

from fleetapp.api.views import (
    NOT_STOPPED,
    AlarmView,
    Candidate,
    FleetView,
    HoldView,
    JournalRowView,
    ProcessView,
    ReviewView,
    RobotView,
    SeenPackage,
    Snapshot,
    StoryLine,
    TaskView,
    Why,
)
from fleetapp.terms.modes import (
    LoadState,
    OperatingMode,
    Priority,
    ReviewAnswer,
    RobotState,
    TaskState,
    Verification,
)
from fleetapp.terms.reasons import Abstain, AlarmKind, HoldReason

NOW = 1_795_520_000_000


def robot(called, state=RobotState.WORKING, **changes):
    """A robot of maker "halden"."""
    number = int(called[1:])
    facts = {
        "robot_id": f"halden/{called}",
        "name": called,
        "robot_type": "picker",
        "maker": "halden",
        "serial": called,
        "admitted": True,
        "state": state,
        "state_since_ms": NOW - 4_000 * number,
        "doing": f"Carrying to P{number % 7 + 1}",
        "place": f"A{number % 9 + 1:02d}-{number % 20 + 10}",
        "x_m": 8.0 + (number * 7) % 44,
        "y_m": 10.0 + (number * 11) % 30,
        "heading_rad": 1.57 * (number % 4),
        "battery_fraction": 0.35 + (number * 13 % 60) / 100,
        "charging": False,
        "load": LoadState.LOADED if number % 2 else LoadState.EMPTY,
        "mode": OperatingMode.AUTOMATIC,
        "task_id": f"T-{20900 + number}",
        "order_id": f"o-{number}",
        "why": None,
        "holds": (),
        "base": ("N-0101", "N-0102", "N-0103"),
        "horizon": (),
        "remedy": "",
        "last_report_ms": NOW - 300,
        "protocol": "2.1",
        "software": "3.4.1",
        "story": STORY,
    }
    return RobotView(**{**facts, **changes})


STORY = (
    StoryLine(NOW - 6_000, "Stopped at the end of its base: crossing A05 is held by r04", 1_220),
    StoryLine(NOW - 33_000, "Picked carton 4006381-12 at A05-14, seen 97 % sure", 1_190),
    StoryLine(NOW - 39_000, "Photograph matched the task: label read", 1_180),
    StoryLine(NOW - 111_000, "Took T-20917 over from the queue", 1_100),
)


def standing_robots():
    """Those that a person should look at."""
    unsure = Why(
        "Camera not sure: carton 81 % sure, 90 % needed. A review ends it.",
        "not_sure", NOW - 38_000, "when a person answers the review", "frame f-81", None, 1_204,
    )  # fmt: skip
    wheel = Why(
        "Held by mara since 13:58: wheel noise. A release ends it.",
        "by_person", NOW - 250_000, "when a supervisor releases it", "command", None, 1_150,
    )  # fmt: skip
    silent = Why(
        "No report for 14 s. It stops by itself at A02-06, the end of its base.",
        "silent", NOW - 14_000, "when it reports again", "last report", None, 1_210,
    )  # fmt: skip
    traffic = Why(
        "Waits for r04, which crosses here and turns into aisle A04 next.",
        "traffic", NOW - 6_000, "when r04 is past A05", "reservation A05", "halden/r04", 1_220,
    )  # fmt: skip
    held = HoldView(HoldReason.NOT_SURE, NOW - 38_000, "system", "", True)
    by_mara = HoldView(HoldReason.BY_PERSON, NOW - 250_000, "mara", "wheel noise", True)
    return (
        robot("r23", RobotState.HELD, why=unsure, holds=(held,), place="A09-28"),
        robot("r31", RobotState.HELD, why=wheel, holds=(by_mara,), robot_type="tugger"),
        robot("r09", RobotState.SILENT, why=silent, last_report_ms=NOW - 14_000),
        robot("r17", RobotState.WAITING, why=traffic, place="A05-20"),
    )


def noticed_robots():
    """One that may be admitted, one that may not."""
    facts = {"admitted": False, "robot_type": "", "task_id": None, "doing": "Noticed"}
    return (
        robot("r49", RobotState.NOTICED, **facts, serial="HR-C12-0731", name="HR-C12-0731"),
        robot(
            "r50", RobotState.NOTICED, **facts, serial="HR-C12-0688", name="HR-C12-0688",
            remedy="It stands on map hall-1; this site is hall-2. Load map hall-2 at the robot.",
        ),
    )  # fmt: skip


def task(number, state, **changes):
    """One task."""
    facts = {
        "task_id": f"T-{number}",
        "state": state,
        "sku": f"4006381-{number % 97:02d}",
        "label_code": None,
        "count": number % 3 + 1,
        "from_station": f"A{number % 9 + 1:02d}-{number % 20 + 10}",
        "to_station": f"P{number % 7 + 1}",
        "priority": Priority.HIGH if number % 6 == 0 else Priority.NORMAL,
        "due_ms": NOW + (number % 14 - 2) * 60_000 if number % 3 else None,
        "after_task_id": None,
        "created_ms": NOW - number % 11 * 47_000,
        "created_by": "leo",
        "assigned_ms": NOW - 90_000,
        "ended_ms": None,
        "robot_id": f"halden/r{number - 20900:02d}",
        "step": 3,
        "sentence": "On its way to the drop",
        "load_is": "on its robot",
        "verification": Verification.VERIFIED,
        "candidates": (
            Candidate(f"halden/r{number - 20900:02d}", 41_000, None),
            Candidate("halden/r05", 58_000, None),
            Candidate("halden/r06", None, "low_battery"),
        ),
        "candidates_out": (("has_task", 17),),
    }
    return TaskView(**{**facts, **changes})


def shown_tasks():
    """Under way, in review, queued, ended."""
    queued = {"robot_id": None, "step": 0, "candidates": (), "assigned_ms": None}
    ended = {"robot_id": None, "step": 5, "ended_ms": NOW - 60_000, "sentence": "Done"}
    return (
        task(20923, TaskState.IN_REVIEW, step=1, sentence="A person answers the review"),
        *(task(n, TaskState.CARRYING) for n in (20901, 20902, 20905, 20906, 20917)),
        *(task(n, TaskState.DRIVING_TO_PICK, step=0) for n in (20903, 20904, 20907)),
        *(
            task(n, TaskState.QUEUED, **queued, sentence="Waits for a free robot")
            for n in (20941, 20942, 20943, 20944)
        ),
        *(task(n, TaskState.DONE, **ended) for n in (20801, 20802, 20803)),
        task(20804, TaskState.CANCELLED, **{**ended, "sentence": "Cancelled by leo"}),
    )


def shown_alarms():
    """One of each priority that occurs."""
    return (
        AlarmView(
            "a1", AlarmKind.ROBOT_SILENT, 2, "r09 is silent", "No report for 14 s.",
            "It stops by itself at A02-06. Aisle A02 north stays reserved.",
            ("Look along aisle A02: does r09 stand, is its lamp on?",
             "If its radio is off, switch it on; it reports and goes on.",
             "If it is dead, call the maker's service."),
            ("halden/r09",), NOW - 14_000, None, None, 1,
        ),
        AlarmView(
            "a2", AlarmKind.ROBOT_HELD, 3, "r23 is held: camera not sure",
            "Carton at A09-28 is 81 % sure, 90 % needed.", "r23 stands in aisle A09.",
            ("Open the review and answer it.",), ("halden/r23",), NOW - 38_000, None, None, 1,
        ),
        AlarmView(
            "a3", AlarmKind.ROBOT_HELD, 3, "r31 is held by mara", "Wheel noise.",
            "Its task T-20931 waits.", ("Look at the wheel, then release it.",),
            ("halden/r31",), NOW - 250_000, None, "mara", 2,
        ),
        AlarmView(
            "a4", AlarmKind.PAYLOAD_REJECTED, 4, "A payload was rejected",
            "state of halden/r12 was longer than 64 KiB.", "It was not read.",
            ("Look at the robot's software.",), ("halden/r12",), NOW - 900_000, NOW - 600_000,
            None, 3,
        ),
    )  # fmt: skip


def review(review_id, robot_id, **changes):
    """A question about a package."""
    facts = {
        "review_id": review_id,
        "robot_id": robot_id,
        "task_id": "T-20923",
        "frame_id": f"f-{review_id}",
        "station": "A09-28",
        "asked_ms": NOW - 38_000,
        "abstain": Abstain.LOW_CONFIDENCE,
        "doubt": "It sees a carton in the right place, but is not sure enough.",
        "meaning": "81 % sure means: of 100 such answers about 19 were wrong.",
        "expected_sku": "4006381-33",
        "expected_code": "4006381-33393",
        "frame_width_px": 1280,
        "frame_height_px": 960,
        "crop_scale": 0.25,
        "packages": (
            SeenPackage(420, 330, 500, 420, "box", 0.81, (), True),
            SeenPackage(30, 500, 260, 300, "box", 0.44, (), False),
        ),
        "threshold": 0.9,
        "light": 0.21,
        "sharpness": 0.62,
        "bundle": "carton-lite 1.0.0",
        "bundle_digest": "9f2c33d0b1",
    }
    return ReviewView(**{**facts, **changes})


def shown_reviews():
    """Two open, three answered."""

    def ended(number, answer, person):
        return {
            "answer": answer, "answered_by": person, "answered_ms": NOW - number * 300_000,
            "asked_ms": NOW - number * 300_000 - 7_000, "note": "I read it",
        }  # fmt: skip

    return (
        review("v1", "halden/r23"),
        review("v2", "halden/r05", asked_ms=NOW - 9_000, abstain=Abstain.CODE_UNREAD),
        review("v3", "halden/r02", **ended(1, ReviewAnswer.ACCEPT, "mara")),
        review("v4", "halden/r03", **ended(2, ReviewAnswer.CORRECT, "leo")),
        review("v5", "halden/r06", **ended(4, ReviewAnswer.REJECT, "mara")),
    )


def fleet_view(**changes):
    """The fleet as a whole."""
    facts = {
        "site_id": "demo", "site_name": "Demo warehouse", "layout_version": "14", "at_ms": NOW,
        "started_ms": NOW - 3_600_000,
        "stop": NOT_STOPPED,
        "processes": (
            ProcessView("broker", True, "127.0.0.1:18831"),
            ProcessView("recogniser", True, "carton-lite 1.0.0"),
        ),
        "robots_working": 14, "robots_admitted": 20, "tasks_open": 13, "tasks_done": 291,
        "tasks_failed": 2, "tasks_done_last_hour": 212,
        "done_per_minute": tuple(3 + n * 7 % 5 for n in range(60)), "tasks_late": 1,
        "tasks_due_done": 180, "tasks_on_time": 176,
        "journal_seq": 1_231, "journal_durable_seq": 1_239, "journal_lag_ms": 6,
        "rejected_payloads": 3, "first_user_needed": False,
    }  # fmt: skip
    return FleetView(**{**facts, **changes})


def fleet_snapshot(**changes):
    """Everything."""
    calm = [robot(f"r{n:02d}") for n in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14)]
    calm.append(robot("r15", RobotState.CHARGING, doing="Charging", task_id=None, charging=True))
    calm.append(robot("r16", RobotState.IDLE, doing="Parked", task_id=None))
    robots = (*calm, *standing_robots(), *noticed_robots())
    facts = {
        "seq": 1, "at_ms": NOW, "fleet": fleet_view(), "robots": robots, "tasks": shown_tasks(),
        "alarms": shown_alarms(), "reviews": shown_reviews(),
    }  # fmt: skip
    return Snapshot(**{**facts, **changes})


KINDS = (
    ("decision", "BaseExtended", "r04 is released to A04 x mid lane"),
    ("input", "RobotReported", "State 90,412 of r12: not driving"),
    ("decision", "TaskAssigned", "T-20917 was given to r17: least time, 41 s"),
    ("input", "HoldRobot", "mara asked to hold r31: wheel noise"),
    ("decision", "RobotHeld", "r31 is held until a person releases it"),
)


def journal_row(seq):
    """One row, every fifth of a kind."""
    kind, name, title = KINDS[seq % 5]
    actor = "mara" if name == "HoldRobot" else "core" if kind == "decision" else "robot"
    return JournalRowView(
        seq, NOW - (1231 - seq) * 900, kind, name, title, actor, "halden/r12", "T-20917",
        None, seq - 2 if kind == "decision" else None, '{"at_ms":1,"reason":"by_person"}',
        f"{seq:064x}",
    )  # fmt: skip
