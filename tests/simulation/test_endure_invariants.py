"""Each invariant can fail: fed a situation that should not be, it says so."""

from dataclasses import replace
from functools import cache

import msgspec
import pytest

from fleetapp.api import commands as asked
from fleetapp.api.commands import Outcome, Person
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.rows import Entry
from fleetapp.core.state import FleetStop, Review, State
from fleetapp.core.turn import Row
from fleetapp.fleet.look import Look
from fleetapp.fleet.robot import Hold, Wait
from fleetapp.simulation.endure import books, gate
from fleetapp.simulation.endure.hands import Hands
from fleetapp.simulation.endure.model import Known, Model
from fleetapp.simulation.endure.negatives import broken_rows, bypasses
from fleetapp.simulation.endure.outlines import Excused, overlaps
from fleetapp.simulation.endure.promises import Promises
from fleetapp.simulation.endure.replaying import differs_decided, differs_folded
from fleetapp.simulation.endure.reports import Reports
from fleetapp.simulation.endure.script import Event, draw
from fleetapp.simulation.endure.shift import Shift
from fleetapp.simulation.endure.sites import SitePlan
from fleetapp.simulation.endure.stage import RULES
from fleetapp.simulation.endure.standing import Standing, untrue
from fleetapp.simulation.endure.wire_watch import WireWatch
from fleetapp.simulation.robots.robot import Deed
from fleetapp.terms.modes import EmergencyStop, OperatingMode, Role, TaskState, Verification
from fleetapp.terms.reasons import HaltReason, HoldReason, WaitCause

R1, R2 = "fleetapp-sim/r01", "fleetapp-sim/r02"


@cache
def a_shift_under_way():
    """Robots drive, with orders, floor and tasks."""
    tasks = tuple(
        Event(20 * n, "task", "plain", n, {"from": 3 * n, "to": n, "other": 0}) for n in range(3)
    )
    script = replace(
        draw(3),
        plan=SitePlan("ring"),
        fleet=("carrier", "carrier", "carrier"),
        events=tasks,
        late=(),
        needs_two=False,
        shortest_ms=0,
    )
    shift = Shift(script)
    shift._run_until(9_000)
    return shift


def state():
    return a_shift_under_way().stage.system.state


def driving():
    return next(iter(state().orders.values()))


def with_robot(found: State, robot_id, **changes) -> State:
    robots = {**found.robots, robot_id: replace(found.robots[robot_id], **changes)}
    return replace(found, robots=robots)


def free_model():
    known = Known(
        admitted=True,
        reported=True,
        mode=OperatingMode.AUTOMATIC,
        emergency_stop=EmergencyStop.NONE,
        localized=True,
    )
    return Model(robots={R1: known, R2: replace(known, holds={})})


def extended(robot_id=R1):
    return Row(5, made.BaseExtended(0, "o1", robot_id, 1, 3, ()), None)


# --- books ------------------------------------------------------------------
def test_floor_of_one_robot_that_excludes_anothers_is_told():
    reach = state().floor.masks.reach
    one, near = next(
        (r, n) for r in range(len(reach)) for n in range(len(reach)) if n != r and reach[r] >> n & 1
    )

    wrong = replace(state(), owners={one: R1, near: R2})

    assert not list(books.floor_of_two(state()))
    assert list(books.floor_of_two(wrong))


def test_a_released_base_that_is_not_owned_is_told():
    order = driving()
    others = {r: o for r, o in state().owners.items() if o != order.robot_id}

    assert not list(books.base_is_owned(state()))
    assert list(books.base_is_owned(replace(state(), owners=others)))


def test_a_task_with_two_robots_is_told():
    order = driving()
    other = next(r for r in state().robots if r != order.robot_id)
    wrong = with_robot(state(), other, task_id=order.task_id)

    assert not list(books.tasks_in_one_place(state()))
    assert list(books.tasks_in_one_place(wrong))


def test_an_order_a_plan_a_look_and_a_wait_that_outlive_their_subject_are_told():
    order = driving()
    robot_id = order.robot_id
    wait = Wait(WaitCause.PLAN, 0, "", "")

    assert list(books.orders_have_robots(with_robot(state(), robot_id, order_id=None)))
    assert list(books.looks_have_tasks(with_robot(state(), robot_id, look=Look("T-gone", 1))))
    idle = with_robot(state(), robot_id, order_id=None, task_id=None, wait=wait)
    assert list(books.waits_have_work(idle))


def test_an_open_question_whose_task_went_on_is_told():
    review = Review(msgspec.convert(_review_fields(), made.ReviewOpened))

    assert list(books.reviews_have_subjects(replace(state(), reviews={"rv": review})))


def _review_fields():
    task_id = driving().task_id
    return {
        "at_ms": 0,
        "review_id": "rv",
        "robot_id": R1,
        "task_id": task_id,
        "frame_id": "f",
        "station_id": "A01",
        "abstain": "low_confidence",
        "doubt": "",
        "meaning": "",
        "boxes": [],
        "target": None,
        "width_px": 1,
        "height_px": 1,
        "light_permille": 1,
        "sharpness_permille": 1,
        "threshold_permille": 1,
        "bundle": "",
        "bundle_digest": "",
    }


def test_a_table_that_grows_beyond_its_subject_is_told():
    grown = replace(state(), commands={f"c{n}": "" for n in range(6_000)})

    assert not list(books.tables_are_bounded(state()))
    assert [name for name, _ in books.tables_are_bounded(grown)] == ["commands"]


# --- rows -------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"silent": True},
        {"holds": {"by_person": "Olga"}},
        {"mode": OperatingMode.MANUAL},
        {"emergency_stop": EmergencyStop.MANUAL},
        {"localized": False},
        {"stray_id": R2},
        {"admitted": False},
        {"reported": False},
    ],
)
def test_base_for_a_robot_that_may_have_nothing_is_told(change):
    model = free_model()
    assert not list(broken_rows(model, (extended(),)))

    model.robots[R1] = replace(model.robots[R1], **change)

    assert [name for name, _, _ in broken_rows(model, (extended(),))] == [
        "I6 nothing while forbidden"
    ]


@pytest.mark.parametrize("change", [{"stopped": True}, {"journal_ok": False}, {"halts": {"h"}}])
def test_base_while_the_fleet_may_have_nothing_is_told(change):
    model = replace(free_model(), **change)

    assert list(broken_rows(model, (extended(),)))


def test_a_stop_forbids_from_its_row_on_and_a_release_allows_from_its_own():
    model = free_model()
    stop = Row(1, made.FleetStopped(0, "Olga", "", (R1,)), None)
    release = Row(3, made.FleetReleased(0, "Sander", "", (R1,)), None)

    told = list(broken_rows(model, (extended(), stop, extended(), release, extended())))

    assert len(told) == 1


def test_a_hold_released_by_nobody_or_while_another_hold_stays_is_told():
    model = free_model()
    model.robots[R1].holds.update({"by_person": "Olga", "fatal_error": "system"})
    by_nobody = made.HoldReleased(0, R1, (HoldReason.FATAL_ERROR,), "system", "", resume=False)
    too_early = made.HoldReleased(0, R1, (HoldReason.FATAL_ERROR,), "Sander", "", resume=True)

    assert [n for n, _, _ in broken_rows(model, (Row(1, by_nobody, None),))] == [
        "I7 holds end by people"
    ]
    assert [n for n, _, _ in broken_rows(model, (Row(2, too_early, None),))] == [
        "resume only the free"
    ]


def test_floor_of_a_silent_robot_that_is_freed_by_time_is_told():
    model = free_model()
    model.robots[R1].silent = True

    told = list(broken_rows(model, (Row(1, made.FloorFreed(R1, (1,), "time"), None),)))

    assert told[0][0] == "I11 silent keeps floor"


def test_a_command_accepted_from_somebody_who_may_not_give_it_is_told():
    person = Person("Olga", Role.OPERATOR, signed_in=True)
    given = seen.CommandGiven(0, asked.ReleaseHold("c1", R1, "well"), person)
    rows = (Row(1, given, None), Row(2, made.CommandAccepted("c1", "done"), 1))

    assert list(bypasses(rows))


# --- the gate ---------------------------------------------------------------
def leaving(order):
    payload = msgspec.json.encode({"orderId": order.order_id, "orderUpdateId": order.update_id})
    return gate.Leaving(order.robot_id, "order", payload)


def test_a_message_without_its_row_or_before_it_is_durable_is_told():
    order = driving()
    key = (order.order_id, order.update_id)

    assert gate.wrong_with(state(), gate.Rows({key: 9}), 9, leaving(order)) == ("", "")
    early = gate.wrong_with(state(), gate.Rows({key: 9}), 8, leaving(order))
    rowless = gate.wrong_with(state(), gate.Rows(), 9, leaving(order))
    assert early[0] == rowless[0] == "I4 row before message"


def test_a_message_to_a_robot_that_is_held_or_stopped_is_told():
    order = driving()
    rows = gate.Rows({(order.order_id, order.update_id): 1})
    held = with_robot(state(), order.robot_id, holds=(Hold(HoldReason.BY_PERSON, 0, "x", ""),))
    stopped = replace(state(), stop=FleetStop(0, "x", "", ()))

    assert gate.wrong_with(held, rows, 9, leaving(order))[0] == "one gate"
    assert gate.wrong_with(stopped, rows, 9, leaving(order))[0] == "one gate"


def pause_ends(robot_id):
    payload = msgspec.json.encode({"actions": [{"actionType": "stopPause"}]})
    return gate.Leaving(robot_id, "instantActions", payload)


def test_a_robot_goes_on_only_by_a_row_after_the_one_that_stopped_it():
    resumed = made.HoldReleased(0, R1, (HoldReason.BY_PERSON,), "Sander", "", resume=True)
    held = made.RobotHeld(0, R1, HoldReason.BY_PERSON, "Olga", "", "", pause=True)
    rows = gate.Rows()
    free = with_robot(state(), R1, holds=(), pause_wanted=False, reported=True)

    rows.follow(state(), (Row(5, resumed, None),))
    after_release = gate.wrong_with(free, rows, 9, pause_ends(R1))
    rows.follow(state(), (Row(6, held, None),))
    after_hold = gate.wrong_with(free, rows, 9, pause_ends(R1))

    assert after_release == ("", "")
    assert after_hold == ("I4 row before message", "stopPause left without a row")


@pytest.mark.parametrize("start", [True, False])
def test_charging_that_begins_or_ends_without_its_row_is_told(start):
    rows = gate.Rows()
    rows.follow(state(), (Row(5, made.ChargingAsked(R1, start=not start), None),))
    name = "startCharging" if start else "stopCharging"
    payload = msgspec.json.encode({"actions": [{"actionType": name}]})

    found = gate.wrong_with(state(), rows, 9, gate.Leaving(R1, "instantActions", payload))

    assert found == ("I4 row before message", f"{name} left without a row")


# --- the wire ---------------------------------------------------------------
HALT = made.HaltBegan(0, "h1", HaltReason.RECORD_DOUBTED, "", whole=True, note="")
HALT_ENDED = made.HaltEnded(0, "h1", "Sander", "")
STOP = made.FleetStopped(0, "Olga", "", (R1,))
HOLD = made.RobotHeld(0, R1, HoldReason.BY_PERSON, "Olga", "", "", pause=True)
PERSON = (HoldReason.BY_PERSON,)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (HALT, HALT_ENDED),
        (STOP, made.FleetReleased(0, "Sander", "", (R1,))),
        (HOLD, made.HoldReleased(0, R1, PERSON, "Sander", "", resume=True)),
        (own.JournalUnavailable(0, "full"), own.JournalRecovered(0)),
        (made.RobotFellSilent(0, R1, 3_000), made.RobotSpokeAgain(0, R1)),
        (
            made.RobotPaused(0, R1, R2),
            made.RobotResumed(0, R1, R2, "Sander", "", resume=True),
        ),
    ],
)
def test_what_leaves_while_it_is_forbidden_or_before_its_end_is_on_disk_is_told(begins, ends):
    watch = WireWatch(free_model())
    watch.follow((Row(5, begins, None),))

    meanwhile = list(watch.wrong_with(R1, 9))
    watch.follow((Row(8, ends, None),))
    early, late = list(watch.wrong_with(R1, 7)), list(watch.wrong_with(R1, 8))

    assert [name for name, _, _ in meanwhile] == ["one gate"]
    assert [name for name, _, _ in early] == ["I4 row before message"]
    assert late == []


def test_of_two_that_forbid_the_one_that_ends_last_must_be_on_disk():
    watch = WireWatch(free_model())
    watch.follow((Row(1, HALT, None), Row(2, HOLD, None)))
    watch.follow((Row(3, HALT_ENDED, None),))
    watch.follow((Row(4, made.HoldReleased(0, R1, PERSON, "Sander", "", resume=True), None),))

    assert list(watch.wrong_with(R1, 3))
    assert not list(watch.wrong_with(R2, 3))


def test_a_message_that_leaves_before_the_end_of_a_halt_is_on_disk_breaks_the_seed():
    shift = a_shift_to_the_end()
    system, order = shift.stage.system, next(iter(shift.stage.system.state.orders.values()))
    seq = system.durable_seq
    halt_and_end = (Row(seq + 1, HALT, None), Row(seq + 2, HALT_ENDED, None))

    shift.witness.published(order.robot_id, "order", leaving(order).payload)
    before = breaks(shift)
    shift.witness.decided(system.state, halt_and_end)
    shift.witness.published(order.robot_id, "order", leaving(order).payload)

    assert before == set()
    assert breaks(shift) == {"I4 row before message"}


# --- the floor as it truly is --------------------------------------------------
def two_robots():
    """Fresh ones, two metres apart, nobody moves."""
    script = replace(draw(3), plan=SitePlan("ring"), fleet=("plain", "plain"))
    one, other = Shift(script).stage.system.robots.values()
    one.set_down(5.0, 5.0, 0.0, "")
    other.set_down(7.0, 5.0, 0.0, "")
    return one, other


def test_robots_that_touch_are_told_and_those_a_finger_apart_are_not():
    one, other = two_robots()
    other.set_down(5.0 + one.spec.length_m - 0.01, 5.0, 0.0, "")
    assert list(overlaps((one, other), Excused()))

    other.set_down(5.0 + one.spec.length_m + 0.01, 5.0, 0.0, "")
    assert not list(overlaps((one, other), Excused()))


def test_a_robot_set_down_too_near_to_brake_for_is_excused_and_farther_away_is_not():
    one, other = two_robots()
    one.body.speed_mps = 1.0
    near, far = Excused(), Excused()

    near.appeared(other, (one, other))
    other.set_down(15.0, 5.0, 0.0, "")
    far.appeared(other, (one, other))

    assert near.pairs
    assert not far.pairs


# --- hands ------------------------------------------------------------------
def a_task():
    return replace(next(iter(state().tasks.values())), task_id="T1", label_code="L1")


def node_of(station_id):
    stations = state().floor.site.stations
    return next(s.node_ids[0] for s in stations if s.station_id == station_id)


def pick_at(node):
    return Deed("pick", "pick-1", node, 3_000)


def hands_with_a_look(*, label="L1", node=None, verification=Verification.VERIFIED):
    system = a_shift_under_way().stage.system
    task = a_task()
    node = node or node_of(task.from_station)
    look = Deed("detectObject", "look-1", node, 2_000, f"{label}|r|1".encode())
    hands = Hands(system.state.floor, system.types, tasks={"T1": task})
    hands.task_of["pick-1"] = "T1"
    hands.assigned_ms["T1"] = (R1, 1_000)
    hands.looks[R1, "frame-1"] = look
    hands.judged["T1"] = msgspec.convert(
        {
            "at_ms": 2_100,
            "robot_id": R1,
            "task_id": "T1",
            "frame_id": "frame-1",
            "frame_sha256": __import__("hashlib").sha256(look.frame).hexdigest(),
            "bundle_digest": "",
            "sure": True,
            "abstain": None,
            "verification": verification.value,
            "sentence": "",
            "threshold_permille": 0,
            "target": 0,
        },
        made.RecognitionJudged,
    )
    return hands


def right_pick():
    return pick_at(node_of(a_task().from_station))


def test_a_pick_after_a_sure_look_of_this_task_at_this_place_is_right():
    assert hands_with_a_look().wrong_with_pick(R1, "T1", right_pick()) == ""


@pytest.mark.parametrize(
    ("hands", "says"),
    [
        (lambda: hands_with_a_look(label="L2"), "picked L2 where L1 was wanted"),
        (lambda: hands_with_a_look(node="A2"), "looked at A2 and picked at"),
        (lambda: _without_judgement(hands_with_a_look()), "without a sure look"),
        (lambda: _assigned_later(hands_with_a_look()), "before it had the task"),
        (
            lambda: hands_with_a_look(verification=Verification.NOT_VERIFIED),
            "has a camera and did not look",
        ),
    ],
)
def test_a_pick_without_a_look_of_this_task_at_this_place_is_told(hands, says):
    assert says in hands().wrong_with_pick(R1, "T1", right_pick())


def test_a_pick_at_another_station_is_told():
    elsewhere = pick_at(node_of(a_task().to_station))

    assert "and not at" in hands_with_a_look().wrong_with_pick(R1, "T1", elsewhere)


def what_hands_tell(*deeds):
    """Of a robot that does these one after the other, and whose task is called done then."""
    hands = hands_with_a_look()
    hands.task_of["drop-1"] = "T1"
    told = []
    robot = next(iter(a_shift_under_way().stage.system.robots.values()))
    for deed in deeds:
        told += hands._judge(robot, deed)
    done = made.TaskMoved(9_000, "T1", TaskState.DONE, "", robot.robot_id)
    told += hands.follow((Row(9, done, None),))
    return {story for _, _, story in told}


def drop_at(node):
    return Deed("drop", "drop-1", node, 8_000)


def test_a_task_is_done_when_its_item_truly_stands_where_it_was_to_go():
    there = drop_at(node_of(a_task().to_station))

    assert what_hands_tell(right_pick(), there) == set()


def test_a_task_called_done_whose_item_nobody_set_down_there_is_told():
    nowhere = what_hands_tell(right_pick())
    elsewhere = what_hands_tell(right_pick(), drop_at(node_of(a_task().from_station)))

    assert nowhere == elsewhere == {"is done, and nobody set its item down at its goal"}


def test_an_item_that_is_picked_again_is_told_unless_its_task_was_queued_after_the_first_pick():
    again = replace(right_pick(), action_id="pick-1-again")
    queued = Row(4, made.TaskMoved(0, "T1", TaskState.QUEUED, ""), None)

    def tells(*, queued_before, queued_between):
        hands, robot = hands_with_a_look(), a_shift_under_way().stage.system.robots[R1]
        told = [*hands.follow((queued,) * queued_before), *hands._judge(robot, right_pick())]
        told += [*hands.follow((queued,) * queued_between), *hands._judge(robot, again)]
        return [name for name, _, _ in told]

    assert tells(queued_before=2, queued_between=0) == ["I3 delivered once"]
    assert tells(queued_before=0, queued_between=1) == []


def test_a_robot_that_sets_down_what_it_did_not_pick_for_the_task_is_told():
    told = what_hands_tell(drop_at(node_of(a_task().to_station)))

    assert told == {f"{R1} set down for it what it picked for nobody"}


def _without_judgement(hands):
    hands.judged.clear()
    return hands


def _assigned_later(hands):
    hands.assigned_ms["T1"] = (R1, 2_500)
    return hands


# --- reports, standing, promises, replay ---------------------------------------
def test_a_pause_called_confirmed_while_the_newest_report_says_driving_is_told():
    reports = Reports()
    body = {"headerId": 1, "timestamp": "2026-01-01T00:00:00.000Z", "driving": True}
    reports.taken_in(R1, "state", msgspec.json.encode(body))

    assert list(reports.unproved(with_robot(state(), R1, pause_confirmed=True)))
    assert not list(reports.unproved(with_robot(state(), R1, pause_confirmed=False)))


def test_a_report_older_than_the_newest_that_is_taken_is_told():
    reports = Reports()
    for header in (5, 4):
        body = {"headerId": header, "timestamp": f"2026-01-01T00:00:0{header}.000Z"}
        reports.taken_in(R1, "state", msgspec.json.encode(body))
        rows = (Row(1, _reported(), None),) if header == 4 else ()
        told = list(reports.judge(state(), rows))

    assert [name for name, _, _ in told] == ["I5 never older"]


def _reported():
    entry = next(e for e in a_shift_under_way().stage.system.entries if e.type == "RobotReported")
    return replace(msgspec.json.decode(entry.body, type=seen.RobotReported), robot_id=R1)


def test_a_wait_for_what_is_not_so_and_a_cause_that_flickers_are_told():
    robot_id = driving().robot_id
    wait = Wait(WaitCause.PLAN, 0, "", "")
    waiting = with_robot(state(), robot_id, wait=wait, plan_id=None, holds=())
    standing = Standing()
    told = []
    for at_ms, found in (
        (0, waiting),
        (300, with_robot(waiting, robot_id, wait=None, waited_until_ms=300)),
        (600, with_robot(waiting, robot_id, wait=replace(wait, since_ms=600))),
    ):
        told += list(standing.look(found, a_shift_under_way().stage.system.robots, at_ms))

    assert untrue(waiting, waiting.robots[robot_id])
    assert "a cause that flickers" in [name for name, _, _ in told]


def test_a_robot_that_stands_with_a_task_and_no_cause_is_told():
    system = a_shift_under_way().stage.system
    robot_id = driving().robot_id
    body = system.robots[robot_id]
    speed, body.body.speed_mps = body.body.speed_mps, 0.0
    turning, body.body.turning_radps = body.body.turning_radps, 0.0
    nameless = with_robot(state(), robot_id, wait=None, holds=())
    standing = Standing()

    first = list(standing.look(nameless, {robot_id: body}, 0))
    later = list(standing.look(nameless, {robot_id: body}, 40_000))
    body.body.speed_mps, body.body.turning_radps = speed, turning

    assert not first
    assert later[0][0] == "stands without a cause"


def test_an_answered_stop_that_a_crash_lost_is_told():
    promises, model = Promises(), free_model()
    model.stopped = True
    answer = __import__("concurrent.futures", fromlist=["Future"]).Future()
    answer.set_result(Outcome("c1", True, "", ""))
    promises.note(asked.StopAll("c1"), answer)

    promises.crashed(model)
    told = list(promises.broken(state()))

    assert [name for name, _, _ in told] == ["promise kept"]


def test_a_journal_that_folds_or_decides_otherwise_is_told():
    system = a_shift_under_way().stage.system
    empty = State(system.state.floor, RULES)
    entries = list(system.entries)
    place = next(n for n, e in enumerate(entries) if e.type == "BaseExtended")
    changed: list[Entry] = [*entries[:place], *entries[place + 1 :]]

    assert differs_folded(empty, entries, system.state) == ""
    assert differs_decided(empty, entries) == ""
    assert differs_folded(empty, changed, system.state)
    assert differs_decided(empty, changed)


def a_shift_to_the_end():
    """Under way; its witness has not looked back yet."""
    shift = Shift(a_shift_under_way().script)
    shift._run_until(9_000)
    return shift


def decides_otherwise(shift):
    """As if the newest base had followed from another row."""
    entries = shift.stage.system.entries
    number = max(n for n, e in enumerate(entries) if e.type == "BaseExtended")
    entries[number] = replace(entries[number], cause_seq=1)


def breaks(shift):
    return {found.invariant for found in shift.witness.breaks}


def test_a_shift_whose_inputs_decide_otherwise_breaks_at_its_end():
    right, wrong = a_shift_to_the_end(), a_shift_to_the_end()
    decides_otherwise(wrong)

    right.witness.finish()
    wrong.witness.finish()

    assert breaks(right) == set()
    assert breaks(wrong) == {"replay: same rows"}


def test_an_engine_that_decided_otherwise_before_it_was_killed_breaks_at_the_next_start():
    shift = a_shift_to_the_end()
    decides_otherwise(shift)

    shift.stage.system.kill_engine(dead_ms=1_000)

    assert breaks(shift) == {"replay: same rows"}


def test_an_engine_that_starts_with_a_broken_journal_may_give_base_again():
    model = replace(free_model(), journal_ok=False)

    model.follow(own.EngineStarted(0, "boot", "virtual", "", "", "virtual", "", ""))

    assert model.journal_ok
