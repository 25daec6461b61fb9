import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fleetapp.mqtt import accounts
from fleetapp.mqtt.accounts import AccountsError, user_of
from fleetapp.mqtt.embedded import BrokerError, EmbeddedBroker
from fleetapp.mqtt.handshake import knows
from fleetapp.mqtt.handshake import sign_in as handshake

FLEET_TOPIC = "uagv/#"


def sign_in_code(port, user, password):
    return handshake("127.0.0.1", port, user=user, password=password, timeout_s=2.0)


def fleet(broker, enter):
    return enter(broker.port, "fleet", broker.accounts.fleet_password)


def test_nobody_enters_without_a_password(broker, sign_in):
    assert sign_in(broker.port, None).codes == ["Not authorized"]
    assert sign_in(broker.port, "acme.a1", "wrong").codes == ["Not authorized"]
    assert sign_in(broker.port, "acme.a1", "secret-a").codes == ["Success"]


@pytest.mark.parametrize(
    ("topic", "arrives"),
    [
        ("uagv/v2/acme/a1/state", True),
        ("uagv/v2/acme/a1/visualization", True),
        ("uagv/v2/acme/a1/connection", True),
        ("uagv/v2/acme/a1/factsheet", True),
        ("uagv/v2/acme/a1/frame", True),
        ("uagv/v2/acme/a1/order", False),
        ("uagv/v2/acme/a1/instantActions", False),
        ("uagv/v2/acme/a1/state/more", False),
        ("uagv/v2/acme/b2/state", False),
        ("uagv/v2/acme/b2/connection", False),
        ("uagv/v2/acme/b2/frame", False),
        ("uagv/v2/acme/b2/order", False),
        ("uagv/v2/acme/b2/instantActions", False),
        ("other/v2/acme/a1/state", False),
    ],
)
def test_a_robot_writes_only_its_own_reports(broker, sign_in, topic, arrives):
    listener = fleet(broker, sign_in)
    listener.listen(FLEET_TOPIC, "other/#")
    robot = sign_in(broker.port, "acme.a1", "secret-a")

    robot.client.publish(topic, b"x", qos=1)
    robot.client.publish("uagv/v2/acme/a1/state", b"last", qos=1)

    heard = []
    while not heard or heard[-1][1] != b"last":
        heard.append(listener.heard.get(timeout=5))
    assert ((topic, b"x", False) in heard) is arrives


def test_a_robot_hears_only_what_is_meant_for_it(broker, sign_in):
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    robot.listen("#")
    control = fleet(broker, sign_in)
    kinds = ("order", "instantActions", "state", "frame")

    for name in ("a1", "b2"):
        for kind in kinds:
            control.client.publish(f"uagv/v2/acme/{name}/{kind}", b"x", qos=1)

    assert sorted(robot.topics_heard()) == [
        "uagv/v2/acme/a1/instantActions",
        "uagv/v2/acme/a1/order",
    ]


def test_a_robot_cannot_throw_out_another_by_its_client_id(broker, sign_in):
    victim = sign_in(broker.port, "acme.a1", "secret-a", client_id="acme.a1")

    thief = sign_in(broker.port, "acme.b2", "secret-b", client_id="acme.a1")

    assert thief.codes == ["Success"]
    victim.client.publish("uagv/v2/acme/a1/state", b"x", qos=1).wait_for_publish(5)
    assert victim.lost == []


def test_a_message_over_one_mebibyte_is_not_passed_on(broker, sign_in, until):
    listener = fleet(broker, sign_in)
    listener.listen(FLEET_TOPIC)
    robot = sign_in(broker.port, "acme.a1", "secret-a")

    robot.client.publish("uagv/v2/acme/a1/frame", b"x" * (1024 * 1024 + 1))

    assert until(lambda: bool(robot.lost))
    assert listener.topics_heard() == []


def test_a_robot_added_later_enters_and_nobody_else_notices(broker, sign_in, until):
    robot = sign_in(broker.port, "acme.a1", "secret-a")

    broker.add_robots({"acme/c3": "secret-c"})

    def entered():
        return sign_in_code(broker.port, "acme.c3", "secret-c") == 0

    assert until(entered)
    assert robot.lost == []
    listener = fleet(broker, sign_in)
    listener.listen(FLEET_TOPIC)
    newcomer = sign_in(broker.port, "acme.c3", "secret-c")
    newcomer.client.publish("uagv/v2/acme/c3/state", b"x", qos=1)
    assert listener.topics_heard() == ["uagv/v2/acme/c3/state"]


def test_a_removed_robot_is_thrown_out_and_stays_out(broker, sign_in, until):
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    other = sign_in(broker.port, "acme.b2", "secret-b")

    broker.remove_robot("acme/a1")

    assert until(lambda: bool(robot.lost))
    assert sign_in_code(broker.port, "acme.a1", "secret-a") == 5
    assert other.lost == []


def test_a_restarted_broker_keeps_port_passwords_and_retained_messages(broker, sign_in, until):
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    robot.client.publish("uagv/v2/acme/a1/connection", b"on", qos=1, retain=True).wait_for_publish(
        5
    )
    broker.stop()

    again = EmbeddedBroker(broker.config.parent, interface="uagv")
    again.start()
    listener = fleet(again, sign_in)
    listener.listen(FLEET_TOPIC)

    assert again.port == broker.port
    assert listener.heard.get(timeout=5) == ("uagv/v2/acme/a1/connection", b"on", True)
    assert until(lambda: robot.codes == ["Success", "Success"])
    again.stop()


def test_a_port_held_by_a_stranger_is_an_error_that_names_port_and_remedy(tmp_path, stranger):
    own = EmbeddedBroker(tmp_path, interface="uagv")
    stranger(own.port)

    with pytest.raises(BrokerError, match=rf"port {own.port} is held .* end that program"):
        own.start()

    assert own.pid is None


def test_a_foreign_broker_that_takes_any_password_is_not_ours(tmp_path, broker, until):
    folder = tmp_path / "open"
    folder.mkdir()
    config = folder / "open.conf"
    port = EmbeddedBroker(folder / "port", interface="uagv").port
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with subprocess.Popen(("/usr/sbin/mosquitto", "-c", str(config)), stderr=-3) as foreign:
        assert until(lambda: sign_in_code(port, "fleet", "anything") == 0)

        assert not knows("127.0.0.1", port, user="probe", password="anything")

        foreign.terminate()
    assert knows("127.0.0.1", broker.port, user="probe", password=broker.accounts.fleet_password)


def test_the_broker_dies_with_its_engine_even_if_that_is_killed(tmp_path, until):
    script = (
        "import sys, time; from pathlib import Path; "
        "from fleetapp.mqtt.embedded import EmbeddedBroker; "
        "b = EmbeddedBroker(Path(sys.argv[1]), interface='uagv'); b.start(); "
        "print(b.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        (sys.executable, "-c", script, str(tmp_path / "broker")), stdout=subprocess.PIPE
    ) as engine:
        assert engine.stdout is not None
        pid = int(engine.stdout.readline())
        assert Path(f"/proc/{pid}").exists()

        engine.kill()

        assert until(lambda: not Path(f"/proc/{pid}").exists() or _zombie(pid))


def _zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_an_orphan_of_an_earlier_engine_is_ended_at_start(broker, caplog):
    orphan = broker.pid
    again = EmbeddedBroker(broker.config.parent, interface="uagv")

    again.start()

    assert again.pid not in (None, orphan)
    assert not broker.alive()
    assert "ending broker" in caplog.text
    again.stop()


def test_a_pid_file_that_names_another_program_ends_nobody(tmp_path):
    own = EmbeddedBroker(tmp_path, interface="uagv")
    (tmp_path / "broker.pid").write_text(str(os.getpid()))

    own.start()

    assert own.alive()
    own.stop()


def test_secrets_lie_in_private_files_and_robots_passwords_nowhere(broker):
    folder = broker.config.parent
    for name in ("credentials.json", "passwd", "acl", "mosquitto.conf"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    for path in folder.iterdir():
        content = path.read_bytes()
        assert b"secret-a" not in content
        assert (broker.accounts.fleet_password.encode() in content) is (
            path.name == "credentials.json"
        )


def test_robots_whose_names_differ_by_dots_and_colons_have_different_users():
    ids = ("a.b/c", "a/b.c", "a:b/c", "a/b:c", "a.b.c/d")

    users = {user_of(robot_id) for robot_id in ids}

    assert len(users) == len(ids)
    assert not any(":" in user or "/" in user for user in users)


@pytest.mark.parametrize("robot_id", ["acme", "acme/+", "a/b/c", "acme/a\ntopic write #", "/x", ""])
def test_an_id_that_cannot_stand_in_a_topic_gets_no_user(tmp_path, robot_id):
    own = EmbeddedBroker(tmp_path, interface="uagv")

    with pytest.raises(AccountsError, match="MAKER/SERIAL"):
        own.add_robots({robot_id: "x"})


def test_a_robot_with_a_colon_in_its_serial_enters(broker, sign_in, until):
    broker.add_robots({"acme/x:1": "secret-x"})

    assert until(lambda: sign_in_code(broker.port, user_of("acme/x:1"), "secret-x") == 0)


def test_an_unreadable_accounts_file_is_an_error_with_a_remedy(tmp_path):
    (tmp_path / "credentials.json").write_text(json.dumps({"port": 1}))

    with pytest.raises(BrokerError, match="put it back from a backup"):
        EmbeddedBroker(tmp_path, interface="uagv")


def test_listening_beyond_loopback_still_asks_for_passwords(tmp_path, sign_in):
    own = EmbeddedBroker(tmp_path, interface="uagv", listen="0.0.0.0")  # noqa: S104 - the case in question
    own.start()

    assert sign_in(own.port, None).codes == ["Not authorized"]
    own.stop()


def test_an_address_besides_loopback_is_added_to_it(tmp_path):
    own = EmbeddedBroker(tmp_path, interface="uagv", listen="127.0.0.2")

    own.start()

    for host in ("127.0.0.1", "127.0.0.2"):
        assert knows(host, own.port, user="probe", password=own.accounts.fleet_password)
    own.stop()


def test_a_listen_address_that_is_none_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(BrokerError, match="--listen 'lan' is no IPv4 address"):
        EmbeddedBroker(tmp_path, interface="uagv", listen="lan")


def test_an_address_of_another_machine_is_refused_with_the_remedy(tmp_path):
    own = EmbeddedBroker(tmp_path, interface="uagv", listen="203.0.113.7")

    with pytest.raises(
        BrokerError, match=r"--listen 203\.0\.113\.7: this machine has no such address"
    ):
        own.start()


def test_a_missing_mosquitto_is_an_error_that_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("fleetapp.mqtt.programs.EXTRA_PATH", "")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BrokerError, match=r"apt-get install mosquitto.*--broker"):
        EmbeddedBroker(tmp_path, interface="uagv").start()


def test_a_killed_broker_can_be_started_again(broker, until):
    os.kill(broker.pid, signal.SIGKILL)
    assert until(lambda: not broker.alive())

    broker.start()

    assert broker.alive()


@pytest.fixture
def disk(monkeypatch):
    """A disk that takes everything but the files named here."""
    full, put = set(), accounts.put_private

    def put_unless_full(path, text):
        if path.name in full:
            raise OSError(28, "No space left on device")
        put(path, text)

    monkeypatch.setattr(accounts, "put_private", put_unless_full)
    return full


ACCOUNT_FILES = ("credentials.json", "passwd", "acl")


@pytest.mark.parametrize("name", ACCOUNT_FILES)
def test_a_robot_that_a_full_disk_kept_is_removed_when_it_is_asked_again(
    broker, sign_in, until, disk, name
):
    robot = sign_in(broker.port, "acme.a1", "secret-a")
    disk.add(name)
    with pytest.raises(AccountsError, match=r"cannot be written .* make room and try again"):
        broker.remove_robot("acme/a1")
    assert "acme/a1" in broker.accounts.robots
    disk.clear()

    assert broker.remove_robot("acme/a1")

    assert until(lambda: robot.lost)
    assert "acme/a1" not in broker.accounts.robots
    for file in ACCOUNT_FILES:
        text = (broker.config.parent / file).read_text()
        assert "acme/a1" not in text
        assert "acme.a1" not in text


@pytest.mark.parametrize("name", ACCOUNT_FILES)
def test_a_robot_that_a_full_disk_did_not_take_has_no_account(broker, disk, name):
    disk.add(name)

    with pytest.raises(AccountsError, match="make room"):
        broker.add_robots({"acme/c3": "secret-c"})

    assert "acme/c3" not in broker.accounts.robots
    assert "acme/c3" not in (broker.config.parent / "credentials.json").read_text()
    disk.clear()
    broker.add_robots({"acme/c3": "secret-c"})
    assert "acme/c3" in (broker.config.parent / "credentials.json").read_text()
