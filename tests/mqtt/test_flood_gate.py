from fleetapp.mqtt.flood import BURST, MOST_SENDERS, PER_SECOND, FloodGate

SECOND_NS = 1_000_000_000


def admitted(gate, topic, count, *, over_s, start_ns=0):
    """How many of `count` messages, evenly spread over a time, come in."""
    return sum(
        gate.admits(topic, start_ns + round(number * over_s * SECOND_NS / count))
        for number in range(count)
    )


def test_a_robot_within_the_standard_never_meets_the_limit():
    gate = FloodGate()

    assert admitted(gate, "uagv/v2/a/r1/state", 1_000, over_s=100) == 1_000
    later_ns = 100 * SECOND_NS
    pictures = admitted(gate, "uagv/v2/a/r1/visualization", 1_000, over_s=100, start_ns=later_ns)
    assert pictures == 1_000
    assert gate.dropped == 0


def test_a_flood_is_cut_to_the_rate_and_counted():
    gate = FloodGate()

    came = admitted(gate, "uagv/v2/a/r1/state", 100_000, over_s=10)

    assert abs(came - (BURST + 10 * PER_SECOND)) <= 2
    assert gate.dropped == 100_000 - came


def test_other_robots_are_unaffected_by_a_flood():
    gate = FloodGate()
    admitted(gate, "uagv/v2/a/r1/state", 10_000, over_s=0.1)

    assert gate.admits("uagv/v2/a/r2/state", SECOND_NS // 10)


def test_pictures_give_way_to_states():
    gate = FloodGate()
    admitted(gate, "uagv/v2/a/r1/visualization", 10_000, over_s=0.1)

    assert gate.dropped > 9_000
    assert admitted(gate, "uagv/v2/a/r1/state", 100, over_s=0.01, start_ns=SECOND_NS // 10) == 100


def test_a_flooding_robot_is_named_once_a_minute():
    gate = FloodGate()
    topic = "uagv/v2/a/r1/state"
    admitted(gate, topic, 10_000, over_s=0.1)

    assert "uagv/v2/a/r1 sends more than 100 messages a second" in gate.complaint(topic, SECOND_NS)
    assert gate.complaint(topic, 2 * SECOND_NS) == ""
    assert gate.complaint(topic, 62 * SECOND_NS) != ""


def test_made_up_senders_cannot_fill_the_memory():
    gate = FloodGate()

    for number in range(MOST_SENDERS + 100):
        gate.admits(f"uagv/v2/a/r{number}/state", 0)

    assert gate.dropped == 100
    assert gate.complaint("uagv/v2/a/r999999/state", 0) == ""


def test_what_was_dropped_is_counted_once_at_most_each_second():
    gate = FloodGate()
    topic = "uagv/v2/a/r1/state"
    told = []

    for number in range(50_000):  # ten seconds
        now_ns = number * SECOND_NS // 5_000
        gate.admits(topic, now_ns)
        told.append(gate.newly_dropped(topic, now_ns))
    gate.admits(topic, 20 * SECOND_NS)
    told.append(gate.newly_dropped(topic, 20 * SECOND_NS))

    assert sum(1 for count in told if count) <= 12
    assert sum(told) == gate.dropped
