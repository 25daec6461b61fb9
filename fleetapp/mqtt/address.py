"""Which broker: `mqtt[s]://USER@HOST:PORT`, the password elsewhere, never in a log."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

PASSWORD_VARIABLE = "FLEETAPP_BROKER_PASSWORD"  # noqa: S105 - the variable's name


class AddressError(ValueError):
    """A broker address that cannot be used; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where to connect and as whom; printing it shows no password."""

    host: str
    port: int
    tls: bool
    user: str
    password: str

    def __repr__(self) -> str:
        scheme = "mqtts" if self.tls else "mqtt"
        user = f"{self.user}@" if self.user else ""
        return f"{scheme}://{user}{self.host}:{self.port}"


def parse(url: str, password_file: Path | None) -> BrokerAddress:
    """The address in a URL, with the password from file or environment.

    Raises:
        AddressError: naming what is wrong.
    """
    parts, port = _split(url)
    if parts.password:
        raise AddressError(
            f"the broker address holds a password: give it in {PASSWORD_VARIABLE} "
            "or --broker-password-file"
        )
    tls = parts.scheme == "mqtts"
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or port is None:
        raise AddressError(f"broker {url!r}: write mqtt://USER@HOST:PORT or mqtts://...")
    return BrokerAddress(
        parts.hostname,
        port or (8883 if tls else 1883),
        tls,
        parts.username or "",
        _password(password_file),
    )


def _split(url: str) -> tuple[SplitResult, int | None]:
    """The parts and the port: 0 if none is given, None if it is no port."""
    parts = urlsplit(url)
    try:
        return parts, parts.port or 0
    except ValueError:
        return parts, None


def _password(password_file: Path | None) -> str:
    if password_file is None:
        return os.environ.get(PASSWORD_VARIABLE, "")
    try:
        mode = stat.S_IMODE(password_file.stat().st_mode)
        if mode & 0o077 and os.name == "posix":
            raise AddressError(f"{password_file} can be read by others: chmod 600 {password_file}")
        return password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AddressError(f"the password file cannot be read: {error}") from error
