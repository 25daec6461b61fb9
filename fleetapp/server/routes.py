"""Routes about fleet and robots under `/v1`: thin, each one call of the service.

A command's way takes no worker thread unless somebody signs for it, so that a
stop waits neither for sign-ins nor for exports.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from fastapi import APIRouter, HTTPException, Request, Response, WebSocket
from pydantic import TypeAdapter

from fleetapp.api.codec import encode
from fleetapp.api.commands import Command, Outcome
from fleetapp.api.layout import Layout
from fleetapp.api.service import FleetService
from fleetapp.api.views import Snapshot
from fleetapp.server.bodies import body_of, converted, text_of
from fleetapp.server.doors import Doors
from fleetapp.server.live import serve_live
from fleetapp.server.turned_away import NOBODY, TurnedAway
from fleetapp.terms.reasons import Refusal

ANSWER_S = 10.0
FORBIDDEN = frozenset({Refusal.NOT_SIGNED_IN.value, Refusal.ROLE_TOO_LOW.value})
COMMANDS: dict[str, type] = {
    "".join(f"-{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("-"): kind
    for kind in get_args(Command)
}


def json_of(value: object, status: int = 200) -> Response:
    """A value of `fleetapp.api` as an answer."""
    return Response(encode(value), status, media_type="application/json")


def fleet_routes(service: FleetService, doors: Doors, away: TurnedAway) -> APIRouter:
    """Queries about the fleet."""
    router = APIRouter(prefix="/v1")

    @router.get("/snapshot", response_model=Snapshot)
    def snapshot(request: Request) -> Response:
        doors.person(request)
        return json_of(service.snapshot())

    @router.get("/layout", response_model=Layout)
    def layout(request: Request) -> Response:
        doors.person(request)
        return json_of(service.layout())

    @router.get("/status")
    def status(request: Request) -> Response:
        doors.person(request)
        return json_of({**service.status(), "requests_not_used": away.counts()})

    @router.get("/diagnostics")
    def diagnostics(request: Request) -> Response:
        doors.person(request)
        return json_of(service.diagnostics())

    @router.get("/why")
    def why(request: Request, robot: str = "", task: str = "") -> Response:
        doors.person(request)
        return json_of(_why(service, robot, task))

    return router


def live_routes(service: FleetService, doors: Doors, away: TurnedAway) -> APIRouter:
    """What is pushed, and pictures."""
    router = APIRouter(prefix="/v1")

    @router.websocket("/live")
    async def live(socket: WebSocket) -> None:
        try:
            doors.person_of(socket.query_params.get("token", ""))
        except HTTPException as error:
            away.note(NOBODY, "WebSocket /v1/live", status=401, why=error.detail)
            await socket.close(4401, "no valid token")
            return
        await serve_live(socket, service)

    @router.get("/reviews/{review_id:path}/crop")  # robots name their frames, slashes too
    def crop(review_id: str, request: Request) -> Response:
        doors.person(request)
        image = service.review_crop(review_id)
        if image is None:
            raise HTTPException(404, "the crop of this review is no longer kept")
        return Response(image, media_type="image/jpeg")

    return router


def command_routes(service: FleetService, doors: Doors) -> APIRouter:
    """One route a command, and an answer for names that are none."""
    router = APIRouter(prefix="/v1/commands")
    for name, kind in COMMANDS.items():
        router.add_api_route(
            f"/{name}",
            _handler(service, doors, kind),
            methods=["POST"],
            name=name,
            description=kind.__doc__,
            response_model=Outcome,
            openapi_extra={"requestBody": _schema(kind)},
        )

    @router.post("/{name}", include_in_schema=False)
    def unknown(name: str) -> Response:
        raise HTTPException(404, f"no command {name[:80]!r}: use one of {', '.join(COMMANDS)}")

    return router


def _handler(
    service: FleetService, doors: Doors, kind: type[Any]
) -> Callable[[Request], Awaitable[Response]]:
    async def command(request: Request) -> Response:
        person = doors.person(request)
        body = await body_of(request)
        if "signature" in body:
            person = await asyncio.to_thread(doors.signed, body.pop("signature"), service)
        given = converted(body, kind)
        asked = asyncio.wrap_future(service.submit(given, person))
        try:
            outcome = await asyncio.wait_for(asked, ANSWER_S)
        except TimeoutError as error:
            raise HTTPException(
                504, f"no answer within {ANSWER_S:.0f} s: send the same command_id again"
            ) from error
        return _answer(outcome)

    return command


def _answer(outcome: Outcome) -> Response:
    """Refusals of the person get status 403; what the fleet refuses is an answer, 200."""
    if outcome.reason not in FORBIDDEN:
        return json_of(outcome)
    return json_of(
        {
            "command_id": outcome.command_id,
            "accepted": False,
            "reason": outcome.reason,
            "message": outcome.message,
            "detail": outcome.message,
        },
        403,
    )


def _schema(kind: type[Any]) -> dict[str, Any]:
    schema = TypeAdapter(kind).json_schema()
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def robot_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Letting robots in and out."""
    router = APIRouter(prefix="/v1/robots")

    @router.post("")
    async def add(request: Request) -> Response:
        person = doors.person(request)
        body = await body_of(request)
        if "signature" in body:
            person = await asyncio.to_thread(doors.signed, body.pop("signature"), service)
        doors.must_be_supervisor(person)
        robot_id, kind, name = (text_of(body, k) for k in ("robot_id", "robot_type", "name"))
        doors.must_be_robot_id(robot_id)
        try:
            password = await asyncio.to_thread(service.add_robot, robot_id, kind, name, person)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return json_of({"password": password})

    @router.delete("/{maker}/{serial}")
    async def remove(
        maker: str,
        serial: str,
        request: Request,
        keep_user: bool = False,  # noqa: FBT001, FBT002 - FastAPI's way
    ) -> Response:
        person = doors.supervisor(request)
        doors.must_be_robot_id(f"{maker}/{serial}")
        try:
            await asyncio.to_thread(
                service.remove_robot, f"{maker}/{serial}", keep_user=keep_user, person=person
            )
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return json_of({"removed": f"{maker}/{serial}"})

    return router


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
    raise HTTPException(404, f"no robot or task {(robot or task)[:80]!r}: check the name")
