"""There is one way to the wire, and one gate before what may move a robot.

Read from the code itself: whoever adds a second way fails here.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from fleetapp.safety.permit import MayCharge, MayDrive, MayGoOn, Permit
from fleetapp.vda5050.instant import TYPES, ActionIds
from fleetapp.vda5050.orders import NodeToSend, OrderToSend
from fleetapp.vda5050.sending import FREE, NoPermitError, Sending

ROOT = Path(__file__).parents[2] / "fleetapp"
ROBOTS = "simulation/robots/voice.py"  # the other end of the wire
NOW_MS = 1_000
ORDER = OrderToSend("o1", 0, "hall", (NodeToSend("n0", 0.0, 0.0),), (), 0)


@cache
def modules():
    paths = sorted(ROOT.rglob("*.py"))
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())) for path in paths]


def name_of(call):
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def callers(*names):
    """The modules that call something of this name."""
    return {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node) in names
    }


def test_only_the_gate_makes_permits():
    assert callers("Permit") == {"safety/gate.py"}


def test_the_gate_is_asked_in_one_place():
    askers = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (
            node.module == "fleetapp.safety.gate"
            or (node.module == "fleetapp.safety" and any(n.name == "gate" for n in node.names))
        )
    }

    assert askers == {"engine/outbox.py"}


def test_only_one_module_makes_messages_for_robots_and_it_asks_for_permits():
    assert callers("order_message", "instant_message") == {"vda5050/sending.py"}
    assert callers("with_header") == {"vda5050/sending.py", ROBOTS}
    assert callers("Outgoing") == {"vda5050/sending.py"}
    assert callers("Sending") == {"vda5050/session.py"}


def test_only_one_module_of_the_engine_hands_messages_to_the_network():
    ways = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "publish"
        and "link" in ast.unparse(node.value)
    }

    assert ways == {"engine/sessions.py", "engine/brokers.py"}  # brokers: the link itself


def test_only_the_loop_sends_what_is_permitted():
    assert callers("send_permitted") == {"engine/loop.py"}
    assert callers("send_again") == {"engine/loop.py", "engine/sessions.py"}
    assert callers("permit_again") == {"engine/loop.py"}
    assert callers("send_action") == {"vda5050/session.py"}


def a_way():
    return Sending("uagv", "acme", "r1"), ActionIds("acme/r1", "boot")


def test_what_is_free_is_what_lets_nothing_move():
    assert {"startPause", "cancelOrder", "factsheetRequest"} == FREE


@pytest.mark.parametrize("action_type", sorted({*TYPES, "pick", "drop"} - FREE))
def test_no_action_that_may_move_a_robot_is_sent_without_a_permit(action_type):
    way, ids = a_way()

    with pytest.raises(NoPermitError):
        way.send_free([ids.new("startPause"), ids.new(action_type)], NOW_MS)

    assert way.take() == []


OTHERS = [
    Permit(MayGoOn("acme/r1"), NOW_MS - 20),  # of the tick before
    Permit(MayGoOn("acme/r2"), NOW_MS),
    Permit(MayCharge("acme/r1", start=True), NOW_MS),
    Permit(MayDrive("acme/r1", "o1", 0), NOW_MS),
]


@pytest.mark.parametrize("permit", OTHERS)
def test_a_permit_for_something_else_or_of_another_moment_permits_nothing(permit):
    way, ids = a_way()

    with pytest.raises(NoPermitError):
        way.send_action(permit, ids.new("stopPause"), NOW_MS)
    with pytest.raises(NoPermitError):
        way.send_action(permit, ids.new("initPosition"), NOW_MS)

    assert way.take() == []


@pytest.mark.parametrize(
    "asked",
    [
        MayDrive("acme/r1", "o1", 1),
        MayDrive("acme/r1", "o2", 0),
        MayDrive("acme/r2", "o1", 0),
        MayGoOn("acme/r1"),
    ],
)
def test_an_order_leaves_by_a_permit_for_just_this_update(asked):
    way, _ = a_way()

    with pytest.raises(NoPermitError):
        way.send_order(Permit(asked, NOW_MS), ORDER, NOW_MS, stitch=0, known=False)

    assert way.take() == []
