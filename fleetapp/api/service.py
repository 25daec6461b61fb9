"""What the server asks of the engine, as a Protocol: the seam between HTTP and fleet.

The engine implements it; tests of server, client and desktop use a small one of
their own. Every method may be called from any thread and returns quickly.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from fleetapp.api.commands import Command, Outcome, Person
from fleetapp.api.layout import Layout
from fleetapp.api.views import Delta, JournalRowView, ProofView, Snapshot


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which journal rows, newest first; page by `before_seq`."""

    robot_id: str | None = None
    task_id: str | None = None
    actor: str | None = None
    kind: str | None = None  # "input", "decision"
    type: str | None = None
    hide_types: str | None = None  # names separated by commas that are left out
    text: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    before_seq: int | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """An audit export asked for by a client; it is journalled as a row itself."""

    format: str  # "csv" | "jsonl"
    from_ms: int | None = None
    to_ms: int | None = None
    robot_id: str | None = None


class AuditReader(Protocol):
    """Reading the journal, on a connection of its own."""

    def rows(self, query: JournalQuery) -> tuple[JournalRowView, ...]:
        """Rows that match, newest first."""
        ...

    def chain(self, seq: int) -> tuple[JournalRowView, ...]:
        """The row, then its cause, then that one's cause, to the first input."""
        ...

    def consequences(self, seq: int) -> tuple[JournalRowView, ...]:
        """Rows that name this one as their cause."""
        ...

    def proof(self) -> ProofView:
        """The newest verification result; verifying goes on in the background."""
        ...

    def export(self, request: ExportRequest, out_dir: str) -> tuple[str, ...]:
        """Write the export and its manifest into `out_dir`; the paths written."""
        ...


class FleetService(Protocol):
    """The running fleet, as the server sees it."""

    def submit(self, command: Command, person: Person) -> "Future[Outcome]":
        """Queue a command; the future holds the core's answer.

        StopAll and HoldRobot are handled ahead of everything queued.
        """
        ...

    def snapshot(self) -> Snapshot:
        """The newest published snapshot (immutable)."""
        ...

    def subscribe(self, on_delta: Callable[[Delta], None]) -> Callable[[], None]:
        """Call `on_delta` for each delta from now on; returns how to stop.

        Called on the core loop's thread: hand over and return at once.
        """
        ...

    def delta_sent(self, seq: int) -> None:
        """A client's socket has taken the deltas up to this one; the time it took is measured."""
        ...

    def layout(self) -> Layout:
        """The layout of the site."""
        ...

    def review_crop(self, review_id: str) -> bytes | None:
        """The JPEG of a review, None if it is no longer kept."""
        ...

    def audit(self) -> AuditReader:
        """The journal's reader."""
        ...

    def status(self) -> dict[str, object]:
        """Processes, ports, robots, journal lag: what `fleetapp status --json` prints."""
        ...

    def diagnostics(self) -> dict[str, object]:
        """More than `status`, still without secrets."""
        ...

    def signed_in(self, person: Person, what: str) -> None:
        """Journal a sign-in, failed sign-in or export (never a password)."""
        ...

    def recorded(self, person: Person, what: str) -> "Future[None]":
        """Journal a change of users; the future is done when it is on disk."""
        ...

    def add_robot(self, robot_id: str, robot_type: str, name: str, person: Person) -> str | None:
        """Admit in advance; on the embedded broker the new password, else None.

        Raises:
            ValueError: if the robot or type is unknown or taken; the message names the remedy.
        """
        ...

    def remove_robot(self, robot_id: str, *, keep_user: bool, person: Person) -> None:
        """Remove a robot and, unless `keep_user`, its broker user, if it is admitted no more too.

        Raises:
            ValueError: if the robot is busy, or is not admitted and had no user.
        """
        ...
