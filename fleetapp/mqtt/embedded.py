"""The embedded broker: mosquitto as a child, with a configuration of our own.

Its port and accounts are those of the data folder. A port that a stranger holds
is an error, never a silent move. It dies with the engine, and an orphan of an
engine that was killed is ended before a new one starts. Starting it again after
it died is the owner's part (`alive`, `start`). The settings are in `config`.
"""

import contextlib
import logging
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from fleetapp.mqtt import accounts as accounts_of
from fleetapp.mqtt import config
from fleetapp.mqtt.accounts import PROBE_USER, Accounts, AccountsError
from fleetapp.mqtt.handshake import knows
from fleetapp.mqtt.programs import dies_with_parent, find_program

log = logging.getLogger(__name__)

START_S = 5.0
STOP_S = 5.0
# Below the ports that Linux gives to outgoing connections (32768 and up), so that
# nothing takes ours by chance while we are not there.
OWN_PORTS = range(21_000, 30_000)


class BrokerError(RuntimeError):
    """The broker cannot run; the message names the remedy."""


class EmbeddedBroker:
    """A mosquitto of one data folder. Its methods may be called from any thread."""

    def __init__(self, folder: Path, *, interface: str, listen: str = config.LOOPBACK) -> None:
        """Take over, or make, the folder's port and accounts.

        Raises:
            BrokerError: if the accounts cannot be read, or `listen` is no address.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder.resolve()
        self._interface = interface
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()
        try:
            self._listen = config.listen_address(listen)
            self.accounts: Accounts = accounts_of.load(self._folder, _free_port)
        except ValueError as error:
            raise BrokerError(str(error)) from error

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.accounts.port

    @property
    def config(self) -> Path:
        """Its configuration; the path also tells our brokers from others."""
        return self._folder / "mosquitto.conf"

    @property
    def pid(self) -> int | None:
        """Its process, None while it does not run."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start it and wait until it answers as ours.

        Raises:
            BrokerError: if it is not installed, or its port is taken.
        """
        with self._changing:
            self._end_orphan()
            if _answers(self.port):
                raise self.port_taken()
            self._write_files()
            self._launch()
            self._wait_until_it_answers()

    def _write_files(self) -> None:
        accounts_of.write_password_file(self._folder, self.accounts)
        accounts_of.write_acl(self._folder, self.accounts, self._interface)
        text = config.text(self._folder, self.port, self._listen)
        accounts_of.put_private(self.config, text)

    def _launch(self) -> None:
        try:
            program = find_program("mosquitto")
        except FileNotFoundError as error:
            raise BrokerError(str(error)) from error
        with (self._folder / "mosquitto.log").open("wb") as output:
            self._process = subprocess.Popen(
                (program, "-c", str(self.config)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=dies_with_parent(),  # noqa: PLW1509 - it makes system calls only
            )
        accounts_of.put_private(self._folder / "broker.pid", str(self._process.pid))

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.alive():
            if _answers(self.port):
                self._check_it_is_ours()
                return
            time.sleep(0.02)
        words = self._last_words()
        if "in use" in words.lower():
            raise self.port_taken()
        if "assign requested address" in words.lower():
            raise BrokerError(
                f"--listen {self._listen}: this machine has no such address; give one that "
                f"`ip -brief address` shows, or {config.EVERYWHERE} for all"
            )
        raise BrokerError(
            f"the broker did not start on port {self.port}: {words or 'it said nothing'} "
            f"(see {self._folder / 'mosquitto.log'})"
        )

    def _check_it_is_ours(self) -> None:
        """Somebody answers; ours knows the password and refuses a wrong one."""
        password = self.accounts.fleet_password
        if not knows(config.LOOPBACK, self.port, user=PROBE_USER, password=password):
            self._end()
            raise self.port_taken()

    def port_taken(self) -> BrokerError:
        """That somebody else listens on our port, and what to do."""
        return BrokerError(
            f"port {self.port} is held by another program: end that program "
            f"(`ss -ltnp 'sport = :{self.port}'` names it), or change the port in "
            f"{self._folder / 'credentials.json'} and in every robot"
        )

    def _last_words(self) -> str:
        try:
            text = (self._folder / "mosquitto.log").read_text("utf-8", errors="replace")
        except OSError:
            return ""
        return " / ".join(text.splitlines()[-3:])

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it; what it keeps for others (retained messages) is written."""
        with self._changing:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=STOP_S)

    def add_robots(self, passwords: dict[str, str]) -> None:
        """Let robots in, by MAKER/SERIAL; others notice nothing.

        Raises:
            AccountsError: naming an id that cannot stand in a topic, or a disk that takes nothing.
        """
        with self._changing:
            self._change(accounts_of.with_robots(self.accounts, passwords))

    def remove_robot(self, robot_id: str) -> bool:
        """Take a robot's user away; it is thrown out at once. Whether it had one.

        Raises:
            AccountsError: if the disk does not take it; it has its user still.
        """
        with self._changing:
            if robot_id not in self.accounts.robots:
                return False
            self._change(accounts_of.without_robot(self.accounts, robot_id))
            return True

    def _change(self, accounts: Accounts) -> None:
        """On disk first: what could not be written is not true, and is asked for again.

        Raises:
            AccountsError: if the disk does not take it; everything is as it was.
        """
        try:
            accounts_of.write_password_file(self._folder, accounts)
            accounts_of.write_acl(self._folder, accounts, self._interface)
            # Last, for a start makes the other two from this one.
            accounts_of.save(self._folder, accounts)
        except OSError as error:
            raise AccountsError(
                f"the broker's accounts in {self._folder} cannot be written ({error}): "
                "make room and try again"
            ) from error
        self.accounts = accounts
        if self._process is not None and hasattr(signal, "SIGHUP"):
            self._process.send_signal(signal.SIGHUP)

    def _end_orphan(self) -> None:
        """End a broker of ours that outlived its engine; nobody else's process."""
        try:
            pid = int((self._folder / "broker.pid").read_text(encoding="utf-8"))
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return
        if self.alive() or os.fsencode(self.config) not in words:
            return
        log.warning("ending broker %d of an engine that is gone", pid)
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, ending)
            until = time.monotonic() + STOP_S / 2
            while time.monotonic() < until:
                if not _answers(self.port):
                    return
                time.sleep(0.02)


def _free_port() -> int:
    for _ in range(200):
        port = secrets.choice(OWN_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((config.LOOPBACK, port))
            return port
    raise AccountsError(
        f"no free port from {OWN_PORTS.start} to {OWN_PORTS.stop - 1}: end programs"
    )


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((config.LOOPBACK, port), timeout=0.5):
            return True
    except OSError:
        return False
