"""People: hashes on disk, sessions that end, guesses that get slow, roles that hold."""

import json
import threading

import pytest

from fleetapp.client.connection import ClientError, Connection
from fleetapp.server import people_routes
from fleetapp.server.users import SESSION_S, SLOW_AFTER, Users, UsersError
from fleetapp.terms.modes import Role


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(tmp_path, clock):
    users = Users(tmp_path / "users.json", clock)
    users.add("sam", Role.OPERATOR, "supersecret")
    users.add("olga", Role.OPERATOR, "orderly-one")
    return users


def test_the_first_person_is_a_supervisor_and_the_next_what_was_wished(book):
    assert book.names() == (("sam", Role.SUPERVISOR), ("olga", Role.OPERATOR))


def test_only_argon2id_hashes_lie_on_disk_for_the_owner_alone(book, tmp_path):
    path = tmp_path / "users.json"

    text = path.read_text()
    assert text.count("$argon2id$") == 2
    assert "supersecret" not in text
    assert path.stat().st_mode & 0o777 == 0o600


def test_people_are_still_there_after_a_restart(book, tmp_path):
    again = Users(tmp_path / "users.json")

    assert again.check("sam", "supersecret") is not None
    assert again.check("sam", "supersecret ") is None


def test_a_change_of_people_outlives_a_power_cut(book, tmp_path, reached_the_disk):
    book.remove("olga")

    assert reached_the_disk == [
        "flush users.part",
        "rename users.json",
        f"flush {tmp_path.name}",
    ]


def test_a_session_ends_after_a_shift(book, clock):
    signed_in = book.sign_in("sam", "supersecret")
    clock.now_s += SESSION_S - 1
    assert book.person_of(signed_in.token) is not None

    clock.now_s += 2

    assert book.person_of(signed_in.token) is None


def test_a_changed_password_ends_the_other_sessions(book):
    mine = book.sign_in("sam", "supersecret").token
    elsewhere = book.sign_in("sam", "supersecret").token

    book.change_password("sam", "another-secret", keep_token=mine)

    assert book.person_of(mine) is not None
    assert book.person_of(elsewhere) is None


def test_somebody_taken_out_is_out_at_once(book):
    token = book.sign_in("olga", "orderly-one").token

    book.remove("olga")

    assert book.person_of(token) is None


def test_the_last_supervisor_stays(book):
    with pytest.raises(UsersError, match="last supervisor"):
        book.remove("sam")


def test_wrong_passwords_make_the_next_try_wait_even_the_right_one(book, clock):
    for _ in range(SLOW_AFTER):
        assert book.check("sam", "guess") is None

    with pytest.raises(UsersError, match="wait"):
        book.check("sam", "supersecret")
    clock.now_s += 31
    assert book.check("sam", "supersecret") is not None


def test_guesses_side_by_side_are_slowed_too(book):
    refused = []

    def guess():
        try:
            book.check("sam", "guess")
        except UsersError:
            refused.append(1)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 12 - SLOW_AFTER


def test_the_pin_works_for_this_run_only_and_is_not_written(tmp_path):
    users = Users(tmp_path / "users.json")
    users.add_one_time_supervisor("demo", "493021")

    assert users.check("demo", "493021").role is Role.SUPERVISOR
    assert not (tmp_path / "users.json").exists()
    assert Users(tmp_path / "users.json").check("demo", "493021") is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "local", "Core", "system"])
def test_a_name_that_could_be_taken_for_another_is_refused(book, name):
    with pytest.raises(UsersError, match="name"):
        book.add(name, Role.OPERATOR, "long enough")


@pytest.mark.parametrize("text", ["{", "[1]", '[{"name": "x"}]', '{"a": 1}', "\x00"])
def test_a_broken_file_lets_nobody_in_and_names_the_remedy(tmp_path, text):
    path = tmp_path / "users.json"
    path.write_text(text)

    with pytest.raises(UsersError, match="backup"):
        Users(path)


def test_an_operator_neither_adds_nor_removes_people(rig):
    people = Connection(rig.data)
    people.sign_in("olga", "orderly")

    for act in (
        lambda: people.add_user("eve", Role.SUPERVISOR, "long enough"),
        lambda: people.remove_user("sam"),
        lambda: people.change_password("sam", "long enough"),
        lambda: rig.client.add_user("eve", Role.OPERATOR, "long enough"),
    ):
        with pytest.raises(ClientError, match="supervisor"):
            act()


def test_only_a_supervisor_sees_everybody_and_others_themselves(rig):
    seen = {}
    for name, password in (("sam", "supersecret"), ("olga", "orderly")):
        people = Connection(rig.data)
        people.sign_in(name, password)
        seen[name] = {person.name for person in people.users()}

    assert seen == {"sam": {"sam", "olga"}, "olga": {"olga"}}
    assert rig.client.users() == ()


def test_a_supervisor_manages_people_and_each_act_is_journalled(rig):
    people = Connection(rig.data)
    people.sign_in("sam", "supersecret")

    people.add_user("nora/ü", Role.OPERATOR, "long enough")
    people.sign_out()

    assert rig.fleet.told[-2:] == [("sam", "added nora/ü as operator"), ("sam", "signed out")]
    assert "long enough" not in json.dumps(rig.fleet.told)


def test_a_refused_sign_in_is_journalled_without_the_password(rig):
    with pytest.raises(ClientError, match="wrong"):
        Connection(rig.data).sign_in("mallory", "guessed-secret")

    assert rig.fleet.told[-1] == ("local", "sign-in as 'mallory' refused")


def test_a_client_whose_session_is_over_is_told_once_and_then_is_local_again(rig):
    people = Connection(rig.data)
    people.sign_in("sam", "supersecret")
    rig.users.sign_out(people.target().token)

    with pytest.raises(ClientError, match="sign in again"):
        people.snapshot()
    assert people.snapshot().seq == 1


@pytest.fixture
def sam(rig, monkeypatch):
    """The supervisor, signed in, and a journal that can be locked."""
    monkeypatch.setattr(people_routes, "ANSWER_S", 0.05)
    people = Connection(rig.data)
    people.sign_in("sam", "supersecret")
    yield people
    rig.fleet.journal_hangs = False


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda sam: sam.add_user("eve", Role.SUPERVISOR, "long enough"),
            ["will add eve as supervisor", "did not add eve: the journal could not be written"],
        ),
        (
            lambda sam: sam.change_password("olga", "another1"),
            [
                "will change the password of olga",
                "did not change the password of olga: the journal could not be written",
            ],
        ),
    ],
    ids=["a new person", "another password"],
)
def test_nobody_is_let_in_while_the_journal_cannot_be_written(rig, sam, act, said):
    before = (rig.data / "users.json").read_bytes()
    rig.fleet.journal_hangs = True

    with pytest.raises(ClientError, match="nothing is changed"):
        act(sam)

    assert (rig.data / "users.json").read_bytes() == before
    assert Users(rig.data / "users.json").check("eve", "long enough") is None
    assert rig.users.check("olga", "another1") is None
    assert [what for _, what in rig.fleet.told[-2:]] == said


def test_what_lets_somebody_in_is_on_disk_before_it_is_done_and_again_when_it_is(
    rig, sam, monkeypatch
):
    steps = []
    keep, put = rig.users._save, rig.fleet.recorded

    def recorded(person, what):
        steps.append(what)
        return put(person, what)

    def saved(people):
        steps.append("users.json")
        keep(people)

    monkeypatch.setattr(rig.fleet, "recorded", recorded)
    monkeypatch.setattr(rig.users, "_save", saved)

    sam.add_user("ida", Role.OPERATOR, "long enough")
    sam.change_password("ida", "longer still")

    assert steps == [
        "will add ida as operator",
        "users.json",
        "added ida as operator",
        "will change the password of ida",
        "users.json",
        "changed the password of ida",
    ]


def test_what_the_disk_does_not_take_is_journalled_as_not_done(rig, sam, monkeypatch):
    def full(_people):
        raise UsersError("users.json cannot be written: make room and try again")

    monkeypatch.setattr(rig.users, "_save", full)

    with pytest.raises(ClientError, match="make room"):
        sam.add_user("una", Role.OPERATOR, "long enough")

    assert rig.fleet.told[-1] == (
        "sam",
        "did not add una: users.json cannot be written: make room and try again",
    )


def test_somebody_is_taken_out_though_the_journal_cannot_be_written(rig, sam):
    sam.add_user("tim", Role.OPERATOR, "long enough")
    rig.fleet.journal_hangs = True

    with pytest.raises(ClientError, match="not recorded yet"):
        sam.remove_user("tim")

    assert rig.users.check("tim", "long enough") is None


def test_a_person_taken_out_meanwhile_gets_no_password(book):
    changed = book.to_change("olga", "another-secret")
    book.remove("olga")

    with pytest.raises(UsersError, match="there is no olga"):
        book.put_password(changed)


def test_a_name_taken_meanwhile_is_not_taken_over(book):
    first, second = (book.to_add("nora", role, "long enough") for role in Role)
    book.put(first)

    with pytest.raises(UsersError, match="nora is there already"):
        book.put(second)
