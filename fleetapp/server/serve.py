"""Serving the API: uvicorn on a thread of its own, this machine only."""

import asyncio
import logging
import socket
import threading
import time

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from fleetapp.api.service import FleetService
from fleetapp.server.audit_routes import audit_routes
from fleetapp.server.doors import Doors
from fleetapp.server.guard import MOST_BYTES, Guard
from fleetapp.server.people_routes import people_routes, person_routes, user_routes
from fleetapp.server.routes import command_routes, fleet_routes, live_routes, robot_routes
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
    for router in (
        fleet_routes(service, doors),
        live_routes(service, doors),
        command_routes(service, doors),
        robot_routes(service, doors),
        audit_routes(service, doors),
        people_routes(service, doors),
        user_routes(service, doors),
        person_routes(service, doors),
    ):
        app.include_router(router)
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, _malformed)
    for kind in (RuntimeError, FileNotFoundError, TimeoutError):
        app.add_exception_handler(kind, _not_now)
    app.add_exception_handler(Exception, _failed)
    return app


async def _malformed(_request: Request, error: Exception) -> Response:
    """A path or query of the wrong kind: one sentence, like every other answer."""
    problems = error.errors() if isinstance(error, RequestValidationError) else ()
    told = "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in problems)
    return JSONResponse({"detail": f"{told}: correct that field"}, 422)


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
