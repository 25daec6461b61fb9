"""The gate before every route: only this machine's name, and bodies of a bounded size.

A page in somebody's browser can reach 127.0.0.1 under a name of its own (DNS
rebinding); its Host header gives it away. Holds for HTTP and WebSocket alike.
Who may do what is the business of `fleetapp.server.doors`.
"""

from fastapi import HTTPException
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleetapp.server.turned_away import NOBODY, TurnedAway

MOST_BYTES = 1024 * 1024
HOSTS = frozenset({"127.0.0.1", "localhost"})
WRONG_HOST = 4421  # WebSocket close code, after HTTP's 421


class Guard:
    """ASGI middleware; adds no task and no copy to a request that passes."""

    def __init__(self, app: ASGIApp, away: TurnedAway) -> None:
        """Stand before `app`; `away` counts whom it turns away."""
        self._app = app
        self._away = away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        status, problem = _problem(headers)
        if not problem:
            await self._app(scope, _counted(receive), send)
            return
        what = f"{scope.get('method', 'WebSocket')} {scope['path']}"
        self._away.note(NOBODY, what, status=status, why=problem)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": WRONG_HOST, "reason": problem})
        else:
            await JSONResponse({"detail": problem}, status)(scope, receive, send)


def _problem(headers: dict[bytes, str]) -> tuple[int, str]:
    host = headers.get(b"host", "").rsplit(":", 1)[0]
    if host not in HOSTS:
        return 421, f"host {host[:80]!r} is not this machine: use 127.0.0.1"
    length = headers.get(b"content-length", "0")
    if not length.isdecimal() or int(length[:12]) > MOST_BYTES:
        return 413, _too_long()
    return 200, ""


def _too_long() -> str:
    return f"the body is too long: send at most {MOST_BYTES} bytes"


def _counted(receive: Receive) -> Receive:
    """The same, but a body sent in chunks must keep to the limit too."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise HTTPException(413, _too_long())
        return message

    return counted
