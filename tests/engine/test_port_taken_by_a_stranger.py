"""The embedded broker dies, and before it is back another broker sits on its port."""

import os
import signal
import subprocess
import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from fleetapp.engine.brokers import OwnBroker
from fleetapp.mqtt.embedded import BrokerError
from fleetapp.mqtt.programs import find_program

PATIENCE_S = 20
STATE = "uagv/v2/acme/r1/state"


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and not condition():
        time.sleep(0.02)
    return condition()


@pytest.fixture
def own(tmp_path):
    broker = OwnBroker(tmp_path / "broker", interface="uagv", listen="127.0.0.1")
    broker.links, broker.heard = [], []
    broker.start(
        lambda topic, *_: broker.heard.append(topic),
        lambda connected, detail: broker.links.append((connected, detail)),
        lambda *_: None,
    )
    assert until(lambda: broker.links and broker.links[-1][0])
    yield broker
    broker.stop()


def test_a_stranger_hears_no_order_and_is_not_listened_to(own, tmp_path, monkeypatch):
    port = own.address().port
    start = own._embedded.start

    def busy():
        raise BrokerError(f"port {port} is held")

    monkeypatch.setattr(own._embedded, "start", busy)
    config = tmp_path / "open.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", "utf-8")
    os.kill(own.pid(), signal.SIGKILL)
    assert until(lambda: not own._embedded.alive())
    with subprocess.Popen((find_program("mosquitto"), "-c", str(config)), stderr=-3) as stranger:
        assert until(lambda: "is held by another program" in own.links[-1][1])
        robot = paho.Client(CallbackAPIVersion.VERSION2)
        robot.connect("127.0.0.1", port)
        robot.loop_start()
        robot.publish(STATE, b"{}", 1).wait_for_publish(PATIENCE_S)

        assert not own.publish("uagv/v2/acme/r1/order", b"{}", 0, retain=False)
        assert own.heard == []

        robot.disconnect()
        robot.loop_stop()
        stranger.terminate()
    monkeypatch.setattr(own._embedded, "start", start)
    assert until(lambda: own.links[-1][0])
    assert own.publish("uagv/v2/acme/r1/order", b"{}", 0, retain=False)
