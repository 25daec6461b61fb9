"""Serving the API: uvicorn on a thread of its own, this machine only."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from fleetapp.api.service import FleetService
from fleetapp.server.doors import Doors
from fleetapp.server.routes import (
    audit_routes,
    fleet_routes,
    people_routes,
    robot_routes,
    user_routes,
)
from fleetapp.server.users import Users

MOST_BYTES = 1024 * 1024
HOSTS = frozenset({"127.0.0.1", "localhost"})
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
        robot_routes(service, doors),
        audit_routes(service, doors),
        people_routes(service, doors),
        user_routes(service, doors),
    ):
        app.include_router(router)

    @app.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        host = request.headers.get("host", "").rsplit(":", 1)[0]
        if host not in HOSTS:
            return JSONResponse({"detail": f"host {host!r} is not this machine"}, 421)
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return JSONResponse({"detail": f"at most {MOST_BYTES} bytes are taken"}, 413)
        return await call_next(request)

    return app


def serve(service: FleetService, users: Users, token: str, port: int) -> ServerHandle:
    """Serve on 127.0.0.1; port 0 takes a free one.

    Raises:
        ServerError: if the port is taken.
    """
    listener = socket.socket()
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
