"""The command as a process of its own, on a real mosquitto."""

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fleetapp.cli.main import main
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmap
from fleetapp.mqtt.address import BrokerAddress
from fleetapp.mqtt.embedded import EmbeddedBroker
from fleetapp.mqtt.link import FleetLink
from fleetapp.terms.modes import StationKind
from fleetapp.vda5050.encode import Sender, order_message, with_header
from fleetapp.vda5050.orders import EdgeToSend, NodeToSend, OrderToSend, wire_edges, wire_nodes
from fleetapp.vda5050.topics import parse, subscriptions

SMALL = Path(__file__).parents[2] / "maps" / "small"
ROBOTS = [f"fleetapp-sim/r{n:02d}" for n in range(1, 6)]
DEADLINE_S = 20.0


def until(condition, deadline_s=DEADLINE_S):
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


@pytest.fixture
def broker(tmp_path):
    own = EmbeddedBroker(tmp_path / "broker", interface="uagv")
    own.add_robots({robot: f"pw-{robot}" for robot in ROBOTS})
    own.start()
    yield own
    own.stop()


class Control:
    """What fleet control hears."""

    def __init__(self, broker):
        self.states, self.connections = {}, {}
        password = broker.accounts.fleet_password
        self.link = FleetLink(
            BrokerAddress("127.0.0.1", broker.port, tls=False, user="fleet", password=password),
            subscriptions("uagv"),
            on_message=self.hear,
            on_link=lambda *_: None,
            on_dropped=lambda *_: None,
        )
        self.link.start()

    def hear(self, topic, payload, _retained, _received_ns):
        address = parse(topic)
        message = json.loads(payload)
        if address.kind == "state":
            self.states[address.robot_id] = message
        elif address.kind == "connection":
            self.connections[address.robot_id] = message["connectionState"]


@pytest.fixture
def control(broker):
    heard = Control(broker)
    yield heard
    heard.link.stop()


@pytest.fixture
def simulate(tmp_path, broker):
    started = []

    def start(*options, robots=5):
        credentials = tmp_path / "robots.jsonl"
        lines = [json.dumps({"robot_id": r, "password": f"pw-{r}"}) for r in ROBOTS]
        credentials.write_text("\n".join(lines))
        process = subprocess.Popen(
            (
                *(sys.executable, "-m", "fleetapp", "simulate", "--site", str(SMALL)),
                *("--robots", str(robots), "--type", "plain", "--until-stdin-closes"),
                *("--broker", f"mqtt://127.0.0.1:{broker.port}"),
                *("--credentials", str(credentials), *options),
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def one_edge_away(robots):
    """For each robot an order to a neighbour of its place, no two to the same."""
    site = load_site(SMALL)
    road = build_roadmap(site, site.robot_type("plain"), None)
    places = [
        node
        for kind in (StationKind.PARKING, StationKind.CHARGER)
        for station in site.stations
        if station.kind is kind
        for node in road.station_nodes.get(station.station_id, ())
    ]
    ways = {}
    for robot, start in zip(robots, places, strict=False):
        edge = next(edge for edge in site.edges if edge.start_node_id == road.node_ids[start])
        end = road.node_ids.index(edge.end_node_id)
        nodes = tuple(
            NodeToSend(road.node_ids[n], int(road.x_mm[n]) / 1000, int(road.y_mm[n]) / 1000)
            for n in (start, end)
        )
        edges = (EdgeToSend(edge.edge_id, 1.5, 1.0),)
        ways[robot] = OrderToSend(f"to-{robot[-3:]}", 0, site.map_id, nodes, edges, 1)
    return ways


def payload_of(order, robot):
    message = order_message(
        order.order_id, order.update_id, wire_nodes(order, 0, known=False), wire_edges(order, 0)
    )
    return with_header(message, Sender(*robot.split("/")), 0, time.time_ns() // 1_000_000)


def test_five_robots_on_a_real_broker_reach_their_nodes(control, simulate):
    process = simulate()
    assert until(lambda: len(control.states) == 5)
    ways = one_edge_away(ROBOTS)

    for robot, order in ways.items():
        control.link.publish(f"uagv/v2/{robot}/order", payload_of(order, robot), 0, retain=False)

    def all_there():
        return all(
            control.states[robot]["lastNodeId"] == order.nodes[-1].node_id
            and not control.states[robot]["nodeStates"]
            for robot, order in ways.items()
        )

    assert until(all_there)
    out, _ = process.communicate(timeout=10)  # closes its input
    summary = json.loads(out.splitlines()[-1])
    assert (summary["robots"], process.returncode) == (5, 0)
    assert summary["distance_m"] > 0
    assert until(lambda: set(control.connections.values()) == {"OFFLINE"})


def test_a_cut_link_shows_the_last_will_and_comes_back(control, simulate):
    simulate("--faults", "r01=link_loss@1+2", robots=2)

    assert until(lambda: control.connections.get(ROBOTS[0]) == "CONNECTIONBROKEN")

    assert control.connections[ROBOTS[1]] == "ONLINE"
    assert until(lambda: control.connections[ROBOTS[0]] == "ONLINE")


def test_a_killed_simulator_leaves_last_wills(control, simulate):
    process = simulate(robots=2)
    assert until(lambda: len(control.states) == 2)

    process.kill()

    assert until(lambda: set(control.connections.values()) == {"CONNECTIONBROKEN"})


def test_a_summary_can_be_asked_for_at_any_time(control, simulate):
    process = simulate(robots=2)
    assert until(lambda: len(control.states) == 2)

    process.send_signal(signal.SIGUSR1)

    lines = queue.Queue()
    threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True).start()
    summary = json.loads(lines.get(timeout=10))
    assert (summary["connected"], summary["collisions"]) == (2, 0)


def test_true_poses_are_reported_as_json_lines(control, simulate, tmp_path):
    path = tmp_path / "poses.jsonl"
    simulate("--report", str(path), robots=2)

    assert until(lambda: path.exists() and path.read_text().count("\n") >= 2)

    line = json.loads(path.read_text().splitlines()[0])
    assert set(line["poses"]) == set(ROBOTS[:2])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--robots", "500"), "500 robots, but small has only"),
        (("--robots", "0"), "--robots 0: give 1 to"),
        (("--type", "flying"), "site small has carrier, plain"),
        (("--faults", "r99=stuck"), "fault for robot 'r99': there are r01"),
        (("--faults", "r01=dance"), "write SERIAL=FAULT"),
        (("--visualization-hz", "1000"), "give 0 to 50"),
        (("--state-interval", "99"), "give 0.1 to 30"),
        (("--credentials", "/nonexistent"), "/nonexistent"),
    ],
)
def test_options_that_do_not_fit_are_an_error_with_the_remedy(options, says, capsys):
    status = main(
        [
            "simulate",
            "--site",
            str(SMALL),
            "--broker",
            "mqtt://127.0.0.1:9",
            "--type",
            "plain",
            *options,
        ]
    )

    assert status == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (("fleetapp-sim/r01", "acme/s1"), "'acme/s1' is no virtual robot: they are fleetapp-sim/"),
        (("fleetapp-sim/r1",), "'fleetapp-sim/r1' is no virtual robot"),
        (("fleetapp-sim/r01", "fleetapp-sim/r03"), "no line for fleetapp-sim/r02: admit each"),
    ],
)
def test_credentials_of_other_robots_are_named_with_the_remedy(tmp_path, capsys, ids, says):
    path = tmp_path / "robots.jsonl"
    path.write_text("".join(json.dumps({"robot_id": r, "password": "x"}) + "\n" for r in ids))
    words = ("--site", str(SMALL), "--broker", "mqtt://127.0.0.1:9", "--type", "plain")

    status = main(["simulate", *words, "--robots", "2", "--credentials", str(path)])

    err = capsys.readouterr().err
    assert status == 2
    assert says in err
    assert "fleetapp robot add fleetapp-sim/r0" in err


def test_a_bad_line_of_the_credentials_is_named(tmp_path, capsys):
    path = tmp_path / "c.jsonl"
    path.write_text('{"robot_id": "a/b", "password": "x"}\n["not", "this"]\n')

    status = main(
        [
            "simulate",
            "--site",
            str(SMALL),
            "--broker",
            "mqtt://127.0.0.1:9",
            "--type",
            "plain",
            "--credentials",
            str(path),
        ]
    )

    assert status == 2
    assert f"{path} line 2" in capsys.readouterr().err
