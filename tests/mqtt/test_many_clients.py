import os
import queue
import signal

import pytest

from fleetapp.mqtt.many import Login, ManyClients


class Crowd:
    """Clients of many robots and what they heard."""

    def __init__(self, broker, names):
        self.clients = ManyClients("127.0.0.1", broker.port)
        self.heard = queue.Queue()
        self.connects = []
        for name, password in names.items():
            root = f"uagv/v2/acme/{name}"
            self.clients.add(
                name,
                Login(f"acme.{name}", password, f"{root}/connection", b"gone", (f"{root}/order",)),
                on_connect=lambda name=name: self.connects.append(name),
                on_message=lambda topic, payload: self.heard.put((topic, payload)),
            )

    def until(self, condition, until):
        def tried():
            self.clients.run_once(0.005)
            return condition()

        return until(tried)


@pytest.fixture
def crowd(broker):
    made = []

    def gather(**names):
        broker.add_robots({f"acme/{name}": password for name, password in names.items()})
        made.append(Crowd(broker, names))
        return made[-1]

    yield gather
    for one in made:
        one.clients.close()


def fleet(broker, sign_in, topic="uagv/#"):
    listener = sign_in(broker.port, "fleet", broker.accounts.fleet_password)
    listener.listen(topic)
    return listener


def test_many_robots_connect_speak_and_hear_on_one_thread(broker, crowd, sign_in, until):
    names = {f"r{number:02d}": f"p{number}" for number in range(30)}
    robots = crowd(**names)
    assert robots.until(lambda: robots.clients.connected() == 30, until)
    listener = fleet(broker, sign_in, "uagv/+/+/+/state")

    for name in names:
        robots.clients.publish(name, f"uagv/v2/acme/{name}/state", b"here", 0, retain=False)
        listener.client.publish(f"uagv/v2/acme/{name}/order", name.encode())

    assert robots.until(lambda: robots.heard.qsize() == 30, until)
    assert robots.until(lambda: listener.heard.qsize() == 30, until)
    assert {robots.heard.get()[0] for _ in names} == {f"uagv/v2/acme/{n}/order" for n in names}


def test_a_frame_larger_than_the_sockets_buffer_arrives_whole(broker, crowd, sign_in, until):
    robots = crowd(r01="x")
    assert robots.until(lambda: robots.clients.connected() == 1, until)
    listener = fleet(broker, sign_in)
    frame = os.urandom(1_000_000)

    robots.clients.publish("r01", "uagv/v2/acme/r01/frame", frame, 0, retain=False)

    assert robots.until(lambda: not listener.heard.empty(), until)
    assert listener.heard.get()[1] == frame


def test_a_cut_robot_leaves_its_last_will_and_comes_back_when_told(broker, crowd, sign_in, until):
    robots = crowd(r01="x", r02="y")
    assert robots.until(lambda: robots.clients.connected() == 2, until)
    listener = fleet(broker, sign_in, "uagv/+/+/+/connection")

    robots.clients.cut("r01", 0.3)

    assert not robots.clients.publish("r01", "uagv/v2/acme/r01/state", b"x", 0, retain=False)
    assert robots.until(lambda: not listener.heard.empty(), until)
    assert listener.heard.get()[:2] == ("uagv/v2/acme/r01/connection", b"gone")
    assert robots.clients.connected() == 1
    assert robots.until(lambda: robots.connects == ["r01", "r02", "r01"], until)


def test_all_come_back_after_the_broker_was_killed(broker, crowd, until):
    robots = crowd(r01="x", r02="y", r03="z")
    assert robots.until(lambda: robots.clients.connected() == 3, until)

    os.kill(broker.pid, signal.SIGKILL)
    assert robots.until(lambda: robots.clients.connected() == 0, until)
    broker.start()

    assert robots.until(lambda: robots.clients.connected() == 3, until)


def test_a_refused_robot_is_named_and_the_others_go_on(broker, crowd, until, caplog):
    robots = crowd(r01="x", r02="y")
    broker.add_robots({"acme/r01": "changed"})

    assert robots.until(lambda: robots.clients.connected() == 1, until)

    assert robots.until(lambda: "refuses r01" in caplog.text, until)
    assert robots.connects == ["r02"]


def test_closing_says_goodbye_without_the_last_will(broker, crowd, sign_in, until):
    robots = crowd(r01="x")
    assert robots.until(lambda: robots.clients.connected() == 1, until)
    listener = fleet(broker, sign_in, "uagv/+/+/+/connection")

    robots.clients.publish("r01", "uagv/v2/acme/r01/connection", b"off", 1, retain=True)
    robots.clients.close()

    assert until(lambda: not listener.heard.empty())
    assert [listener.heard.get()[1], *listener.topics_heard()] == [b"off"]
