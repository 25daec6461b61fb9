"""The desktop program: options, looks, connection, window."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

from fleetapp.api.layout import Layout
from fleetapp.client.connection import ClientError, Connection, read_target

from .collector import Collector, collect_all
from .commands import Commands
from .context import Context, Hub
from .faults import Faults
from .kept import Kept
from .launch import Launcher
from .log import begin_log
from .models.store import Store
from .theme.icons import Icons
from .theme.style import font, palette, style_sheet
from .theme.tokens import load_theme
from .views.first_run import FirstRun
from .window.first_size import WISHED, open_on
from .window.main_window import MainWindow

RETRY_MS = 300
NONE_CALLS = 300
PIN_VARIABLE = "FLEETAPP_ONE_TIME_PIN"


def options_of(arguments: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="fleetapp desktop")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--theme", choices=("dark", "light", "system"), default=None)
    parser.add_argument("--page", default="Map")
    parser.add_argument("--size", default="", help="such as 1600x1000, else what the screen has")
    parser.add_argument("--select", default="", help="robot name to select, or 'first'")
    parser.add_argument("--screenshot", type=Path, default=None)
    parser.add_argument("--after", type=float, default=8.0)
    return parser.parse_args(arguments)


def check_binding() -> None:
    """PySide6 6.12.0 loses references to None on Python 3.11 and older, then aborts.

    Raises:
        SystemExit: if this binding does.
    """
    probe = QObject()
    before = sys.getrefcount(None)
    for _ in range(NONE_CALLS):
        probe.setObjectName("probe")
    if before - sys.getrefcount(None) > NONE_CALLS // 2:
        sys.exit(
            "this PySide6 loses references to None: install one below 6.12 (pip install "
            "'PySide6-Essentials<6.12')"
        )


class Desktop(QObject):
    """Holds everything together."""

    def __init__(self, options: argparse.Namespace, application: QApplication) -> None:
        """Builds the window; it connects when an engine is there."""
        super().__init__()
        self._options = options
        self._application = application
        self._settings = QSettings(str(options.data / "desktop.ini"), QSettings.Format.IniFormat)
        choice = options.theme or str(self._settings.value("theme", "system"))
        self._collector = Collector(self)
        self._launcher = Launcher(options.data)
        self._connection = Connection(options.data)
        self._commands = Commands(self._connection, self)
        self.context = self._made_context(choice)
        self.window = self._made_window(self.context, choice)
        self._size_window()
        self._waiter = QTimer(self)
        self._waiter.setInterval(RETRY_MS)
        self._waiter.timeout.connect(self.find_engine)

    def _size_window(self) -> None:
        if self._options.size:
            width, _, height = self._options.size.partition("x")
            self.window.resize(int(width), int(height))
        elif self._options.screenshot is not None:
            self.window.resize(WISHED)
        else:
            open_on(self.window, self.window.screen().availableSize())

    def _made_context(self, choice: str) -> Context:
        """A store of its own, the looks of a theme; what is kept and the sign-in stay."""
        theme = load_theme(self._options.assets, _scheme(choice))
        self._application.setStyleSheet(style_sheet(theme))
        self._application.setPalette(palette(theme))
        return Context(
            Store(self._connection, self),
            self._commands,
            theme,
            Icons(self._options.assets, theme, self._application.devicePixelRatio()),
            Hub(self),
            self._options.assets,
            kept=Kept(self._settings),
        )

    def _made_window(self, context: Context, choice: str) -> MainWindow:
        first_run = FirstRun(context, str(self._settings.value("site", "")))
        first_run.demo_wanted.connect(self._start_demo)
        first_run.site_wanted.connect(self._start_site)
        context.hub.theme_wanted.connect(self.change_theme)
        context.hub.page_opened.connect(lambda _page: self._collector.page_opened())
        return MainWindow(context, first_run, choice)

    def change_theme(self, choice: str) -> None:
        """The same window in other colours, on the same page with the same robot chosen."""
        self._settings.setValue("theme", choice)
        self._settings.sync()
        before, window = self.context, self.window
        # The window of before, its stop and its data stay until the new one is made: that may fail.
        made = self._made_context(choice)
        made.person, made.demo_pin = before.person, before.demo_pin
        made.typed_lines.extend(before.typed_lines)
        self.window = self._made_window(made, choice)
        self.context = made
        before.store.stop()
        self.window.setGeometry(window.geometry())
        self.window.setWindowState(window.windowState())
        self.window.show()
        if before.layout is not None:
            self.window.set_layout(before.layout)
        self.context.hub.person_changed.emit(before.person)
        if window.page:
            self.window.show_page(window.page)
        else:
            self.window.show_first_run()
        if window.chosen_robot:
            self.context.hub.robot_selected.emit(window.chosen_robot)
        self.context.store.start()
        window.leave()
        for part in (window, before.store, before.hub):
            part.deleteLater()
        QTimer.singleShot(0, collect_all)

    def begin(self) -> None:
        """Show the window and look for an engine."""
        self.window.show()
        self.window.show_page(self._options.page)
        try:
            read_target(self._options.data)
        except ClientError:
            self.window.show_first_run()
        self.context.store.start()
        self._waiter.start()
        self.find_engine()
        if self._options.screenshot is not None:
            QTimer.singleShot(round(self._options.after * 1000), self._shoot)
        if self._options.select:
            QTimer.singleShot(1500, self._select)

    def find_engine(self) -> None:
        """Ask for the layout until an engine answers; say why one that was started does not."""
        failure = self._launcher.failure()
        if failure:
            self.window.first_run.say(failure)
            self.window.first_run.show_start(under_way=False)
        if self.context.layout is None:
            self.context.commands.call(self.context.commands.connection.layout, self._found)

    def _found(self, layout: object) -> None:
        if isinstance(layout, Layout) and self.context.layout is None:
            self._waiter.stop()
            self.window.set_layout(layout)
            self.window.first_run.show_start(under_way=False)
            QTimer.singleShot(0, collect_all)

    def _select(self) -> None:
        wanted = self._options.select
        for robot in self.context.store.model.robots.values():
            fits = robot.why is not None if wanted == "first" else robot.name == wanted
            if fits:
                self.context.hub.robot_selected.emit(robot.robot_id)
                return

    def _shoot(self) -> None:
        picture = self.window.grab()
        if not picture.save(str(self._options.screenshot)):
            print(f"cannot write {self._options.screenshot}", file=sys.stderr)  # noqa: T201 - a program's word
        self.window.leave()
        self._application.quit()

    # --- starting an engine -----------------------------------------------------
    def _start_demo(self) -> None:
        pin = f"{secrets.randbelow(10**6):06d}"
        arguments = ["demo", "--headless", "--attended", "--data", str(self._options.data)]
        self._launch(arguments, {PIN_VARIABLE: pin})
        self.context.demo_pin = pin

    def _start_site(self, folder: str, broker: str, password: str) -> None:
        self._settings.setValue("site", folder)
        named = ["--broker", broker] if broker else []
        arguments = ["engine", "--site", folder, "--data", str(self._options.data), *named]
        self._launch(arguments, {"FLEETAPP_BROKER_PASSWORD": password} if password else {})

    def _launch(self, arguments: list[str], words: dict[str, str]) -> None:
        """Start an engine that outlives the window; secret words go by its environment."""
        self.window.first_run.say("")
        self.window.first_run.show_start(under_way=True)
        self._launcher.start(arguments, words)

    def say(self, sentence: str) -> None:
        """One line in the window of now."""
        self.context.toast(sentence)

    def end(self) -> None:
        """Stop listening and finish calls."""
        self.context.store.stop()
        self._commands.finish()


def _scheme(choice: str) -> str:
    if choice != "system":
        return choice
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme is Qt.ColorScheme.Light else "dark"


def load_fonts(assets: Path) -> None:
    """The program's own fonts; without them Qt falls back to DejaVu."""
    for path in sorted((assets / "fonts").glob("*.woff2")):
        QFontDatabase.addApplicationFont(str(path))


def prepared_application(options: argparse.Namespace) -> QApplication:
    """The Qt application with its style and fonts, before any window."""
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = QApplication([sys.argv[0]])
    check_binding()
    application.setApplicationName("fleetapp")
    application.setStyle("Fusion")
    load_fonts(options.assets)
    application.setFont(font(13))
    return application


def main(arguments: list[str] | None = None) -> int:
    """Run the desktop."""
    options = options_of(arguments if arguments is not None else sys.argv[1:])
    options.data.mkdir(parents=True, exist_ok=True)
    begin_log(options.data)
    application = prepared_application(options)
    desktop = Desktop(options, application)
    faults = Faults(desktop.say, application)
    sys.excepthook = faults.take
    desktop.begin()
    status = application.exec()
    desktop.end()
    return status
