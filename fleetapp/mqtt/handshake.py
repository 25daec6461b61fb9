"""One MQTT sign-in over a plain socket: does this broker know this password?

Tells our broker from a stranger's on the same port: ours takes the fleet's
password and refuses a wrong one. Nothing is published or subscribed.

Source: MQTT 3.1.1, 3.1 CONNECT and 3.2 CONNACK.
"""

import secrets
import socket
import struct

CONNACK = 0x20
ACCEPTED = 0
CLEAN_WITH_USER_AND_PASSWORD = 0xC2
KEEP_ALIVE_S = 5
DISCONNECT = b"\xe0\x00"


def knows(host: str, port: int, *, user: str, password: str, timeout_s: float = 2.0) -> bool:
    """Whether the broker takes this password and refuses another."""
    right = sign_in(host, port, user=user, password=password, timeout_s=timeout_s)
    if right != ACCEPTED:
        return False
    wrong = sign_in(host, port, user=user, password=secrets.token_hex(16), timeout_s=timeout_s)
    return wrong is not None and wrong != ACCEPTED


def sign_in(host: str, port: int, *, user: str, password: str, timeout_s: float) -> int | None:
    """The broker's return code (0 is welcome), None if nobody answers as a broker does."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as link:
            link.settimeout(timeout_s)
            link.sendall(_connect(user, password))
            answer = _exactly(link, 4)
            if answer[3:4] == bytes([ACCEPTED]):
                link.sendall(DISCONNECT)
    except OSError:
        return None
    return answer[3] if len(answer) == 4 and answer[0] == CONNACK else None


def _connect(user: str, password: str) -> bytes:
    body = _text("MQTT") + bytes([4, CLEAN_WITH_USER_AND_PASSWORD])
    body += struct.pack("!H", KEEP_ALIVE_S)
    body += _text(f"probe-{secrets.token_hex(6)}") + _text(user) + _text(password)
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return b"\x10" + length + body


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def _exactly(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = link.recv(size - len(data))
        if not more:
            break
        data += more
    return data
