"""The machine that tries to break the fleet: one seed is one run, and scripts replay."""

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from fleetapp.simulation.endure import __main__ as command
from fleetapp.simulation.endure.catalogue import DECK, EVERYBODY, SPANS_MS
from fleetapp.simulation.endure.faults import FAULTS
from fleetapp.simulation.endure.known import capability_of, known_breaks
from fleetapp.simulation.endure.recorder import Recorder, first_difference
from fleetapp.simulation.endure.script import FAULTS as FAULTS_OF_A_SEED
from fleetapp.simulation.endure.script import LATE_FAULTS, Event, decode, draw, encode
from fleetapp.simulation.endure.shift import Shift
from fleetapp.simulation.endure.shrinking import stored
from fleetapp.simulation.endure.sites import SHORT_KINDS, SitePlan, draw_plan, floor_of

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.json"))


def a_short_script(seed=3, *, events=()):
    """A ring with three robots and a task each, without waiting for two tasks of each."""
    tasks = tuple(
        Event(20 * n, "task", "plain", n, {"from": 3 * n, "to": n, "other": 0}) for n in range(3)
    )
    plan = SitePlan("ring")
    script = draw(seed)
    fleet = ("carrier", "plain", "carrier")
    return replace(
        script,
        plan=plan,
        fleet=fleet,
        events=(*tasks, *events),
        late=(),
        needs_two=False,
        shortest_ms=0,
    )


def test_the_same_seed_is_the_same_run_byte_for_byte():
    script = draw(4)
    script = replace(script, events=script.events[:30], late=(), needs_two=False, shortest_ms=0)

    runs = [Shift(script, records=True) for _ in range(2)]
    wires = [run.play().wire for run in runs]
    journals = [[e.body for e in run.stage.system.entries] for run in runs]

    assert wires[0] == wires[1]
    assert journals[0] == journals[1]
    assert len(wires[0]) > 50


def test_a_script_comes_back_from_its_file():
    script = draw(11)

    assert decode(encode(script)) == script


def test_every_fault_of_the_catalogue_can_begin_and_end():
    assert set(FAULTS) == set(SPANS_MS)
    assert set(SPANS_MS) >= EVERYBODY


def test_seeds_deal_every_fault_at_every_moment():
    enough = len(DECK) // (FAULTS_OF_A_SEED + LATE_FAULTS) + 1
    met = {(e.name, e.args["moment"]) for seed in range(enough) for e in faults_of(draw(seed))}

    assert len(met) == 3 * len(SPANS_MS)


def test_sixty_seeds_deal_every_fault_to_a_pick_ten_times():
    dealt = Counter(e.name for n in range(60) for e in faults_of(draw(n)) if at_a_pick(e))

    assert {name for name in SPANS_MS if dealt[name] < 10} == set()


def at_a_pick(event):
    return event.args["moment"] == "picking"


def faults_of(script):
    return [e for e in (*script.events, *script.late) if e.what == "fault"]


def test_drawn_sites_are_of_several_kinds_and_hold_robots_of_several_types():
    plans = [draw_plan(random.Random(seed), large=False) for seed in range(40)]

    assert {plan.kind for plan in plans} == set(SHORT_KINDS)
    for kind in SHORT_KINDS:
        floor = floor_of(next(plan for plan in plans if plan.kind == kind))
        assert len(floor.roads) == 4
        assert {t.camera for t in floor.types.values()} == {True, False}
        resting = [s for s in floor.site.stations if s.kind.value in ("parking", "charger")]
        assert len(resting) >= 8


def test_a_shift_without_faults_ends_with_all_tasks_done():
    shift = Shift(a_short_script())

    result = shift.play()

    assert result.breaks == ()
    assert shift.stage.system.state.done_count == 3
    assert result.counts.transitions["task: picking -> carrying"] == 3


def test_a_fault_meets_the_robot_at_its_moment_and_counts_what_it_did():
    fault = Event(1_000, "fault", "warning", 0, {"for_ms": 5_000, "moment": "picking", "choice": 0})
    shift = Shift(a_short_script(events=(fault,)))

    result = shift.play()

    assert result.counts.faults == {"warning": 1}
    assert result.counts.effective["warning: picking"] == 1


def for_all(name, for_ms):
    args = {"for_ms": for_ms, "moment": "driving", "choice": 0}
    return Event(3_000, "fault", name, 0, args)


def test_two_faults_of_all_may_end_at_once():
    both = (for_all("planner_slow", 4_000), for_all("slow_network", 4_000))

    result = Shift(a_short_script(events=both)).play()

    assert result.counts.faults == {"planner_slow": 1, "slow_network": 1}
    assert result.breaks == ()


def test_a_fault_of_all_that_ends_leaves_a_robot_that_has_its_own_unfit():
    own = Event(3_000, "fault", "stuck", 0, {"for_ms": 9_000, "moment": "driving", "choice": 0})
    shift = Shift(a_short_script(events=(for_all("slow_network", 2_000), own)))

    shift._run_until(7_000)

    assert shift.stage.unfit == {"fleetapp-sim/r01"}


def test_a_killed_engine_starts_again_and_its_journal_replays():
    fault = Event(9_000, "fault", "kill", 0, {"for_ms": 4_000, "moment": "driving", "choice": 5})
    shift = Shift(a_short_script(events=(fault,)))

    result = shift.play()

    kinds = [entry.type for entry in shift.stage.system.entries]
    assert kinds.count("EngineStarted") == 1
    assert result.breaks == ()


def test_there_are_stored_scripts():
    assert SCRIPTS


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_a_stored_script_breaks_no_more_than_is_known(path):
    short = stored(path.read_bytes())
    known = known_breaks()

    breaks = Shift(short.script).play().breaks

    assert [b for b in breaks if not capability_of(b.invariant, b.story, known)] == []


def test_two_recordings_differ_at_a_seed_a_message_and_a_place(tmp_path):
    recorder = Recorder(tmp_path / "wire.gz")
    recorder.note(7, [("sim/r1/order", b'{"a":1}'), ("sim/r2/order", b'{"b":2}')])
    recorder.close()
    again = Recorder(None)
    again.note(7, [("sim/r1/order", b'{"a":1}'), ("sim/r2/order", b'{"b":3}')])

    same = first_difference(tmp_path / "wire.gz", recorder.lines)
    other = first_difference(tmp_path / "wire.gz", again.lines)
    less = first_difference(tmp_path / "wire.gz", recorder.lines[:1])

    assert same == ""
    assert other.startswith("seed 7, message 1 to sim/r2/order, sign 5")
    assert less == "seed 7, message 1 to sim/r2/order: only in the recording"


def test_a_run_that_sent_nothing_is_the_same_as_no_recording(tmp_path):
    empty = Recorder(tmp_path / "wire.gz")
    empty.close()

    assert first_difference(tmp_path / "wire.gz", empty.lines) != ""


def test_the_command_tells_seeds_faults_transitions_and_breaks_as_json(tmp_path, capsys):
    path = tmp_path / "short.json"
    path.write_bytes(encode(a_short_script()))

    status = command.main(["--script", str(path), "--json"])

    report = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (report["seeds"], report["breaks"]) == (1, [])
    assert report["virtual_s"] > 30
    assert report["transitions"]["task: queued -> assigned"] == 3
    assert set(report["faults"]) == set(report["faults_effective"]) == set(SPANS_MS)
