"""Live updates: a snapshot, then what changed; a slow client gets the newest, others do not wait."""

import json
import socket
import threading
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from fleetapp.api.codec import DecodeError, decode_live
from fleetapp.api.views import Delta, PoseView, Snapshot
from fleetapp.client.connection import Connection
from fleetapp.client.live import LiveFeed
from fleetapp.server.live import merged

TOKEN = "token-of-the-run-file"


def until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)


def poses(seq, *, robots=1):
    return Delta(
        seq, seq, poses=tuple(PoseView(f"m/r{n}", seq, 0.0, 0.0, seq) for n in range(robots))
    )


def test_a_feed_gets_a_snapshot_and_then_each_news(rig):
    heard, states = [], []
    feed = LiveFeed(Connection(rig.data), heard.append, states.append)
    feed.start()
    until(lambda: heard and rig.fleet.listeners)

    rig.fleet.tell(poses(2))
    until(lambda: len(heard) == 2)
    feed.stop()

    assert isinstance(heard[0], Snapshot)
    assert heard[1].poses[0].x_m == 2
    assert states[0].connected
    until(lambda: not rig.fleet.listeners)


def test_a_burst_arrives_merged_and_at_most_twenty_times_a_second(rig):
    url = f"ws://127.0.0.1:{rig.port}/v1/live?token={TOKEN}"
    with connect(url) as line:
        decode_live(line.recv(timeout=5))
        until(lambda: rig.fleet.listeners)
        begun = time.monotonic()
        for seq in range(2, 502):
            rig.fleet.tell(poses(seq))
        count, last = 0, 0
        while last < 501:
            last = decode_live(line.recv(timeout=5)).seq
            count += 1
        took = time.monotonic() - begun

    assert count <= 20 * took + 2
    until(lambda: not rig.fleet.listeners)


def test_a_client_that_reads_nothing_makes_nobody_wait(rig):
    stuck = socket.create_connection(("127.0.0.1", rig.port), timeout=10)
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.sendall(
        f"GET /v1/live?token={TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    until(lambda: len(rig.fleet.listeners) == 1)
    with connect(f"ws://127.0.0.1:{rig.port}/v1/live?token={TOKEN}", max_size=None) as line:
        line.recv(timeout=5)
        until(lambda: len(rig.fleet.listeners) == 2)
        waits = []
        for seq in range(2, 42):
            begun = time.monotonic()
            rig.fleet.tell(poses(seq, robots=2000))
            while decode_live(line.recv(timeout=5)).seq < seq:
                pass
            waits.append(time.monotonic() - begun)
    stuck.close()

    assert min(waits) < 0.3
    until(lambda: not rig.fleet.listeners)


def test_no_live_data_without_the_token_or_under_another_name(rig):
    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{rig.port}/v1/live?token=no"):
        pass
    with (
        socket.create_connection(("127.0.0.1", rig.port)) as line,
        pytest.raises(InvalidStatus),
        connect(f"ws://evil.example:{rig.port}/v1/live?token={TOKEN}", sock=line),
    ):
        pass


def test_a_feed_finds_the_engine_again_under_another_port_and_token(rig, tmp_path):
    (tmp_path / "run").mkdir()
    run_file = tmp_path / "run" / "engine.json"
    run_file.write_text(json.dumps({"api_port": 1, "token": "old"}))
    heard, lost = threading.Event(), threading.Event()
    feed = LiveFeed(
        Connection(tmp_path),
        lambda _message: heard.set(),
        lambda state: None if state.connected else lost.set(),
    )
    feed.start()
    assert lost.wait(10)

    run_file.write_text(json.dumps({"api_port": rig.port, "token": TOKEN}))

    assert heard.wait(10)
    feed.stop()


def test_what_came_back_before_a_slow_client_looked_is_not_gone(rig):
    robot = _Robot("m/r1")
    gone = Delta(2, 2, gone_robots=("m/r1", "m/r2"))
    back = Delta(3, 3, robots=(robot,))

    both = merged(gone, back)

    assert both.robots == (robot,)
    assert both.gone_robots == ("m/r2",)


def test_what_went_after_it_changed_is_gone(rig):
    both = merged(Delta(2, 2, robots=(_Robot("m/r1"),)), Delta(3, 3, gone_robots=("m/r1",)))

    assert both.robots == ()
    assert both.gone_robots == ("m/r1",)


@pytest.mark.parametrize("message", [b"", b"{", b"[]", b'{"type":"delta"}', b'{"type":5,"body":1}'])
def test_a_live_message_that_is_none_is_named(message):
    with pytest.raises(DecodeError):
        decode_live(message)


class _Robot:
    def __init__(self, robot_id):
        self.robot_id = robot_id


def test_a_delta_counts_as_sent_when_the_socket_has_taken_it_and_a_snapshot_does_not(rig):
    url = f"ws://127.0.0.1:{rig.port}/v1/live?token={TOKEN}"
    with connect(url) as line:
        decode_live(line.recv(timeout=5))
        until(lambda: rig.fleet.listeners)
        before = list(rig.fleet.sent)

        rig.fleet.tell(poses(7000))
        decode_live(line.recv(timeout=5))
        until(lambda: len(rig.fleet.sent) > len(before))

    assert 1 not in before  # the snapshot's number
    assert rig.fleet.sent == [*before, 7000]
