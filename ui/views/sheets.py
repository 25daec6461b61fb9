"""Sheets: acts that need a reason and a signature. No modal windows."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from fleetapp.api.commands import AdmitRobot, Command, ReleaseAll, ReleaseHold, RemoveRobot
from fleetapp.api.views import HoldView, RobotView, TaskView
from fleetapp.client.connection import Signature
from fleetapp.terms.actors import named
from fleetapp.terms.modes import Role
from fleetapp.terms.reasons import HoldReason

from ..commands import new_id, words_of
from ..context import Context
from ..figures import clock, robots_of
from ..models.task_rows import item_words, state_words
from .flow import Flow
from .keys import is_enter_of
from .panel import Chooser, Facts, button, column, label, line, panel, row, scrolled
from .task_panel import LONG_ID, cancel_words

LEAST_NOTE = 10
CORE = "system"  # a hold that no person asked for
FLEET = frozenset({HoldReason.FLEET_STOP})


class Sheet(QWidget):
    """A sheet over the inspector: title, what changes, content, two buttons.

    What lies between the title and the buttons scrolls where a window is low; what is signed,
    the refusal and the buttons never do.
    """

    def __init__(
        self, context: Context, title: str, explanation: str, icon: str = "shield-check"
    ) -> None:
        """Head and explanation; subclasses add fields."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.context = context
        self.said = label("", "bad", wrap=True)
        self.extent = column(spacing=6)
        self.body = QVBoxLayout()
        self.body.setSpacing(6)
        self.before_act = QVBoxLayout()
        self.act = button("", "", "critical")
        self.cancel = button("Cancel", "Esc", "critical")
        self.cancel.clicked.connect(context.close_sheet)
        if explanation:
            self.extent.addWidget(label(explanation, wrap=True))
        self._build(title, icon)

    def _build(self, title: str, icon: str) -> None:
        sign = QLabel()
        sign.setPixmap(self.context.icons.pixmap(icon, "text-1", 20))
        foot = Flow(self.act, self.cancel, first_fills=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        head = row(sign, label(title, "title", wrap=True), spacing=10)
        head.setStretch(1, 1)
        box.addLayout(column(head))
        box.addWidget(line())
        self.content = self._content()
        box.addWidget(scrolled(self.content), 1)
        box.addWidget(line())
        box.addLayout(column(self.before_act, self.said, foot, margins=(16, 8, 16, 16)))

    def _content(self) -> QWidget:
        inner = column(self.body)
        inner.addStretch(1)
        made = panel()
        whole = QVBoxLayout(made)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self.extent)
        whole.addWidget(line())
        whole.addLayout(inner, 1)
        return made

    def add_demo_hint(self) -> None:
        """Who may sign in a demo that this window started."""
        if self.context.demo_pin:
            words = f'In this demo: name "demo", PIN {self.context.demo_pin}'
            self.body.addWidget(label(words, "second", wrap=True))

    def field(self, name: str, *, secret: bool = False) -> QLineEdit:
        """A field with its name above."""
        self.body.addWidget(label(name, "label"))
        made = QLineEdit()
        made.setAccessibleName(name)
        if secret:
            made.setEchoMode(QLineEdit.EchoMode.Password)
        self.body.addWidget(made)
        return made


class SignedSheet(Sheet):
    """An override: what changes, a reason and a note, the signature of a supervisor."""

    reasons: tuple[str, ...] = ("Asked for", "Other")

    def __init__(
        self, context: Context, title: str, changes: tuple[str, str], act: str, meaning: str
    ) -> None:
        """`changes` is now and after; `meaning` is the sentence that is signed."""
        super().__init__(context, title, "")
        self._facts = Facts("Now", "After")
        self._facts.put("Now", changes[0])
        self._facts.put("After", changes[1])
        self.extent.addWidget(self._facts)
        self._codes = QButtonGroup(self)
        self._add_reasons()
        self._add_note()
        self._add_signature(meaning)
        self.act.setText(act)
        self.act.setIcon(context.icons.icon("pencil", "text-1"))
        self.act.clicked.connect(self.sign)
        self.password.returnPressed.connect(self.sign)

    def _add_reasons(self) -> None:
        self.body.addWidget(label("Reason", "section"))
        grid = QGridLayout()
        grid.setVerticalSpacing(8)
        for number, reason in enumerate(self.reasons):
            made = QRadioButton(reason)
            self._codes.addButton(made, number)
            grid.addWidget(made, number // 2, number % 2)
        self.body.addLayout(grid)
        self.body.addSpacing(8)

    def _add_note(self) -> None:
        self._count = label(f"{LEAST_NOTE} characters needed", "third")
        self.body.addLayout(row(label("Note", "section"), None, self._count))
        self.note = QPlainTextEdit()
        self.note.setAccessibleName("Note")
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(64)
        self.note.textChanged.connect(self._counted)
        self.body.addWidget(self.note)
        self.body.addSpacing(8)

    def _add_signature(self, meaning: str) -> None:
        self.body.addWidget(label("Signature", "section"))
        self.body.addWidget(
            label("A supervisor signs for this act alone and is signed out after it.", "second",
                  wrap=True)
        )  # fmt: skip
        self.name = self.field("Supervisor")
        person = self.context.person
        if person is not None and person.role is Role.SUPERVISOR:
            self.name.setText(person.name)
        self.password = self.field("Password or PIN", secret=True)
        self.add_demo_hint()
        self.before_act.addWidget(label(f"“{meaning}”", wrap=True))
        self.body.addWidget(
            label("This screen guards nobody: look at the floor before you sign.", "third",
                  wrap=True)
        )  # fmt: skip

    def _counted(self) -> None:
        length = len(self.note.toPlainText().strip())
        enough = length >= LEAST_NOTE
        self._count.setText(f"{length} characters, {LEAST_NOTE} needed")
        self._count.setProperty("role", "okay" if enough else "third")
        self._count.style().polish(self._count)

    def reason(self) -> str:
        """Code and note as they are recorded."""
        chosen = self._codes.checkedButton()
        code = chosen.text() if chosen is not None else ""
        return f"{code}: {self.note.toPlainText().strip()}"

    def command(self) -> Command:
        """The command that is signed."""
        raise TypeError("a signed sheet names its command")

    def lacks(self) -> str:
        """What is missing before it may be signed, "" if nothing."""
        if self._codes.checkedButton() is None:
            return "Choose a reason."
        if len(self.note.toPlainText().strip()) < LEAST_NOTE:
            return f"Say why in at least {LEAST_NOTE} characters."
        if not self.name.text().strip() or not self.password.text():
            return "A supervisor signs with name and password."
        return ""

    def sign(self) -> None:
        """Send it; a refusal stands in the sheet."""
        lacking = self.lacks()
        self.said.setText(lacking)
        if lacking:
            return
        signature = Signature(self.name.text().strip(), self.password.text())
        self.act.setEnabled(False)
        self.context.commands.send(self.command(), self._answered, signature)

    def _answered(self, answer: object) -> None:
        self.act.setEnabled(True)
        self.password.clear()
        if getattr(answer, "accepted", False):
            self.context.toast(words_of(answer))
            self.context.close_sheet()
            return
        self.said.setText(words_of(answer))


class ReleaseSheet(SignedSheet):
    """Release the holds of one robot."""

    reasons = (
        "Fault repaired", "Moved by hand", "No fault seen", "Held in error", "Way is free", "Other",
    )  # fmt: skip

    def __init__(self, context: Context, robot: RobotView) -> None:
        """For one robot."""
        holds = "; ".join(map(hold_words, robot.holds))
        after = f"goes on with {robot.task_id}" if robot.task_id else "is free for tasks"
        super().__init__(
            context,
            f"Release {robot.name}",
            (f"held {holds}", f"{after}; it may move at once"),
            "Sign and release",
            f"I release {robot.name}. I saw it standing free.",
        )
        self._robot_id = robot.robot_id

    def command(self) -> Command:
        """The release."""
        return ReleaseHold(new_id(), self._robot_id, self.reason())


def hold_words(hold: HoldView) -> str:
    """After "held": by whom, else for what; since when."""
    what = hold.reason.value.replace("_", " ")
    person = named(hold.by) if hold.by != CORE else ""
    who = f"by {person}" if person else f"for “{what}”"
    if person and hold.reason is not HoldReason.BY_PERSON:
        who = f"{who} for “{what}”"
    return f"{who} since {clock(hold.since_ms)}" + (f": {hold.note}" if hold.note else "")


def after_release(*, free: int, held: int) -> str:
    """How many may move once the fleet stop has ended, how many stay."""
    if not free and not held:
        return "no robot is admitted, none moves"
    move = f"{free or 'none'} may move at once"
    if not held:
        return move
    verb, own = ("stays", "its") if held == 1 else ("stay", "their")
    return f"{move}, {held} {verb} held for reasons of {own} own"


class ReleaseAllSheet(SignedSheet):
    """End the fleet stop."""

    reasons = ("Danger is over", "Stopped in error", "Drill ended", "Other")

    def __init__(self, context: Context) -> None:
        """For the whole fleet."""
        robots = context.store.model.robots.values()
        own = sum(1 for r in robots if r.admitted and any(h.reason not in FLEET for h in r.holds))
        all_of_them = sum(1 for r in robots if r.admitted)
        super().__init__(
            context,
            "Release all robots",
            (
                f"{robots_of(all_of_them)} under the fleet stop",
                after_release(free=all_of_them - own, held=own),
            ),
            "Sign and release all",
            "I release the fleet. I know that robots may move at once.",
        )

    def command(self) -> Command:
        """The release."""
        return ReleaseAll(new_id(), self.reason())


class AdmitSheet(SignedSheet):
    """Let a noticed robot join."""

    reasons = ("New robot", "Back from service", "Moved here", "Other")

    def __init__(self, context: Context, robot: RobotView, kind: str = "") -> None:
        """For one robot; `kind` is the robot type that is offered first."""
        super().__init__(
            context,
            f"Admit {robot.serial}",
            (f"{robot.robot_id}, noticed, gets nothing", "gets tasks like any other robot"),
            "Sign and admit",
            f"I admit {robot.robot_id} to this site.",
        )
        self._robot_id = robot.robot_id
        self._kind = Chooser("Robot type")
        types = context.layout.robot_types if context.layout is not None else ()
        self._kind.addItems([known.type_id for known in types])
        if kind:
            self._kind.setCurrentText(kind)
        self._name = QLineEdit(next_name(context))
        self._name.setAccessibleName("Name of the robot")
        self.extent.addLayout(row(label("Type", "label"), self._kind))
        self.extent.addLayout(row(label("Name", "label"), self._name))

    def command(self) -> Command:
        """The admission."""
        kind, name = self._kind.currentText(), self._name.text().strip()
        return AdmitRobot(new_id(), self._robot_id, kind, name)


class RemoveSheet(SignedSheet):
    """Take a robot out of the fleet."""

    reasons = ("Goes to service", "Leaves the site", "Replaced", "Other")

    def __init__(self, context: Context, robot: RobotView) -> None:
        """For one robot."""
        super().__init__(
            context,
            f"Remove {robot.name}",
            (f"{robot.robot_id} is admitted", "gets nothing any more, until admitted again"),
            "Sign and remove",
            f"I remove {robot.name} from the fleet.",
        )
        self._robot_id = robot.robot_id

    def command(self) -> Command:
        """The removal."""
        return RemoveRobot(new_id(), self._robot_id, self.reason())


def next_name(context: Context) -> str:
    """The first free name such as r49, after the highest number in use."""
    names = [r.name for r in context.store.model.robots.values() if r.admitted]
    numbers = [int(name[1:]) for name in names if name[:1] == "r" and name[1:].isdecimal()]
    return f"r{max(numbers, default=0) + 1:02d}"


class CancelSheet(Sheet):
    """What cancelling a task will do; Enter does it."""

    def __init__(self, context: Context, task: TaskView, cancel: Callable[[str], None]) -> None:
        """`cancel` sends it."""
        follows = cancel_words(context, task)
        super().__init__(context, f"Cancel {task.task_id}", follows, "ban")
        facts = Facts("Item", "From", "To", "State", "Load")
        facts.put("Item", item_words(task))
        facts.put("From", task.from_station)
        facts.put("To", task.to_station)
        model = context.store.model
        facts.put("State", state_words(task, model.robots, model.fleet))
        facts.put("Load", task.load_is)
        self.body.addWidget(facts)
        self.cancel.setText("Keep it")
        name = task.task_id if len(task.task_id) <= LONG_ID else "this task"
        self.act.setText(f"Cancel {name}")
        self._task_id, self._send = task.task_id, cancel
        self.act.clicked.connect(self.do_it)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter cancels, typed in this sheet and at none of its buttons."""
        if is_enter_of(event, self):
            self.do_it()
            return
        super().keyPressEvent(event)

    def do_it(self) -> None:
        """Cancel and close."""
        self._send(self._task_id)
        self.context.close_sheet()
