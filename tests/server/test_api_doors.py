"""The API's doors: token, host, roles, and answers that name field and remedy."""

import http.client
import json
import socket
import time

import pytest

from fleetapp.api.commands import HoldRobot, ReleaseAll, StopAll, SubmitTask
from fleetapp.client.connection import ClientError, Connection, Signature
from fleetapp.server.routes import COMMANDS

TOKEN = "token-of-the-run-file"


def call(rig, method, path, body=None, token=TOKEN, host="127.0.0.1"):
    connection = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Host": host}
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    connection.request(method, path, data, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content.decode()


@pytest.mark.parametrize("token", ["", "wrong", "token-of-the-run-fil", "tøken"])
@pytest.mark.parametrize("path", ["/v1/snapshot", "/v1/journal", "/v1/users", "/v1/proof"])
def test_nothing_is_read_without_the_right_token(rig, path, token):
    assert call(rig, "GET", path, token=token.encode().decode("latin-1"))[0] == 401


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_is_taken_without_a_token(rig, name):
    assert call(rig, "POST", f"/v1/commands/{name}", {}, token="")[0] == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example"])
def test_another_host_name_is_turned_away(rig, host):
    assert call(rig, "GET", "/v1/snapshot", host=host)[0] == 421


def test_the_command_line_token_is_the_unsigned_operator_local(rig):
    rig.client.submit(HoldRobot("c1", "m/s"))

    person = rig.fleet.given[-1][1]
    assert (person.name, person.role.value, person.signed_in) == ("local", "operator", False)


def test_an_override_by_local_is_refused_with_status_403_and_journalled_by_the_core(rig):
    status, text = call(
        rig, "POST", "/v1/commands/release-all", {"command_id": "c", "reason": "all clear"}
    )

    assert status == 403
    assert json.loads(text)["reason"] == "not_signed_in"
    assert rig.client.submit(ReleaseAll("c2", "all clear")).reason == "not_signed_in"


def test_a_supervisor_signs_for_one_act_alone(rig):
    signed = rig.client.submit(ReleaseAll("c3", "clear"), Signature("sam", "supersecret"))
    after = rig.client.submit(ReleaseAll("c4", "clear"))

    assert signed.accepted
    assert not after.accepted


@pytest.mark.parametrize("signature", ["sam", {}, {"name": 3, "password": None}, [], 7, None])
def test_a_signature_that_is_none_is_named(rig, signature):
    body = {"command_id": "c", "reason": "clear", "signature": signature}

    status, text = call(rig, "POST", "/v1/commands/release-all", body)

    assert status == 422
    assert "signature" in text


BAD_TASKS = {
    "missing field": ({"command_id": "c", "from_station": "A"}, "to_station"),
    "wrong kind": ({"command_id": "c", "from_station": 3, "to_station": "P"}, "from_station"),
    "misspelt": (
        {"command_id": "c", "from_station": "A", "to_station": "P", "prio": "high"},
        "prio",
    ),
    "not in the list": (
        {"command_id": "c", "from_station": "A", "to_station": "P", "priority": "now"},
        "priority",
    ),
    "number without end": (
        {"command_id": "c", "from_station": "A", "to_station": "P", "count": 10**40},
        "count",
    ),
    "control characters": (
        {"command_id": "c", "from_station": "A\x00", "to_station": "P"},
        "from_station",
    ),
    "a line too many": (
        {"command_id": "c", "from_station": "A", "to_station": "P", "sku": "47\n48"},
        "sku holds the control character U+000A",
    ),
    "a terminal's own characters": (
        {"command_id": "c", "from_station": "A", "to_station": "P", "task_id": "T\x9b2J"},
        "task_id holds the control character U+009B",
    ),
    "writing turned round": (
        {"command_id": "c", "from_station": "A", "to_station": "P", "task_id": "T\u202e1"},
        "task_id holds the control character U+202E",
    ),
    "no id": (
        {"command_id": "", "from_station": "A", "to_station": "P"},
        "command_id is empty",
    ),
    "endless id": (
        {"command_id": "c", "from_station": "A", "to_station": "P", "task_id": "T" * 300},
        "task_id is too long",
    ),
    "endless text": (
        {"command_id": "c", "from_station": "A" * 5000, "to_station": "P"},
        "too long",
    ),
}


@pytest.mark.parametrize("case", sorted(BAD_TASKS))
def test_a_bad_task_is_answered_with_the_field(rig, case):
    body, named = BAD_TASKS[case]
    before = len(rig.fleet.given)

    status, text = call(rig, "POST", "/v1/commands/submit-task", body)

    assert status == 422
    assert named in json.loads(text)["detail"]
    assert len(rig.fleet.given) == before


BAD_BODIES = (
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b'{"command_id": NaN}',
    b'{"command_id": "\\ud800", "from_station": "A", "to_station": "P"}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
)


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_body_that_is_no_json_object_is_answered_and_the_server_goes_on(rig, body):
    status, text = call(rig, "POST", "/v1/commands/submit-task", body)

    assert status == 422
    assert json.loads(text)["detail"]
    assert call(rig, "GET", "/v1/snapshot")[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/journal/x/chain"),
        ("GET", "/v1/journal/-1/chain"),
        ("GET", f"/v1/journal/{10**30}/consequences"),
        ("GET", "/v1/journal?limit=many"),
        ("GET", f"/v1/journal?from_ms={10**30}"),
        ("GET", "/v1/journal?colour=red"),
        ("POST", "/v1/robots"),
    ],
)
def test_odd_paths_and_queries_are_answered_in_words(rig, method, path):
    status, text = call(rig, method, path, token=TOKEN)

    assert status in (403, 422)
    assert isinstance(json.loads(text)["detail"], str)


def test_times_at_the_edge_of_the_clock_are_just_empty_answers(rig):
    assert call(rig, "GET", f"/v1/journal?from_ms={2**53}")[1] == "[]"
    assert len(json.loads(call(rig, "GET", f"/v1/journal?from_ms=-{2**53}")[1])) == 3


def test_a_body_beyond_a_megabyte_is_refused_by_its_length(rig):
    connection = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=10)
    connection.putrequest("POST", "/v1/commands/stop-all")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Length", str(2**30))
    connection.endheaders()

    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_sent_in_chunks_keeps_to_the_same_limit(rig):
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", rig.port), timeout=10) as line:
        line.sendall(
            b"POST /v1/commands/stop-all HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
            + TOKEN.encode()
            + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(33):
            line.sendall(chunk)
        answer = line.recv(4096)

    assert b" 413 " in answer.split(b"\r\n", maxsplit=1)[0]


def test_an_engine_that_has_not_begun_says_so(rig):
    rig.fleet.begun = False
    try:
        status, text = call(rig, "GET", "/v1/snapshot")
    finally:
        rig.fleet.begun = True

    assert status == 503
    assert "ask again" in text


def test_an_answer_on_a_kept_connection_waits_for_no_delayed_acknowledgement(rig):
    line = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=10)
    took = []
    for n in range(21):
        begun = time.perf_counter()
        body, headers = json.dumps({"command_id": f"k{n}"}), {"Authorization": f"Bearer {TOKEN}"}
        line.request("POST", "/v1/commands/stop-all", body, headers)
        line.getresponse().read()
        took.append(time.perf_counter() - begun)
    line.close()

    # A delayed acknowledgement costs each of them 40 ms; a busy machine spares some.
    assert min(took) < 0.03


def test_a_stop_is_taken_while_other_commands_wait(rig):
    rig.fleet.lets_go.clear()
    waiting = []
    try:
        for n in range(30):
            line = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=10)
            body = json.dumps({"command_id": f"w{n}", "robot_id": "m/s"})
            headers = {"Authorization": f"Bearer {TOKEN}"}
            line.request("POST", "/v1/commands/hold-robot", body, headers)
            waiting.append(line)
        assert rig.client.submit(StopAll("now")).accepted
    finally:
        rig.fleet.lets_go.set()
        for line in waiting:
            line.close()


def test_the_interface_describes_every_command(rig):
    described = json.loads(call(rig, "GET", "/v1/openapi.json")[1])

    for name in COMMANDS:
        schema = described["paths"][f"/v1/commands/{name}"]["post"]["requestBody"]
        assert "command_id" in json.dumps(schema)
    assert "RobotView" in described["components"]["schemas"]


@pytest.mark.parametrize("robot_id", ["m", "m/+", "m/#", "m/s/t", "/s", "m/", "m /s", "ü/s"])
def test_a_robot_id_that_could_not_be_a_topic_is_refused(rig, robot_id):
    people = Connection(rig.data)
    people.sign_in("sam", "supersecret")

    with pytest.raises(ClientError, match="MAKER/SERIAL"):
        people.add_robot(robot_id, "carrier", "r1")


def test_a_supervisor_admits_a_robot_and_gets_its_password_once(rig):
    people = Connection(rig.data)
    people.sign_in("sam", "supersecret")

    assert people.add_robot("acme/s-1", "carrier", "r1") == "secret-of-the-robot"
    with pytest.raises(ClientError, match="use carrier"):
        people.add_robot("acme/s-1", "plane", "r1")
    people.remove_robot("acme/s-1", keep_user=True)
    assert rig.fleet.told[-1] == ("sam", "removed acme/s-1 True")


def test_a_task_goes_through_with_all_its_fields(rig):
    task = SubmitTask("c9", "A01-01", "P1", sku="4711", count=3, due_ms=12345)

    assert rig.client.submit(task).accepted
    assert rig.fleet.given[-1][0] == task


def test_the_crop_of_a_frame_that_its_robot_named_with_a_slash_is_found(rig):
    connection = Connection(rig.data)

    assert connection.review_crop("rv-T-1-left/17") == b"jpeg"
    assert connection.review_crop("v1") == b"jpeg"
