"""The API from the other side: one method a route, plain errors.

Used by the desktop (on worker threads) and the command line. A connection is
made for each call; on this machine that costs less than keeping one healthy.
"""

import http.client
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from fleetapp.api.codec import DecodeError, decode
from fleetapp.api.commands import Command, Outcome
from fleetapp.api.layout import Layout
from fleetapp.api.service import ExportRequest, JournalQuery
from fleetapp.api.views import JournalRowView, PersonView, ProofView, Snapshot
from fleetapp.terms.modes import Role

T = TypeVar("T")
TIMEOUT_S = 15.0


class ClientError(RuntimeError):
    """The engine cannot be reached, or says no; the message is for people."""

    def __init__(self, message: str, status: int | None = None, body: bytes = b"") -> None:
        """`status` and `body` are the engine's answer, None and empty if there was none."""
        super().__init__(message)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Signature:
    """A supervisor signs for one act."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where an engine serves."""

    port: int
    token: str


def read_target(data: Path) -> Target:
    """The engine of a data folder.

    Raises:
        ClientError: if none runs there.
    """
    path = data / "run" / "engine.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        return Target(int(content["api_port"]), str(content["token"]))
    except (OSError, ValueError, KeyError) as error:
        raise ClientError(f"no engine runs on {data}: start `fleetapp` or the demo") from error


class Connection:
    """Calls to one engine, as the run file's "local" or as a person signed in."""

    def __init__(self, data: Path) -> None:
        """The engine of a data folder; it need not run yet."""
        self._data = data
        self._session: str | None = None

    @property
    def data(self) -> Path:
        """The data folder."""
        return self._data

    def target(self) -> Target:
        """Where the engine serves now."""
        target = read_target(self._data)
        return Target(target.port, self._session or target.token)

    # --- fleet --------------------------------------------------------------
    def snapshot(self) -> Snapshot:
        """Everything now."""
        return self._get("/v1/snapshot", Snapshot)

    def layout(self) -> Layout:
        """The site."""
        return self._get("/v1/layout", Layout)

    def status(self) -> dict[str, Any]:
        """Processes, ports, robots, journal lag."""
        return self._get("/v1/status", dict)

    def diagnostics(self) -> dict[str, Any]:
        """More than the status."""
        return self._get("/v1/diagnostics", dict)

    def why(self, *, robot: str = "", task: str = "") -> dict[str, Any]:
        """Why a robot stands, or where a task is."""
        return self._get(f"/v1/why?{urlencode({'robot': robot, 'task': task})}", dict)

    def submit(self, command: Command, signature: Signature | None = None) -> Outcome:
        """Give a command; the core's answer."""
        name = "".join(f"-{c.lower()}" if c.isupper() else c for c in type(command).__name__)
        body: dict[str, Any] = asdict(command)
        if signature is not None:
            body["signature"] = asdict(signature)
        try:
            return self._post(f"/v1/commands/{name.lstrip('-')}", body, Outcome)
        except ClientError as error:
            outcome = _refused(error)
            if outcome is None:
                raise
            return outcome

    def review_crop(self, review_id: str) -> bytes:
        """The JPEG of a review."""
        return self._call("GET", f"/v1/reviews/{quote(review_id, safe='')}/crop", None)

    # --- robots ---------------------------------------------------------------
    def add_robot(
        self, robot_id: str, robot_type: str, name: str, signature: Signature | None = None
    ) -> str | None:
        """Admit a robot in advance; its new broker password if it got one."""
        body: dict[str, Any] = {"robot_id": robot_id, "robot_type": robot_type, "name": name}
        if signature is not None:
            body["signature"] = asdict(signature)
        answer = self._post("/v1/robots", body, dict)
        password = answer.get("password")
        return str(password) if password else None

    def remove_robot(self, robot_id: str, *, keep_user: bool) -> None:
        """Remove a robot."""
        path = f"/v1/robots/{quote(robot_id)}?keep_user={str(keep_user).lower()}"
        self._call("DELETE", path, None)

    # --- journal --------------------------------------------------------------
    def journal(self, query: JournalQuery) -> tuple[JournalRowView, ...]:
        """Rows that match, newest first."""
        asked = {key: value for key, value in asdict(query).items() if value is not None}
        return self._get(f"/v1/journal?{urlencode(asked)}", tuple[JournalRowView, ...])

    def chain(self, seq: int) -> tuple[JournalRowView, ...]:
        """A row and its causes."""
        return self._get(f"/v1/journal/{seq}/chain", tuple[JournalRowView, ...])

    def consequences(self, seq: int) -> tuple[JournalRowView, ...]:
        """What followed from a row."""
        return self._get(f"/v1/journal/{seq}/consequences", tuple[JournalRowView, ...])

    def proof(self) -> ProofView:
        """The newest verification."""
        return self._get("/v1/proof", ProofView)

    def export(self, request: ExportRequest) -> bytes:
        """An export as a ZIP file."""
        return self._call("POST", "/v1/export", asdict(request))

    # --- people ---------------------------------------------------------------
    def sign_in(self, name: str, password: str) -> PersonView:
        """Sign in; later calls are this person's."""
        answer = self._post("/v1/session", {"name": name, "password": password}, dict)
        self._session = str(answer["token"])
        return decode(json.dumps(answer["person"]), PersonView)

    def sign_out(self) -> None:
        """Be "local" again."""
        if self._session is None:
            return
        try:
            self._call("DELETE", "/v1/session", None)
        except ClientError as error:
            if error.status != 401:  # over already: that is what was wanted
                raise
        finally:
            self._session = None

    def users(self) -> tuple[PersonView, ...]:
        """Everybody for a signed-in supervisor, else only who is signed in."""
        return self._get("/v1/users", tuple[PersonView, ...])

    def add_user(self, name: str, role: Role, password: str) -> PersonView:
        """Add a person."""
        body = {"name": name, "role": role.value, "password": password}
        return self._post("/v1/users", body, PersonView)

    def change_password(self, name: str, password: str) -> None:
        """Give a person another password."""
        self._call("POST", f"/v1/users/{quote(name, safe='')}/password", {"password": password})

    def remove_user(self, name: str) -> None:
        """Take a person out."""
        self._call("DELETE", f"/v1/users/{quote(name, safe='')}", None)

    # --- the wire -------------------------------------------------------------
    def _get(self, path: str, kind: type[T]) -> T:
        return self._decoded(self._call("GET", path, None), kind)

    def _post(self, path: str, body: dict[str, Any], kind: type[T]) -> T:
        return self._decoded(self._call("POST", path, body), kind)

    @staticmethod
    def _decoded(data: bytes, kind: type[T]) -> T:
        try:
            return decode(data, kind)
        except DecodeError as error:
            raise ClientError(f"the engine's answer is not understood: {error}") from error

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> bytes:
        target = self.target()
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=TIMEOUT_S)
        headers = {"Authorization": f"Bearer {target.token}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, path, json.dumps(body) if body is not None else None, headers
            )
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ClientError(f"the engine does not answer ({error}): is it running?") from error
        finally:
            connection.close()
        if response.status >= 400:
            raise self._said_no(response.status, data)
        return data

    def _said_no(self, status: int, data: bytes) -> ClientError:
        """The engine's refusal; a session that is over is forgotten, the person is told."""
        if status == 401 and self._session is not None:
            self._session = None
            return ClientError("you are signed out: sign in again", status, data)
        return ClientError(_detail(data, status), status, data)


def _refused(error: ClientError) -> Outcome | None:
    """The outcome of a command that this person may not give (status 403), if it is one."""
    if error.status != 403:
        return None
    try:
        return decode(error.body, Outcome)
    except DecodeError:
        return None


def _detail(data: bytes, status: int) -> str:
    try:
        return str(json.loads(data)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the engine answers with status {status}"
