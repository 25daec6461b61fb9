"""The embedded broker: mosquitto as a child, with a configuration of our own.

Its port and accounts are those of the data folder. A port that a stranger holds
is an error, never a silent move. It dies with the engine, and an orphan of an
engine that was killed is ended before a new one starts.
"""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from fleetapp.mqtt import accounts as accounts_of
from fleetapp.mqtt.accounts import Accounts
from fleetapp.mqtt.programs import find_program

log = logging.getLogger(__name__)

START_S = 5.0


class BrokerError(RuntimeError):
    """The broker cannot run; the message names the remedy."""


class EmbeddedBroker:
    """A mosquitto of one data folder."""

    def __init__(self, folder: Path, *, interface: str, listen: str = "127.0.0.1") -> None:
        """Take over, or make, the folder's port and accounts."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._interface = interface
        self._listen = listen
        self.accounts: Accounts = accounts_of.load(self._folder, _free_port())
        self._process: subprocess.Popen[bytes] | None = None

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
        """Start it and wait until it answers.

        Raises:
            BrokerError: if it is not installed, or its port is taken.
        """
        self._end_orphan()
        if _answers(self.port):
            raise BrokerError(
                f"port {self.port} is held by another program: end that program, or change "
                f"the port in {self._folder / 'credentials.json'}"
            )
        try:
            program = find_program("mosquitto")
            self._write_files()
        except FileNotFoundError as error:
            raise BrokerError(str(error)) from error
        with (self._folder / "mosquitto.log").open("ab") as output:
            self._process = subprocess.Popen(
                (program, "-c", str(self.config)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads hold locks here
            )
        (self._folder / "broker.pid").write_text(str(self._process.pid), encoding="utf-8")
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if not self.alive():
                break
            if _answers(self.port):
                return
            time.sleep(0.02)
        raise BrokerError(
            f"the broker did not start on port {self.port}: see {self._folder / 'mosquitto.log'}"
        )

    def _write_files(self) -> None:
        accounts_of.write_password_file(self._folder, self.accounts)
        accounts_of.write_acl(self._folder, self.accounts, self._interface)
        lines = [
            f"listener {self.port} {self._listen}",
            "allow_anonymous false",
            f"password_file {self._folder / 'passwd'}",
            f"acl_file {self._folder / 'acl'}",
            "use_username_as_clientid true",
            "max_packet_size 1048576",
            "persistence true",
            f"persistence_location {self._folder}/",
            "max_queued_messages 100000",
            "max_inflight_messages 100",
            "set_tcp_nodelay true",
            "log_type error",
            "log_type warning",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Otherwise it changes its user, which clears the parent-death signal.
            lines.append("user root")
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)

    def add_robots(self, passwords: dict[str, str]) -> None:
        """Let robots in, by MAKER/SERIAL; others notice nothing."""
        robots = {**self.accounts.robots, **passwords}
        self._change(replace(self.accounts, robots=robots))

    def remove_robot(self, robot_id: str) -> None:
        """Take a robot's user away."""
        robots = {k: v for k, v in self.accounts.robots.items() if k != robot_id}
        self._change(replace(self.accounts, robots=robots))

    def _change(self, accounts: Accounts) -> None:
        self.accounts = accounts
        accounts_of.save(self._folder, accounts)
        accounts_of.write_password_file(self._folder, accounts)
        accounts_of.write_acl(self._folder, accounts, self._interface)
        if self._process is not None and hasattr(signal, "SIGHUP"):
            self._process.send_signal(signal.SIGHUP)

    def _end_orphan(self) -> None:
        """End a broker of ours that outlived its engine; nobody else's process."""
        try:
            pid = int((self._folder / "broker.pid").read_text(encoding="utf-8"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if str(self.config).encode() not in command:
            return
        log.warning("ending broker %d of an engine that is gone", pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + START_S
        while _answers(self.port) and time.monotonic() < until:
            time.sleep(0.02)


def _die_with_parent() -> None:
    """Linux: get SIGTERM when the engine dies, however it dies."""
    import ctypes  # noqa: PLC0415 - only in the child

    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False
