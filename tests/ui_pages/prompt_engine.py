"""An engine without sockets or threads: every question is answered at once.

What it shows is `shown_fleet`.
"""

import io
import zipfile
from pathlib import Path

from shown_fleet import NOW, fleet_snapshot, journal_row

from fleetapp.api.commands import Outcome
from fleetapp.api.views import PersonView, ProofView
from fleetapp.client.connection import ClientError
from fleetapp.terms.modes import Role
from ui.commands import Commands
from ui.context import Context, Hub
from ui.models.store import Store
from ui.theme.icons import Icons
from ui.theme.tokens import load_theme

ROOT = Path(__file__).parents[2]


class FakeConnection:
    """Answers what the desktop asks and remembers what it was told."""

    def __init__(self):
        self.sent = []
        self.signatures = []
        self.queries = []
        self.exports = []
        self.rows = tuple(journal_row(n) for n in range(1231, 0, -1))
        self.refuse = ""
        self.people = (PersonView("mara", Role.SUPERVISOR), PersonView("leo", Role.OPERATOR))

    def submit(self, command, signature=None):
        self.sent.append(command)
        self.signatures.append(signature)
        said = self.refuse or "Taken."
        return Outcome(command.command_id, not self.refuse, "", said)

    def journal(self, query):
        self.queries.append(query)
        rows = [
            row
            for row in self.rows
            if (query.before_seq is None or row.seq < query.before_seq)
            and (query.kind is None or row.kind == query.kind)
            and (query.robot_id is None or row.robot_id == query.robot_id)
        ]
        return tuple(rows[: query.limit])

    def chain(self, seq):
        return tuple(row for row in self.rows if row.seq in {seq, seq - 2, seq - 9})

    def consequences(self, seq):
        return tuple(row for row in self.rows if row.seq in {seq + 1, seq + 3})

    def proof(self):
        return ProofView(1_228, NOW - 12_000, True, None, "")

    def export(self, request):
        self.exports.append(request)
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w") as archive:
            archive.writestr(f"journal.{request.format}", "seq\n1\n")
            archive.writestr("manifest.json", "{}")
        return kept.getvalue()

    def review_crop(self, _review_id):
        return (ROOT / "assets/frames/IMG_0265__IMG_0265_mp4_271_jpg_3.jpg").read_bytes()

    def users(self):
        return self.people

    def add_user(self, name, role, _password):
        self.people = (*self.people, PersonView(name, role))
        return self.people[-1]

    def remove_user(self, name):
        self.people = tuple(person for person in self.people if person.name != name)

    def change_password(self, _name, _password):
        return None

    def sign_in(self, name, password):
        if password != "right password":
            raise ClientError("name or password is wrong")
        return PersonView(name, Role.SUPERVISOR)

    def sign_out(self):
        return None

    def target(self):
        raise ClientError("no engine runs")


class PromptCommands(Commands):
    """Calls are made at once, on the screen's thread."""

    def call(self, act, done):
        try:
            result = act()
        except ClientError as error:
            result = error
        done(result)

    def send(self, command, done, signature=None):
        self.call(lambda: self.connection.submit(command, signature), done)


def context_of(connection, theme, layout=None):
    """A context whose store already holds the fleet."""
    store = Store(connection)
    assets = ROOT / "assets"
    colours = load_theme(assets, theme)
    made = Context(
        store, PromptCommands(connection), colours, Icons(assets, colours, 1.0), Hub(), assets
    )
    made.layout = layout
    store.model.apply(fleet_snapshot())
    return made


def tell(context, *messages):
    """The engine says something."""
    for message in messages:
        context.store.changed.emit(context.store.model.apply(message))
