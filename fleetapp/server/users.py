"""People of a data folder: names, roles, argon2id hashes; and who is signed in.

`users.json` (0600) holds hashes only. The first person is a supervisor. Failed
sign-ins slow the next ones down; a one-time supervisor (the demo's PIN) is kept
in memory and is gone with the engine.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fleetapp.api.commands import Person
from fleetapp.server.users_file import User, UsersError, read_users, write_users
from fleetapp.terms import actors
from fleetapp.terms.modes import Role

SESSION_S = 12 * 3600
SLOW_AFTER = 3
SLOWEST_S = 30.0
MOST_NAMES_WATCHED = 1000
LEAST_PASSWORD = 6
LONGEST_NAME = 64
RESERVED = frozenset({actors.LOCAL, actors.NOBODY, "core", "system", "engine"})  # in the journal
AT_ONCE = 2  # argon2id takes 64 MiB each

__all__ = ["SignedIn", "User", "Users", "UsersError"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as its person gets it."""

    token: str
    person: Person
    expires_ms: int  # wall time, UTC


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in until a time (monotonic seconds)."""

    person: Person
    until_s: float


class Users:
    """The people of one data folder; may be used from several threads."""

    def __init__(self, path: Path, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Read who is there.

        Raises:
            UsersError: if the file cannot be understood.
        """
        self._path = path
        self._clock_s = clock_s
        self._hasher = PasswordHasher()
        self._guard = threading.Lock()
        self._hashing = threading.BoundedSemaphore(AT_ONCE)
        self._users = read_users(path)
        self._one_time: dict[str, User] = {}
        self._sessions: dict[str, Session] = {}
        self._failures: dict[str, tuple[int, float]] = {}
        # Checked for names that do not exist, so that they take as long as others.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def nobody_yet(self) -> bool:
        """Whether the first person is still to come."""
        return not self._users and not self._one_time

    def names(self) -> tuple[tuple[str, Role], ...]:
        """Everybody's name and role."""
        return tuple((user.name, user.role) for user in self._users.values())

    def add(self, name: str, role: Role, password: str, *, by_supervisor: bool = True) -> User:
        """Add a person at once, for whoever has nothing to record first.

        Raises:
            UsersError: as `to_add` and `put`.
        """
        user = self.to_add(name, role, password, by_supervisor=by_supervisor)
        self.put(user, by_supervisor=by_supervisor)
        return user

    def to_add(self, name: str, role: Role, password: str, *, by_supervisor: bool = True) -> User:
        """Who would be added; the first of a data folder is a supervisor whatever was wished.

        Raises:
            UsersError: if the name is taken or reserved, the password too short, or
                somebody else is the first.
        """
        name = _usable(name)
        self._check_new(name, by_supervisor=by_supervisor)
        return User(name, role if self._users else Role.SUPERVISOR, self._hashed(password))

    def put(self, user: User, *, by_supervisor: bool = True) -> None:
        """Let in a person of `to_add`.

        Raises:
            UsersError: if they may not be added any more, or the disk does not take it.
        """
        with self._guard:
            self._check_new(user.name, by_supervisor=by_supervisor)
            self._save({**self._users, user.name: user})

    def _check_new(self, name: str, *, by_supervisor: bool) -> None:
        if name in self._users or name in self._one_time:
            raise UsersError(f"{name} is there already: use another name")
        if self._users and not by_supervisor:
            raise UsersError("there is a supervisor by now: sign in first")

    def change_password(self, name: str, password: str, *, keep_token: str = "") -> None:
        """Give a person another password at once, for whoever has nothing to record first.

        Raises:
            UsersError: as `to_change` and `put_password`.
        """
        self.put_password(self.to_change(name, password), keep_token=keep_token)

    def to_change(self, name: str, password: str) -> User:
        """A person as they would be with another password.

        Raises:
            UsersError: if there is no such person or the password is too short.
        """
        return replace(self._known(name), password_hash=self._hashed(password))

    def put_password(self, changed: User, *, keep_token: str = "") -> None:
        """Have the password of `to_change` count and end their sessions but the one given.

        Raises:
            UsersError: if there is no such person any more, or the disk does not take it.
        """
        with self._guard:
            user = replace(self._known(changed.name), password_hash=changed.password_hash)
            self._save({**self._users, user.name: user})
            self._end_sessions(user.name, keep_token)

    def remove(self, name: str) -> None:
        """Take a person out and end their sessions; the last supervisor stays.

        Raises:
            UsersError: if there is no such person or it is the last supervisor.
        """
        with self._guard:
            self._known(name)
            left = {key: user for key, user in self._users.items() if key != name}
            if not any(user.role is Role.SUPERVISOR for user in left.values()):
                raise UsersError(f"{name} is the last supervisor: add another one first")
            self._save(left)
            self._end_sessions(name, "")

    def add_one_time_supervisor(self, name: str, pin: str) -> None:
        """A supervisor for this run only; kept in memory."""
        self._one_time[name] = User(name, Role.SUPERVISOR, self._hasher.hash(pin))

    def check(self, name: str, password: str) -> Person | None:
        """The person, None if name or password are wrong; slow after failures.

        Raises:
            UsersError: if this name was tried too often; how long to wait.
        """
        if len(name) > LONGEST_NAME:
            return None
        with self._guard:
            self._count_attempt(name)
            user = self._users.get(name) or self._one_time.get(name)
        right = self._is_right(user.password_hash if user else self._nobody, password)
        if user is None or not right:
            return None
        with self._guard:
            self._failures.pop(name, None)
        return Person(user.name, user.role, signed_in=True)

    def sign_in(self, name: str, password: str) -> SignedIn | None:
        """A session, None if they are not who they say.

        Raises:
            UsersError: if this name was tried too often.
        """
        person = self.check(name, password)
        if person is None:
            return None
        token = secrets.token_urlsafe(32)
        now_s = self._clock_s()
        with self._guard:
            self._sessions = {t: s for t, s in self._sessions.items() if s.until_s >= now_s}
            self._sessions[token] = Session(person, now_s + SESSION_S)
        return SignedIn(token, person, time.time_ns() // 1_000_000 + SESSION_S * 1000)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._guard:
            self._sessions.pop(token, None)

    def person_of(self, token: str) -> Person | None:
        """Who holds this session token, None if nobody does any more."""
        session = self._sessions.get(token)
        if session is None or session.until_s < self._clock_s():
            return None
        return session.person

    def _count_attempt(self, name: str) -> None:
        """Count before the answer is known: guesses sent side by side count too."""
        count, last_s = self._failures.get(name, (0, 0.0))
        if count >= SLOW_AFTER:
            left_s = last_s + min(SLOWEST_S, 2.0 ** (count - SLOW_AFTER)) - self._clock_s()
            if left_s > 0:
                raise UsersError(f"too many wrong passwords: wait {left_s:.0f} s and try again")
        if name not in self._failures and len(self._failures) >= MOST_NAMES_WATCHED:
            self._failures.pop(next(iter(self._failures)))
        self._failures[name] = (count + 1, self._clock_s())

    def _is_right(self, password_hash: str, password: str) -> bool:
        with self._hashing:
            try:
                return self._hasher.verify(password_hash, password)
            except (VerificationError, InvalidHashError):
                return False

    def _known(self, name: str) -> User:
        user = self._users.get(name)
        if user is None:
            raise UsersError(f"there is no {name[:LONGEST_NAME]}: see `fleetapp user list`")
        return user

    def _save(self, users: dict[str, User]) -> None:
        """On disk first: what could not be written is not true."""
        write_users(self._path, users)
        self._users = users

    def _end_sessions(self, name: str, keep_token: str) -> None:
        self._sessions = {
            token: session
            for token, session in self._sessions.items()
            if session.person.name != name or token == keep_token
        }

    def _hashed(self, password: str) -> str:
        if len(password) < LEAST_PASSWORD:
            raise UsersError(f"the password is too short: use at least {LEAST_PASSWORD} characters")
        with self._hashing:
            return self._hasher.hash(password)


def _usable(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsersError(f"a name has 1 to {LONGEST_NAME} printable characters")
    if name.lower() in RESERVED:
        raise UsersError(f"{name} is a name that the journal uses itself: use another name")
    return name
