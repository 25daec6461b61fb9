"""A pause counts when reports sent after it say so, and is watched until the robot may go on."""

import pytest
from talking_robot import Robot, of

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.instant import ON_THE_WAY_MS
from fleetapp.vda5050.pausing import BRAKING_MS, UNCONFIRMED_MS


@pytest.fixture
def robot():
    """One that drives, and says of itself whether it is paused."""
    robot = Robot()
    robot.says(driving=True, paused=False)
    return robot


@pytest.fixture
def mute():
    """One whose reports never carry `paused`."""
    robot = Robot()
    robot.says(driving=True)
    return robot


def pauses(robot):
    actions = [a for m in robot.sent() for a in m.get("actions", ())]
    return [a["actionId"] for a in actions if a["actionType"] == "startPause"]


def of_pause(told):
    kinds = (seen.PauseConfirmed, seen.PauseUnconfirmed)
    return [type(o).__name__ for o in told if isinstance(o, kinds) and o.paused]


def confirmed(robot):
    robot.session.pause(robot.now)
    assert of_pause(robot.says(paused=True)) == ["PauseConfirmed"]
    robot.sent()


def standing(x=0.0):
    return wire.AgvPosition(x, 0.0, 0.0, "hall", position_initialized=True)


def test_a_robot_that_stands_for_a_moment_and_says_it_is_not_paused_has_confirmed_nothing(robot):
    robot.session.pause(robot.now)
    robot.sent()  # and lost on the way

    told = robot.says(after_ms=1_100, driving=False, paused=False)
    told += robot.says(after_ms=1_100, driving=False, paused=False)
    told += robot.says(after_ms=900, driving=True, paused=False)
    told += robot.waits(0)

    assert of_pause(told) == []
    assert pauses(robot)


def test_it_is_told_again_each_second_and_said_once_that_it_does_not_heed_it(robot):
    robot.session.pause(robot.now)

    told = []
    for _ in range(10):
        told += robot.says(after_ms=500, driving=True, paused=False)
        told += robot.waits(500)

    assert of_pause(told) == ["PauseUnconfirmed"]
    assert 9 <= len(pauses(robot)) <= 11


def test_finished_is_not_believed_of_one_that_says_it_is_not_paused(robot):
    robot.session.pause(robot.now)
    told = []

    for _ in range(10):
        (action_id, *_) = pauses(robot) or [None]
        lie = [wire.ActionState(action_id, "FINISHED", "startPause")] if action_id else []
        told += robot.says(after_ms=500, driving=True, paused=False, action_states=lie)
        told += robot.waits(600)

    assert of_pause(told) == ["PauseUnconfirmed"]


def test_told_again_after_its_end_without_effect_it_has_a_new_id(robot):
    robot.session.pause(robot.now)
    (first,) = pauses(robot)

    lie = [wire.ActionState(first, "FINISHED", "startPause")]
    robot.says(driving=True, paused=False, action_states=lie)
    robot.waits(1_000)

    assert first not in pauses(robot)


def test_a_robot_that_says_paused_and_still_brakes_has_confirmed_and_contradicts_nothing(robot):
    robot.session.pause(robot.now)

    told = robot.says(driving=True, paused=True)
    for _ in range(5):
        told += robot.says(after_ms=500, driving=True, paused=True)
    told += robot.says(driving=False, paused=True)

    assert of_pause(told) == ["PauseConfirmed"]
    assert not of(seen.PauseContradicted, told)


drives_on = [
    {"paused": False, "driving": False},
    {"paused": False, "driving": True},
    {"paused": True, "driving": True},
]


@pytest.mark.parametrize("report", drives_on)
def test_a_confirmed_pause_that_a_later_report_contradicts_is_told_again_at_once(robot, report):
    confirmed(robot)
    robot.says(after_ms=60_000, paused=True)

    told = robot.says(after_ms=60_000, **report)

    assert [o.times for o in of(seen.PauseContradicted, told)] == [1]
    assert len(pauses(robot)) == 1


def test_it_is_told_under_a_new_id_for_the_old_one_is_done(robot):
    robot.session.pause(robot.now)
    (first,) = pauses(robot)
    robot.says(paused=True)

    robot.says(after_ms=5_000, paused=False)

    assert first not in pauses(robot)


def test_a_contradicted_pause_that_is_not_paused_again_in_time_is_said_again(robot):
    robot.session.pause(robot.now)
    robot.waits(6_000)
    robot.says(paused=True)
    robot.says(after_ms=5_000, driving=True, paused=False)

    told = [o for _ in range(6) for o in robot.waits(1_000)]

    assert of_pause(told) == ["PauseUnconfirmed"]


def test_a_robot_that_is_paused_and_not_paused_by_turns_floods_nobody(robot):
    robot.session.pause(robot.now)
    told = []

    for number in range(600):  # one minute
        told += robot.says(after_ms=100, paused=bool(number % 2))
        told += robot.waits(0)

    assert len(of(seen.PauseContradicted, told)) == 3
    assert len(pauses(robot)) <= 62


def test_after_three_contradictions_it_is_believed_when_its_reports_agree_for_five_seconds(robot):
    robot.session.pause(robot.now)
    for _ in range(3):
        robot.says(paused=True)
        robot.says(after_ms=2_000, paused=False)

    soon = robot.says(paused=True) + robot.says(after_ms=4_000, paused=True)
    later = robot.says(after_ms=1_500, paused=True)

    assert of_pause(soon) == []
    assert of_pause(later) == ["PauseConfirmed"]


def test_a_pause_wished_once_more_is_confirmed_once_more(robot):
    confirmed(robot)

    robot.session.pause(robot.now)

    assert of_pause(robot.says(paused=True)) == ["PauseConfirmed"]


def test_a_robot_that_never_says_paused_confirms_by_the_end_of_its_action(mute):
    mute.session.pause(mute.now)
    (action_id,) = pauses(mute)

    running = mute.says(action_states=[wire.ActionState(action_id, "RUNNING", "startPause")])
    running += mute.says(
        after_ms=2_000, action_states=[wire.ActionState(action_id, "RUNNING", "startPause")]
    )
    ended = mute.says(action_states=[wire.ActionState(action_id, "FINISHED", "startPause")])

    assert of_pause(running) == []
    assert of_pause(ended) == ["PauseConfirmed"]


def test_one_that_tells_neither_stands_by_two_reports_and_is_not_called_paused(mute):
    mute.session.pause(mute.now)

    first = mute.says(agv_position=standing())
    soon = mute.says(after_ms=500, agv_position=standing())
    second = mute.says(after_ms=600, agv_position=standing())

    assert [len(of(seen.StandstillSeen, told)) for told in (first, soon, second)] == [0, 0, 1]
    assert of_pause([*first, *soon, *second]) == []


def test_one_that_moved_between_two_reports_of_standing_does_not_stand(mute):
    mute.session.pause(mute.now)

    told = [o for n in range(5) for o in mute.says(after_ms=1_200, agv_position=standing(n))]

    assert not of(seen.StandstillSeen, told)


def test_one_that_stood_and_drives_again_contradicts(mute):
    mute.session.pause(mute.now)
    mute.says(after_ms=1_000)
    mute.says(after_ms=1_000)
    mute.sent()

    told = mute.says(after_ms=1_000, driving=True)

    assert of(seen.PauseContradicted, told)
    assert pauses(mute)


@pytest.mark.parametrize("wait_ms", [100, 60_000])
def test_a_robot_that_was_removed_is_watched_no_longer(robot, wait_ms):
    confirmed(robot)
    robot.session.forget()

    told = robot.says(after_ms=wait_ms, driving=True, paused=False) + robot.waits(wait_ms)

    assert not of(seen.PauseContradicted, told)
    assert pauses(robot) == []


def resumes(robot):
    actions = [a for m in robot.sent() for a in m.get("actions", ())]
    return [a["actionId"] for a in actions if a["actionType"] == "stopPause"]


def goes_on(told):
    return [o for o in of(seen.PauseConfirmed, told) if not o.paused]


def test_paused_of_before_a_resume_on_its_way_proves_no_pause_after_it(robot):
    confirmed(robot)
    robot.may_go_on()
    robot.session.pause(robot.now)  # and lost on the way

    old = robot.says(paused=True)
    robot.says(paused=False)
    robot.waits(1_000)

    assert of_pause(old) == []
    assert pauses(robot)


def told_twice(robot):
    robot.session.pause(robot.now)


def told_after_its_pause_was_forgotten(robot):
    robot.session.forget_pause()
    robot.session.pause(robot.now)


@pytest.mark.parametrize("and_then", [told_twice, told_after_its_pause_was_forgotten])
def test_nor_does_it_prove_a_later_pause_while_that_resume_may_still_come(robot, and_then):
    confirmed(robot)
    robot.may_go_on()
    robot.session.pause(robot.now)
    and_then(robot)  # all of it still on its way

    old = robot.says(paused=True)
    late = robot.says(after_ms=ON_THE_WAY_MS, paused=True)

    assert of_pause(old) == []
    assert of_pause(late) == ["PauseConfirmed"]


def test_nor_may_a_resume_of_the_engine_before_be_forgotten(robot):
    robot.session.adopt_resume(robot.now)
    robot.session.pause(robot.now)

    old = robot.says(paused=True)

    assert of_pause(old) == []


def test_a_resume_that_a_report_showed_makes_no_later_pause_wait(robot):
    confirmed(robot)
    robot.may_go_on()
    robot.says(after_ms=3_000, paused=False)
    robot.session.pause(robot.now)

    assert of_pause(robot.says(paused=True)) == ["PauseConfirmed"]


def test_that_the_action_ended_proves_it_at_once(robot):
    confirmed(robot)
    robot.may_go_on()
    robot.session.pause(robot.now)
    (action_id,) = pauses(robot)

    done = [wire.ActionState(action_id, "FINISHED", "startPause")]

    assert of_pause(robot.says(paused=True, action_states=done)) == ["PauseConfirmed"]


def test_a_resume_is_due_each_second_until_a_report_shows_it(robot):
    confirmed(robot)
    robot.may_go_on()

    told = []
    for _ in range(8):
        told += robot.says(after_ms=500, paused=True)
        told += robot.waits(500)
    sent = resumes(robot)
    told += robot.says(paused=False)
    told += robot.waits(5_000)

    assert 8 <= len(sent) <= 9
    assert [o.paused for o in of(seen.PauseUnconfirmed, told)] == [False]
    assert len(goes_on(told)) == 1
    assert resumes(robot) == []


def test_a_resume_that_may_not_leave_is_not_sent_stays_due_and_is_not_held_against_it(robot):
    confirmed(robot)
    robot.may_go_on()
    robot.sent()

    told = []
    for _ in range(10):
        told += robot.says(after_ms=500, paused=True)
        told += robot.waits(1_000, allowed=False)
    kept, deadline_ms = robot.sent(), robot.session.next_deadline_ms()
    robot.waits(1_000)

    assert kept == []
    assert deadline_ms is None  # nobody is woken for what the gate keeps
    assert not of(seen.PauseUnconfirmed, told)
    assert len(resumes(robot)) == 1


def test_a_pause_that_was_late_and_comes_after_the_resume_is_resumed_again(robot):
    robot.session.pause(robot.now)
    robot.may_go_on()
    robot.sent()

    early = robot.says(paused=False)
    robot.says(paused=True)  # the pause overtaken by the resume has come
    robot.waits(1_000)
    again = resumes(robot)
    late = robot.says(after_ms=3_000, paused=False)

    assert goes_on(early) == []
    assert len(again) == 1
    assert len(goes_on(late)) == 1


def test_paused_of_before_a_resume_shows_no_later_pause_that_may_undo_the_next_resume(robot):
    confirmed(robot)
    robot.may_go_on()
    robot.session.pause(robot.now)  # and late
    robot.says(paused=True)  # of the first pause
    robot.may_go_on()

    early = robot.says(paused=False)  # of the first resume
    late = robot.says(after_ms=ON_THE_WAY_MS, paused=False)

    assert goes_on(early) == []
    assert len(goes_on(late)) == 1


def test_that_nothing_can_undo_any_more_is_believed_without_another_report(robot):
    robot.session.pause(robot.now)
    robot.may_go_on()
    robot.says(paused=False)

    assert robot.session.next_deadline_ms() == robot.now - 100 + 3_000
    assert len(goes_on(robot.waits(3_000))) == 1


def test_after_a_restart_a_resume_that_was_not_seen_is_due_and_not_sent_of_itself():
    robot = Robot()
    robot.session.adopt_resume(robot.now)

    robot.waits(5_000, allowed=False)
    kept = robot.sent()
    robot.says(paused=True)
    robot.waits(0)

    assert kept == []
    assert len(resumes(robot)) == 1
    assert len(goes_on(robot.says(paused=False))) == 1


def test_after_a_restart_one_that_goes_on_by_itself_is_not_told(robot):
    robot.session.adopt_resume(robot.now)

    told = robot.says(paused=False)
    robot.waits(5_000)

    assert len(goes_on(told)) == 1
    assert resumes(robot) == []


def test_a_stop_after_a_resume_leaves_nothing_due(robot):
    robot.may_go_on()
    robot.session.pause(robot.now)
    robot.waits(10_000)

    assert robot.session.due(robot.now + 60_000) == ()


def test_a_pause_wished_once_more_forgets_no_contradiction(robot):
    robot.session.pause(robot.now)
    told = []
    for _ in range(3):
        told += robot.says(paused=True)
        told += robot.says(after_ms=2_000, paused=False)
        robot.session.pause(robot.now)  # a second hold

    assert [o.times for o in of(seen.PauseContradicted, told)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("after_ms", "late"), [(UNCONFIRMED_MS - 1, False), (UNCONFIRMED_MS, True)]
)
def test_that_no_report_shows_a_pause_is_told_when_its_time_is_over_and_not_before(
    robot, after_ms, late
):
    robot.session.pause(robot.now)

    assert bool(of_pause(robot.waits(after_ms))) is late


@pytest.mark.parametrize(("after_ms", "drives"), [(BRAKING_MS, False), (BRAKING_MS + 1, True)])
def test_one_that_says_paused_and_never_stood_drives_once_no_braking_lasts_that_long(
    robot, after_ms, drives
):
    robot.session.pause(robot.now)
    robot.says(driving=True, paused=True)

    told = robot.says(after_ms=after_ms, driving=True, paused=True)

    assert bool(of(seen.PauseContradicted, told)) is drives
