"""How long a report takes to a client: from the network's callback to the socket."""

from fleetapp.engine import latency as latency_room
from fleetapp.engine.latency import Latency

MS = 1_000_000


def at(monkeypatch, now_ms):
    monkeypatch.setattr(latency_room.time, "monotonic_ns", lambda: now_ms * MS)


def test_nothing_was_measured_before_a_socket_took_a_delta():
    latency = Latency()

    latency.told(1, 100 * MS)

    assert latency.figures() == {}


def test_the_time_is_over_when_the_socket_has_taken_the_delta(monkeypatch):
    latency = Latency()
    latency.told(1, 100 * MS)

    at(monkeypatch, 130)
    latency.sent(1)

    assert latency.figures() == {"p50": 30.0, "p99": 30.0}


def test_a_delta_merged_into_a_later_one_took_as_long_as_that(monkeypatch):
    latency = Latency()
    latency.told(1, 100 * MS)
    latency.told(2, 150 * MS)

    at(monkeypatch, 200)
    latency.sent(2)

    assert latency.figures() == {"p50": 100.0, "p99": 100.0}


def test_a_second_client_counts_no_delta_twice(monkeypatch):
    latency = Latency()
    latency.told(1, 100 * MS)
    at(monkeypatch, 110)
    latency.sent(1)

    at(monkeypatch, 900)
    latency.sent(1)

    assert latency.figures() == {"p50": 10.0, "p99": 10.0}
