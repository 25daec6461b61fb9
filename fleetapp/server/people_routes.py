"""Routes for signing in and out, and for who there is.

Every sign-in, refused sign-in and change of people is journalled, never a password.
What lets somebody in, a new person or password, has two rows: that it will be done is on
disk before it is done, and that it was done before it is answered. Taking somebody out
waits for nothing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request, Response

from fleetapp.api.commands import Person
from fleetapp.api.service import FleetService
from fleetapp.api.views import PersonView
from fleetapp.server.bodies import body_of, text_of
from fleetapp.server.doors import Doors, token_of
from fleetapp.server.routes import ANSWER_S, json_of
from fleetapp.server.users import UsersError
from fleetapp.terms.modes import Role


def people_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Signing in and out."""
    router = APIRouter(prefix="/v1")
    users = doors.users

    @router.post("/session")
    async def sign_in(request: Request) -> Response:
        sender = doors.person(request)
        body = await body_of(request)
        name, password = text_of(body, "name"), text_of(body, "password")
        try:
            found = await asyncio.to_thread(users.sign_in, name, password)
        except UsersError as error:
            raise HTTPException(403, str(error)) from error
        if found is None:
            service.signed_in(sender, f"sign-in as {name[:64]!r} refused")
            raise HTTPException(403, "name or password are wrong: try again")
        service.signed_in(found.person, f"signed in as {found.person.role.value}")
        person = PersonView(found.person.name, found.person.role)
        return json_of({"token": found.token, "person": person, "expires_ms": found.expires_ms})

    @router.get("/session", response_model=PersonView)
    def who(request: Request) -> Response:
        person = doors.person(request)
        return json_of(PersonView(person.name, person.role))

    @router.delete("/session")
    def sign_out(request: Request) -> Response:
        person = doors.person(request)
        users.sign_out(token_of(request))
        service.signed_in(person, "signed out")
        return json_of({})

    return router


def user_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Who there is; only a supervisor sees all of them and changes that."""
    router = APIRouter(prefix="/v1")
    users = doors.users

    @router.get("/users", response_model=list[PersonView])
    def names(request: Request) -> Response:
        person = doors.person(request)
        everybody = person.signed_in and person.role is Role.SUPERVISOR
        return json_of(
            [
                PersonView(name, role)
                for name, role in users.names()
                if everybody or (person.signed_in and name == person.name)
            ]
        )

    @router.post("/users", response_model=PersonView)
    async def add(request: Request) -> Response:
        person = doors.person(request) if users.nobody_yet() else doors.supervisor(request)
        body = await body_of(request)
        name, password = text_of(body, "name"), text_of(body, "password")
        wanted = text_of(body, "role") or Role.OPERATOR.value
        if wanted not in set(Role):
            raise HTTPException(422, f"role {wanted[:80]!r}: write {' or '.join(Role)}")
        signed_in = person.signed_in
        try:
            user = await asyncio.to_thread(
                users.to_add, name, Role(wanted), password, by_supervisor=signed_in
            )
        except UsersError as error:
            raise HTTPException(422, str(error)) from error
        words = _Words(
            f"will add {user.name} as {user.role.value}",
            f"added {user.name} as {user.role.value}",
            f"did not add {user.name}",
        )
        await _permitted(service, person, words, lambda: users.put(user, by_supervisor=signed_in))
        return json_of(PersonView(user.name, user.role))

    return router


def person_routes(service: FleetService, doors: Doors) -> APIRouter:
    """What is done to one person."""
    router = APIRouter(prefix="/v1")
    users = doors.users

    @router.post("/users/{name}/password")
    async def password(name: str, request: Request) -> Response:
        person = doors.person(request)
        if person.name != name or not person.signed_in:
            doors.must_be_supervisor(person)
        secret = text_of(await body_of(request), "password")
        try:
            changed = await asyncio.to_thread(users.to_change, name, secret)
        except UsersError as error:
            raise HTTPException(422, str(error)) from error
        words = _Words(
            f"will change the password of {name}",
            f"changed the password of {name}",
            f"did not change the password of {name}",
        )
        token = token_of(request)
        await _permitted(
            service, person, words, lambda: users.put_password(changed, keep_token=token)
        )
        return json_of({})

    @router.delete("/users/{name}")
    async def remove(name: str, request: Request) -> Response:
        person = doors.supervisor(request)
        try:
            await asyncio.to_thread(users.remove, name)
        except UsersError as error:
            raise HTTPException(422, str(error)) from error
        await _on_disk(service, person, f"removed {name}")
        return json_of({})

    return router


@dataclass(frozen=True, slots=True)
class _Words:
    """What the journal says of a change that lets somebody in."""

    before: str
    done: str
    not_done: str


async def _permitted(
    service: FleetService, person: Person, words: _Words, do: Callable[[], None]
) -> None:
    """Do what lets somebody in when the row that says so is on disk; answer when it is done.

    An engine that dies between leaves at most the row and nobody let in.

    Raises:
        HTTPException: 504 if the journal cannot be written, so that nothing was changed;
            422 if it can be done no more.
    """
    if not await _is_recorded(service, person, words.before):
        service.signed_in(person, f"{words.not_done}: the journal could not be written")
        text = "the journal cannot be written, so that nothing is changed"
        raise HTTPException(504, f"{text}: look at the alarms and try again then")
    try:
        await asyncio.to_thread(do)
    except UsersError as error:
        service.signed_in(person, f"{words.not_done}: {error}")
        raise HTTPException(422, str(error)) from error
    await _on_disk(service, person, words.done)


async def _on_disk(service: FleetService, person: Person, what: str) -> None:
    """Wait for the row of a change; what was answered is in the journal after any crash.

    Raises:
        HTTPException: 504 if the journal cannot be written now.
    """
    if not await _is_recorded(service, person, what):
        text = f"{what}, but the journal cannot be written, so that this is not recorded yet"
        raise HTTPException(504, f"{text}: look at the alarms")


async def _is_recorded(service: FleetService, person: Person, what: str) -> bool:
    """Whether the row is on disk in time."""
    try:
        await asyncio.wait_for(asyncio.wrap_future(service.recorded(person, what)), ANSWER_S)
    except TimeoutError:
        return False
    return True
