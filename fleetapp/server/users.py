"""People of a data folder: names, roles, argon2id hashes; and who is signed in.

`users.json` (0600) holds hashes only. The first person is a supervisor. Failed
sign-ins slow the next ones down; a one-time supervisor (the demo's PIN) is kept
in memory and is gone with the engine.
"""

import json
import os
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fleetapp.api.commands import Person
from fleetapp.terms.modes import Role

SESSION_S = 12 * 3600
SLOW_AFTER = 3
SLOWEST_S = 30.0
LEAST_PASSWORD = 6


class UsersError(ValueError):
    """Something a person asked for that cannot be done; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class User:
    """A person and the hash of their password."""

    name: str
    role: Role
    password_hash: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in until a time (monotonic seconds)."""

    person: Person
    until_s: float


class Users:
    """The people of one data folder; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Read who is there."""
        self._path = path
        self._hasher = PasswordHasher()
        self._guard = threading.Lock()
        self._users = _read(path)
        self._one_time: dict[str, User] = {}
        self._sessions: dict[str, Session] = {}
        self._failures: dict[str, tuple[int, float]] = {}

    def nobody_yet(self) -> bool:
        """Whether the first person is still to come."""
        return not self._users and not self._one_time

    def names(self) -> tuple[tuple[str, Role], ...]:
        """Everybody's name and role."""
        return tuple((user.name, user.role) for user in self._users.values())

    def add(self, name: str, role: Role, password: str) -> User:
        """Add a person.

        Raises:
            UsersError: if the name is taken or the password too short.
        """
        name = name.strip()
        if not name or len(name) > 64:
            raise UsersError("a name has 1 to 64 characters")
        with self._guard:
            if name in self._users:
                raise UsersError(f"{name} is there already: use another name")
            user = User(name, role, self._hashed(password))
            self._users[name] = user
            self._write()
        return user

    def change_password(self, name: str, password: str) -> None:
        """Give a person another password.

        Raises:
            UsersError: if there is no such person or the password is too short.
        """
        with self._guard:
            user = self._users.get(name)
            if user is None:
                raise UsersError(f"there is no {name}: see `fleetapp user list`")
            self._users[name] = User(name, user.role, self._hashed(password))
            self._write()

    def remove(self, name: str) -> None:
        """Take a person out, but for the last supervisor.

        Raises:
            UsersError: if there is no such person or it is the last supervisor.
        """
        with self._guard:
            user = self._users.get(name)
            if user is None:
                raise UsersError(f"there is no {name}: see `fleetapp user list`")
            others = [u for u in self._users.values() if u.name != name]
            if not any(u.role is Role.SUPERVISOR for u in others):
                raise UsersError(f"{name} is the last supervisor: add another one first")
            del self._users[name]
            self._write()

    def add_one_time_supervisor(self, name: str, pin: str) -> None:
        """A supervisor for this run only; kept in memory."""
        self._one_time[name] = User(name, Role.SUPERVISOR, self._hasher.hash(pin))

    def check(self, name: str, password: str) -> Person | None:
        """The person, None if name or password are wrong; slow after failures."""
        self._wait_after_failures(name)
        user = self._users.get(name) or self._one_time.get(name)
        try:
            right = user is not None and self._hasher.verify(user.password_hash, password)
        except (VerificationError, InvalidHashError):
            right = False
        with self._guard:
            if not right or user is None:
                count, _ = self._failures.get(name, (0, 0.0))
                self._failures[name] = (count + 1, time.monotonic())
                return None
            self._failures.pop(name, None)
        return Person(user.name, user.role, signed_in=True)

    def _wait_after_failures(self, name: str) -> None:
        count, last_s = self._failures.get(name, (0, 0.0))
        if count < SLOW_AFTER:
            return
        pause = min(SLOWEST_S, 2.0 ** (count - SLOW_AFTER))
        left = last_s + pause - time.monotonic()
        if left > 0:
            raise UsersError(f"too many wrong passwords: wait {left:.0f} s and try again")

    def sign_in(self, name: str, password: str) -> tuple[str, Person] | None:
        """A session token and the person, None if they are not who they say."""
        person = self.check(name, password)
        if person is None:
            return None
        token = secrets.token_urlsafe(32)
        with self._guard:
            self._sessions[token] = Session(person, time.monotonic() + SESSION_S)
        return token, person

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._guard:
            self._sessions.pop(token, None)

    def person_of(self, token: str) -> Person | None:
        """Who holds this session token, None if nobody does any more."""
        session = self._sessions.get(token)
        if session is None or session.until_s < time.monotonic():
            return None
        return session.person

    def _hashed(self, password: str) -> str:
        if len(password) < LEAST_PASSWORD:
            raise UsersError(f"the password is too short: use at least {LEAST_PASSWORD} characters")
        return self._hasher.hash(password)

    def _write(self) -> None:
        beside = self._path.with_suffix(".part")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            json.dump([asdict(user) for user in self._users.values()], handle, indent=1)
        beside.replace(self._path)


def _read(path: Path) -> dict[str, User]:
    if not path.exists():
        return {}
    content = json.loads(path.read_text("utf-8"))
    return {u["name"]: User(u["name"], Role(u["role"]), u["password_hash"]) for u in content}
