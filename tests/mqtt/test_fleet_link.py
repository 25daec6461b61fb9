import os
import queue
import signal
import time

import pytest

from fleetapp.mqtt.address import AddressError, BrokerAddress, parse
from fleetapp.mqtt.link import FleetLink

KINDS = ("state", "connection", "frame")


class Control:
    """A fleet link and what it told."""

    def __init__(self, address):
        self.heard = queue.Queue()
        self.links = []
        self.dropped = []
        self.link = FleetLink(
            address,
            tuple(f"uagv/v2/+/+/{kind}" for kind in KINDS),
            on_message=lambda *message: self.heard.put(message),
            on_link=lambda connected, detail: self.links.append((connected, detail)),
            on_dropped=lambda topic, count: self.dropped.append((topic, count)),
        )
        self.link.start()


@pytest.fixture
def control(broker):
    made = []

    def start(address=None):
        address = address or BrokerAddress(
            "127.0.0.1",
            broker.port,
            tls=False,
            user="fleet",
            password=broker.accounts.fleet_password,
        )
        made.append(Control(address))
        return made[-1]

    yield start
    for one in made:
        one.link.stop()


def test_reports_come_with_topic_bytes_and_time(broker, control, sign_in, until):
    fleet = control()
    assert until(fleet.link.connected)
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    before_ns = time.monotonic_ns()

    robot.client.publish("uagv/v2/acme/a1/state", b"\x00\xff", qos=1)

    topic, payload, retained, received_ns = fleet.heard.get(timeout=5)
    assert (topic, payload, retained) == ("uagv/v2/acme/a1/state", b"\x00\xff", False)
    assert before_ns < received_ns < time.monotonic_ns()


def test_retained_connections_are_marked_as_retained(broker, control, sign_in):
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    sent = robot.client.publish("uagv/v2/acme/a1/connection", b"on", qos=1, retain=True)
    sent.wait_for_publish(5)

    fleet = control()

    assert fleet.heard.get(timeout=5)[2] is True


def test_an_order_is_not_held_back_on_its_way(broker, control, sign_in, until):
    fleet = control()
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    robot.listen("uagv/v2/acme/a1/order")
    assert until(lambda: fleet.link.publish("uagv/v2/acme/a1/order", b"w", 0, retain=False))
    assert until(lambda: _echo(fleet, robot))

    calls_ms = [_call_ms(fleet, robot) for _ in range(50)]

    # Held back by Nagle, each would take 40 ms; a busy machine spares some.
    assert min(calls_ms) < 20


def _echo(fleet, robot):
    fleet.link.publish("uagv/v2/acme/a1/order", b"w", 0, retain=False)
    try:
        robot.heard.get(timeout=0.2)
    except queue.Empty:
        return False
    return True


def _call_ms(fleet, robot):
    began = time.perf_counter()
    assert fleet.link.publish("uagv/v2/acme/a1/order", b"o" * 4000, 0, retain=False)
    robot.heard.get(timeout=5)
    return (time.perf_counter() - began) * 1000


def test_nothing_is_queued_while_there_is_no_connection(broker, control, sign_in, until):
    fleet = control()
    assert until(fleet.link.connected)
    broker.stop()
    assert until(lambda: not fleet.link.connected())

    taken = fleet.link.publish("uagv/v2/acme/a1/order", b"late", 1, retain=False)

    assert taken is False
    broker.start()
    assert until(fleet.link.connected)
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    robot.listen("uagv/v2/acme/a1/order")
    assert robot.topics_heard() == []


def test_a_killed_broker_is_found_again_and_both_are_told(broker, control, sign_in, until):
    fleet = control()
    assert until(fleet.link.connected)
    os.kill(broker.pid, signal.SIGKILL)
    assert until(lambda: not fleet.link.connected())
    broker.start()

    assert until(fleet.link.connected)

    robot = sign_in(broker.port, "acme.a1", "secret-a")
    robot.client.publish("uagv/v2/acme/a1/state", b"x", qos=1)
    assert fleet.heard.get(timeout=5)[0] == "uagv/v2/acme/a1/state"
    told = [connected for connected, _ in fleet.links]
    assert told[0] is True
    assert False in told
    assert told[-1] is True


def test_a_refused_password_is_told_with_the_remedy_and_without_the_password(
    broker, control, until
):
    wrong = BrokerAddress("127.0.0.1", broker.port, tls=False, user="fleet", password="hunter2")

    fleet = control(wrong)

    assert until(lambda: bool(fleet.links))
    connected, detail = fleet.links[0]
    assert not connected
    assert "check user and password" in detail
    assert "hunter2" not in repr(fleet.links) + repr(wrong)


def test_a_broker_that_is_not_there_is_told(control, until):
    fleet = control(BrokerAddress("127.0.0.1", 9, tls=False, user="fleet", password=""))

    assert until(lambda: bool(fleet.links))
    assert fleet.links[0] == (False, "mqtt://fleet@127.0.0.1:9 does not answer")


def test_an_address_names_user_host_port_and_encryption():
    plain = parse("mqtt://fleet@broker.example", None)
    secure = parse("mqtts://fleet@10.0.0.5", None)

    assert (plain.host, plain.port, plain.tls, plain.user) == (
        "broker.example",
        1883,
        False,
        "fleet",
    )
    assert (secure.port, secure.tls) == (8883, True)


def test_the_password_comes_from_the_environment_or_a_private_file(tmp_path, monkeypatch):
    monkeypatch.setenv("FLEETAPP_BROKER_PASSWORD", "from-env")
    private = tmp_path / "password"
    private.write_text("from-file\n")
    private.chmod(0o600)

    assert parse("mqtt://f@h:1", None).password == "from-env"
    assert parse("mqtt://f@h:1", private).password == "from-file"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://broker", "write mqtt://USER@HOST:PORT"),
        ("mqtt://", "write mqtt://USER@HOST:PORT"),
        ("mqtt://f@h:port", "write mqtt://USER@HOST:PORT"),
        ("mqtt://f@h:99999", "write mqtt://USER@HOST:PORT"),
        ("mqtt://f:secret@h:1", "holds a password"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_the_remedy(url, says):
    with pytest.raises(AddressError, match=says) as refusal:
        parse(url, None)

    assert "secret" not in str(refusal.value)


def test_a_password_file_that_others_can_read_is_refused(tmp_path):
    public = tmp_path / "password"
    public.write_text("x")
    public.chmod(0o644)

    with pytest.raises(AddressError, match="chmod 600"):
        parse("mqtt://f@h:1", public)


def test_a_missing_password_file_is_refused_with_its_name(tmp_path):
    with pytest.raises(AddressError, match=r"none\.txt"):
        parse("mqtt://f@h:1", tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mqtt://127.0.0.1:1883", "mqtt://127.0.0.1:1883"),
        ("mqtts://ops@broker.example:8883", "mqtts://ops@broker.example:8883"),
    ],
)
def test_an_address_is_shown_as_it_was_given(url, shown):
    assert repr(parse(url, None)) == shown
