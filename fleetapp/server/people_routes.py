"""Routes for signing in and out, and for who there is.

Every sign-in, refused sign-in and change of people is journalled, never a password.
A change is answered when its row is on disk.
"""

import asyncio

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
        try:
            user = await asyncio.to_thread(
                users.add, name, Role(wanted), password, by_supervisor=person.signed_in
            )
        except UsersError as error:
            raise HTTPException(422, str(error)) from error
        await _on_disk(service, person, f"added {user.name} as {user.role.value}")
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
            await asyncio.to_thread(
                users.change_password, name, secret, keep_token=token_of(request)
            )
        except UsersError as error:
            raise HTTPException(422, str(error)) from error
        await _on_disk(service, person, f"changed the password of {name}")
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


async def _on_disk(service: FleetService, person: Person, what: str) -> None:
    """Wait for the row of a change; what was answered is in the journal after any crash.

    Raises:
        HTTPException: 504 if the journal cannot be written now.
    """
    try:
        await asyncio.wait_for(asyncio.wrap_future(service.recorded(person, what)), ANSWER_S)
    except TimeoutError as error:
        text = f"{what}, but the journal cannot be written, so that this is not recorded yet"
        raise HTTPException(504, f"{text}: look at the alarms") from error
