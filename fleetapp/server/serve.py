"""Serving the API: uvicorn on a thread of its own, this machine only."""

import asyncio
import logging
import socket
import threading
import time

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as AnyHTTPException

from fleetapp.api.commands import Person
from fleetapp.api.service import FleetService
from fleetapp.server.audit_routes import audit_routes
from fleetapp.server.doors import Doors
from fleetapp.server.guard import MOST_BYTES, Guard
from fleetapp.server.people_routes import people_routes, person_routes, user_routes
from fleetapp.server.routes import command_routes, fleet_routes, live_routes, robot_routes
from fleetapp.server.turned_away import NOBODY, TurnedAway
from fleetapp.server.users import Users

log = logging.getLogger(__name__)

START_S = 10.0


class ServerError(RuntimeError):
    """The API cannot be served; the message names the remedy."""


class ServerHandle:
    """A running server."""

    def __init__(self, server: uvicorn.Server, thread: threading.Thread, port: int) -> None:
        """As started."""
        self.port = port
        self._server = server
        self._thread = thread

    def stop(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(timeout=5)


def make_app(service: FleetService, users: Users, token: str) -> FastAPI:
    """The application with all its routes."""
    app = FastAPI(title="fleetapp", version="1", openapi_url="/v1/openapi.json", docs_url=None)
    doors = Doors(token, users)
    away = TurnedAway(service.signed_in)
    for router in (
        fleet_routes(service, doors, away),
        live_routes(service, doors, away),
        command_routes(service, doors),
        robot_routes(service, doors),
        audit_routes(service, doors),
        people_routes(service, doors),
        user_routes(service, doors),
        person_routes(service, doors),
    ):
        app.include_router(router)
    app.add_middleware(Guard, away=away)
    _add_answers(app, doors, away)
    return app


def _add_answers(app: FastAPI, doors: Doors, away: TurnedAway) -> None:
    """One sentence for whatever goes wrong; what was the client's mistake is counted."""

    async def turned_away(request: Request, error: Exception) -> Response:
        problem = error if isinstance(error, AnyHTTPException) else _malformed(error)
        what = f"{request.method} {request.url.path}"
        away.note(_sender(doors, request), what, status=problem.status_code, why=problem.detail)
        return await http_exception_handler(request, problem)

    app.add_exception_handler(AnyHTTPException, turned_away)
    app.add_exception_handler(RequestValidationError, turned_away)
    for kind in (RuntimeError, FileNotFoundError, TimeoutError):
        app.add_exception_handler(kind, _not_now)
    app.add_exception_handler(Exception, _failed)


def _sender(doors: Doors, request: Request) -> Person:
    try:
        return doors.person(request)
    except HTTPException:
        return NOBODY


def _malformed(error: Exception) -> HTTPException:
    """A path or query of the wrong kind: one sentence, like every other answer."""
    problems = error.errors() if isinstance(error, RequestValidationError) else ()
    told = "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in problems)
    return HTTPException(422, f"{told}: correct that field")


async def _not_now(_request: Request, error: Exception) -> Response:
    """The engine has not begun, or its journal cannot be read now."""
    log.warning("a request could not be answered: %s", error)
    return JSONResponse({"detail": str(error) or "no answer in time: try again"}, 503)


async def _failed(_request: Request, _error: Exception) -> Response:
    """A mistake of ours: uvicorn logs it with its trace; the client hears one sentence."""
    return JSONResponse({"detail": "the engine failed at this: see its log"}, 500)


def serve(service: FleetService, users: Users, token: str, port: int) -> ServerHandle:
    """Serve on 127.0.0.1; port 0 takes a free one.

    Raises:
        ServerError: if the port is taken.
    """
    # asyncio sets TCP_NODELAY only where the protocol is named; without it an answer on
    # a kept connection waited for the client's delayed ACK: 48 ms instead of 0.5 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise ServerError(f"port {port} is taken: choose another with --port") from error
    config = uvicorn.Config(
        make_app(service, users, token),
        log_level="warning",
        lifespan="off",
        ws_max_size=MOST_BYTES,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve([listener])), name="server", daemon=True
    )
    thread.start()
    until = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > until or not thread.is_alive():
            raise ServerError("the API server did not start: see the engine's log")
        time.sleep(0.01)
    bound: int = listener.getsockname()[1]
    return ServerHandle(server, thread, bound)
