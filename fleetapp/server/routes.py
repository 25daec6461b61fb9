"""The routes of `/v1`: thin, each one call of the service or of the people's book."""

import asyncio
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any, get_args

import msgspec
from fastapi import APIRouter, HTTPException, Request, Response, WebSocket

from fleetapp.api.codec import encode
from fleetapp.api.commands import Command
from fleetapp.api.service import ExportRequest, FleetService, JournalQuery
from fleetapp.api.views import PersonView
from fleetapp.server.doors import Doors
from fleetapp.server.live import serve_live
from fleetapp.server.users import UsersError
from fleetapp.terms.modes import Role

ANSWER_S = 10.0
COMMANDS: dict[str, type] = {
    "".join(f"-{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("-"): kind
    for kind in get_args(Command)
}


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")


def fleet_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Queries and commands about the fleet."""
    router = APIRouter(prefix="/v1")

    @router.get("/snapshot")
    def snapshot(request: Request) -> Response:
        doors.person(request)
        return _json(service.snapshot())

    @router.get("/layout")
    def layout(request: Request) -> Response:
        doors.person(request)
        return _json(service.layout())

    @router.get("/status")
    def status(request: Request) -> Response:
        doors.person(request)
        return _json(service.status())

    @router.get("/diagnostics")
    def diagnostics(request: Request) -> Response:
        doors.person(request)
        return _json(service.diagnostics())

    @router.get("/why")
    def why(request: Request, robot: str = "", task: str = "") -> Response:
        doors.person(request)
        return _json(_why(service, robot, task))

    @router.post("/commands/{name}")
    async def command(name: str, request: Request) -> Response:
        kind = COMMANDS.get(name)
        if kind is None:
            raise HTTPException(404, f"no command {name!r}: use one of {', '.join(COMMANDS)}")
        body = await _body(request)
        signature = body.pop("signature", None)
        person = await asyncio.to_thread(doors.signer, request, signature)
        given = _converted(body, kind)
        outcome = await asyncio.wait_for(
            asyncio.wrap_future(service.submit(given, person)), ANSWER_S
        )
        return _json(outcome)

    @router.websocket("/live")
    async def live(socket: WebSocket) -> None:
        try:
            doors.person_of(socket.query_params.get("token", ""))
        except HTTPException:
            await socket.close(4401, "no valid token")
            return
        await serve_live(socket, service)

    @router.get("/reviews/{review_id}/crop")
    def crop(review_id: str, request: Request) -> Response:
        doors.person(request)
        image = service.review_crop(review_id)
        if image is None:
            raise HTTPException(404, "the crop of this review is no longer kept")
        return Response(image, media_type="image/jpeg")

    return router


def robot_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Letting robots in and out."""
    router = APIRouter(prefix="/v1/robots")

    @router.post("")
    async def add(request: Request) -> Response:
        body = await _body(request)
        signature = body.pop("signature", None)
        person = await asyncio.to_thread(doors.signer, request, signature)
        robot_id, kind, name = (str(body.get(k, "")) for k in ("robot_id", "robot_type", "name"))
        try:
            password = await asyncio.to_thread(service.add_robot, robot_id, kind, name, person)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return _json({"password": password})

    @router.delete("/{maker}/{serial}")
    async def remove(
        maker: str,
        serial: str,
        request: Request,
        keep_user: bool = False,  # noqa: FBT001, FBT002 - FastAPI's way
    ) -> Response:
        person = doors.supervisor(request)
        try:
            await asyncio.to_thread(
                service.remove_robot, f"{maker}/{serial}", keep_user=keep_user, person=person
            )
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return _json({"removed": f"{maker}/{serial}"})

    return router


def audit_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Reading and exporting the journal."""
    router = APIRouter(prefix="/v1")

    @router.get("/journal")
    def rows(request: Request) -> Response:
        doors.person(request)
        return _json(service.audit().rows(_converted(dict(request.query_params), JournalQuery)))

    @router.get("/journal/{seq}/chain")
    def chain(seq: int, request: Request) -> Response:
        doors.person(request)
        return _json(service.audit().chain(seq))

    @router.get("/journal/{seq}/consequences")
    def consequences(seq: int, request: Request) -> Response:
        doors.person(request)
        return _json(service.audit().consequences(seq))

    @router.get("/proof")
    def proof(request: Request) -> Response:
        doors.person(request)
        return _json(service.audit().proof())

    @router.post("/export")
    async def export(request: Request) -> Response:
        person = doors.person(request)
        wanted: ExportRequest = _converted(await _body(request), ExportRequest)
        service.signed_in(person, f"exported the journal as {wanted.format}")
        return Response(
            await asyncio.to_thread(_zipped, service, wanted), media_type="application/zip"
        )

    return router


def people_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Signing in and out, and who there is."""
    router = APIRouter(prefix="/v1")
    users = doors.users

    @router.post("/session")
    async def sign_in(request: Request) -> Response:
        doors.person(request)
        body = await _body(request)
        name = str(body.get("name", ""))
        try:
            found = await asyncio.to_thread(users.sign_in, name, str(body.get("password", "")))
        except UsersError as error:
            raise HTTPException(403, str(error)) from error
        if found is None:
            service.signed_in(doors.person(request), f"sign-in as {name[:64]!r} refused")
            raise HTTPException(403, "name or password are wrong: try again")
        token, person = found
        service.signed_in(person, f"signed in as {person.role.value}")
        return _json({"token": token, "person": PersonView(person.name, person.role)})

    @router.get("/session")
    def who(request: Request) -> Response:
        person = doors.person(request)
        return _json(PersonView(person.name, person.role))

    @router.delete("/session")
    def sign_out(request: Request) -> Response:
        person = doors.person(request)
        users.sign_out(request.headers.get("authorization", "").removeprefix("Bearer ").strip())
        service.signed_in(person, "signed out")
        return _json({})

    return router


def user_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Who there is; only a supervisor changes that."""
    router = APIRouter(prefix="/v1")
    users = doors.users

    @router.get("/users")
    def names(request: Request) -> Response:
        doors.person(request)
        return _json([PersonView(name, role) for name, role in users.names()])

    @router.post("/users")
    async def add(request: Request) -> Response:
        first = users.nobody_yet()
        person = doors.person(request) if first else doors.supervisor(request)
        body = await _body(request)
        try:
            role = Role.SUPERVISOR if first else Role(str(body.get("role", "operator")))
            user = await asyncio.to_thread(
                users.add, str(body.get("name", "")), role, str(body.get("password", ""))
            )
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        service.signed_in(person, f"added {user.name} as {user.role.value}")
        return _json(PersonView(user.name, user.role))

    @router.post("/users/{name}/password")
    async def password(name: str, request: Request) -> Response:
        person = doors.person(request)
        if person.name != name or not person.signed_in:
            person = doors.supervisor(request)
        body = await _body(request)
        try:
            await asyncio.to_thread(users.change_password, name, str(body.get("password", "")))
        except UsersError as error:
            raise HTTPException(422, str(error)) from error
        service.signed_in(person, f"changed the password of {name}")
        return _json({})

    @router.delete("/users/{name}")
    def remove(name: str, request: Request) -> Response:
        person = doors.supervisor(request)
        try:
            users.remove(name)
        except UsersError as error:
            raise HTTPException(422, str(error)) from error
        service.signed_in(person, f"removed {name}")
        return _json({})

    return router


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise HTTPException(422, "the body is not a JSON object: send {...}")
    return body


def _converted(body: dict[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.convert(body, kind, strict=False)
    except msgspec.ValidationError as error:
        raise HTTPException(422, f"{error}: correct that field") from error


def _why(service: FleetService, robot: str, task: str) -> dict[str, object]:
    snapshot = service.snapshot()
    for view in snapshot.robots:
        if robot and robot in (view.robot_id, view.name):
            why = view.why
            if why is None:
                return {"robot": view.name, "sentence": f"It does not stand: {view.doing}."}
            return {
                "robot": view.name,
                "sentence": why.sentence,
                "since_ms": why.since_ms,
                "ends": why.ends,
                "evidence": why.evidence,
                "journal_seq": why.journal_seq,
            }
    for item in snapshot.tasks:
        if task and task == item.task_id:
            return {"task": item.task_id, "sentence": item.sentence, "load": item.load_is}
    raise HTTPException(404, f"no robot or task {robot or task!r}: check the name")


def _zipped(service: FleetService, wanted: ExportRequest) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        try:
            paths = service.audit().export(wanted, folder)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                archive.write(path, Path(path).name)
        return buffer.getvalue()
