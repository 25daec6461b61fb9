"""`fleetapp engine`: the engine with broker, recogniser and API, until it is told to end."""

import argparse
import errno
import json
import logging
import logging.handlers
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fleetapp.audit.disk import replace_whole
from fleetapp.cli import places
from fleetapp.cli.numbers import whole
from fleetapp.core.state import Floor, Rules, prepare_floor
from fleetapp.engine.brokers import Broker, ForeignBroker, OwnBroker
from fleetapp.engine.data_folder import AlreadyRunningError, DataFolder, OtherSiteError
from fleetapp.engine.recogniser import recogniser_command
from fleetapp.engine.runtime import VERSION, Engine, Options
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.layout.site import SiteError
from fleetapp.mqtt import address as broker_address
from fleetapp.mqtt.address import AddressError
from fleetapp.mqtt.embedded import BrokerError
from fleetapp.server.serve import ServerError, ServerHandle, serve
from fleetapp.server.users import Users, UsersError
from fleetapp.terms.actors import ONE_TIME
from fleetapp.terms.units import permille
from fleetapp.vda5050.topics import PART
from fleetapp.vision.bundle import BundleError, read_card

REFUSALS = (
    AlreadyRunningError,
    OtherSiteError,
    BrokerError,
    AddressError,
    ServerError,
    SiteError,
    BundleError,
    UsersError,
    OSError,  # a journal that cannot be read, a folder that cannot be written
)
FULL = (errno.ENOSPC, errno.EDQUOT)
log = logging.getLogger(__name__)

PIN_VARIABLE = "FLEETAPP_ONE_TIME_PIN"
MODEL = ("carton-lite", "1.0.0")


def interface(text: str) -> str:
    """What may be the first part of a topic, for argparse's `type`."""
    if not PART.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text[:80]!r}: use 1 to 64 of A-Z a-z 0-9 _ . : -")
    return text


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options that engine, demo and desktop share."""
    parser.add_argument("--data", type=Path, default=None, help="data folder of the fleet")
    parser.add_argument("--site", type=Path, default=None, help="site folder")
    parser.add_argument("--broker", default=None, help="another broker: mqtt[s]://USER@HOST:PORT")
    parser.add_argument("--broker-password-file", type=Path, default=None, help="mode 0600")
    parser.add_argument("--listen", default="127.0.0.1", help="address of the embedded broker")
    parser.add_argument(
        "--interface", type=interface, default="uagv", help="first part of the MQTT topics"
    )
    parser.add_argument("--bundle", type=Path, default=None, help="model bundle folder")
    parser.add_argument(
        "--port", type=whole(0, 65535), default=0, help="port of the API (0: a free one)"
    )


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("engine", help="run the engine without a window")
    add_options(parser)
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run until SIGTERM or Ctrl-C, or until the demo that started it is gone."""
    options.data = options.data or places.default_data_dir()
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    signal.signal(signal.SIGINT, lambda *_: ending.set())
    if options.until_stdin_closes:
        threading.Thread(target=_end_with_input, args=(ending,), daemon=True).start()
    try:
        log_to(options.data)
    except OSError as error:
        return _refused(error)
    try:
        running = RunningEngine(options, ending.set)
    except REFUSALS as error:
        log.error("engine did not start: %s", error)  # noqa: TRY400 - the message says all
        return _refused(error)
    print(f"engine serves on port {running.server.port}, data in {options.data}", file=sys.stderr)
    ending.wait()
    failed = running.engine.failed
    log.info("engine ends: %s", "its core failed" if failed else "it was told to")
    running.stop()
    log.info("engine has ended, broker and recogniser with it")
    if failed:
        print(f"fleetapp engine: the core failed, see {options.data}/logs", file=sys.stderr)
    return 3 if failed else 0


def _refused(error: Exception) -> int:
    full = isinstance(error, OSError) and error.errno in FULL
    remedy = ": make room on its disk and start again" if full else ""
    print(f"fleetapp engine: {error}{remedy}", file=sys.stderr)
    return 2


def _end_with_input(ending: threading.Event) -> None:
    """However the demo ends, `kill -9` too, its end of the pipe closes."""
    # Not through sys.stdin: a thread that holds its lock at exit is a fatal error.
    try:
        while os.read(0, 4096):
            pass
    finally:
        ending.set()


def remember(folder: DataFolder, options: argparse.Namespace, site: Path) -> None:
    """How this engine was started, so that `fleetapp` can start the same one again."""
    words = []
    for name in ("broker", "broker_password_file", "listen", "interface", "bundle"):
        value = getattr(options, name)
        if value is not None:
            value = value.resolve() if isinstance(value, Path) else value
            words += [f"--{name.replace('_', '-')}", str(value)]
    text = json.dumps({"site": str(site), "options": words})
    try:
        replace_whole(folder.settings_file, text.encode())
    except OSError as error:
        # The fleet runs by now, and is not to end for this.
        log.warning(
            "%s: the next start without options may not be as this one: make room, or move "
            "away what lies there",
            error,
        )


def log_to(data: Path) -> None:
    """Logs in the data folder, rotated: what runs and what went wrong, never a secret."""
    folder = DataFolder(data)
    folder.prepare()
    path = folder.logs_dir / "engine.log"
    if path.exists() and not path.is_file():  # a pipe would be waited for without an end
        raise OSError(f"{path} is no plain file: move it away")
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=5_000_000, backupCount=5, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    threading.excepthook = _log_end_of_thread


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    """No thread is to end so; one that does is not to do it unheard."""
    if ended.exc_type is SystemExit or ended.exc_value is None:
        return
    name = ended.thread.name if ended.thread is not None else "unknown"
    log.critical("thread %s ended by an error that nobody foresaw", name, exc_info=ended.exc_value)


class RunningEngine:
    """An engine with its server."""

    def __init__(self, options: argparse.Namespace, on_failure: Callable[[], None]) -> None:
        """Start everything; `on_failure` is called if the core fails later.

        Raises:
            SiteError, BrokerError, AddressError, ServerError, AlreadyRunningError,
                OtherSiteError, BundleError, UsersError, OSError: with the remedy.
        """
        folder = DataFolder(options.data)
        folder.prepare()
        site_path = (options.site or places.maps_dir() / "demo").resolve()
        log.info(
            "engine starts: version %s, process %d, data %s, site %s",
            *(VERSION, os.getpid(), options.data, site_path),
        )
        site = load_site(site_path)
        floor = prepare_floor(site, build_roadmaps(site, folder.cache_dir))
        self.users = Users(folder.users_file)
        pin = os.environ.pop(PIN_VARIABLE, "")
        if pin:
            self.users.add_one_time_supervisor(ONE_TIME, pin)
        self.broker: Broker = _broker(options, folder)
        self.engine = self._made_engine(options, site_path, floor, on_failure)
        self.engine.start()
        self.server = self._served(options.port)
        remember(folder, options, site_path)
        log.info(
            "engine serves: API http://127.0.0.1:%d, broker %r",
            *(self.server.port, self.broker.address()),
        )

    def _served(self, port: int) -> ServerHandle:
        """The server, named in the run file.

        Raises:
            ServerError, OSError: if that does not work; then the engine has ended in order.
        """
        server: ServerHandle | None = None
        try:
            server = serve(self.engine.service, self.users, self.engine.token, port)
            self.engine.write_run_file(server.port)
        except (ServerError, OSError):
            if server is not None:
                server.stop()
            self.engine.stop()
            raise
        return server

    def _made_engine(
        self,
        options: argparse.Namespace,
        site_path: Path,
        floor: Floor,
        on_failure: Callable[[], None],
    ) -> Engine:
        bundle = options.bundle or places.assets_dir() / "models" / MODEL[0] / MODEL[1]
        card = read_card(bundle)
        return Engine(
            Options(options.data, site_path, bundle, options.interface, card.digest),
            floor,
            Rules(confidence_permille=permille(card.sure_confidence)),
            self.broker,
            recogniser_command=recogniser_command(str(bundle)),
            first_user_needed=self.users.nobody_yet,
            on_failure=on_failure,
        )

    def stop(self, *_signal: Any) -> None:
        """End the server, then the engine."""
        self.server.stop()
        self.engine.stop()


def _broker(options: argparse.Namespace, folder: DataFolder) -> Broker:
    if options.broker is None:
        return OwnBroker(folder.broker_dir, interface=options.interface, listen=options.listen)
    where = broker_address.parse(options.broker, options.broker_password_file)
    return ForeignBroker(where, interface=options.interface)
