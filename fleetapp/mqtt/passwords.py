"""Password hashes as mosquitto 2 reads them.

Made here and not by `mosquitto_passwd`, so that no file ever holds a password in
the clear, not even for a moment, and the broker never reads a half-written file.
The passwords are our own, 144 random bits and more: stretching would add nothing
but time on the broker's only thread.

Source: mosquitto 2.0 `password_mosq.c`: `$7$iterations$salt$PBKDF2-HMAC-SHA512`.
"""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 101
SALT_BYTES = 12


def hashed(password: str) -> str:
    """The entry for a password, with a salt of its own."""
    return _entry(password, secrets.token_bytes(SALT_BYTES))


def fits(password: str, entry: str) -> bool:
    """Whether an entry was made from this password."""
    parts = entry.split("$")
    if len(parts) != 5 or parts[1] != "7":
        return False
    return hmac.compare_digest(_entry(password, base64.b64decode(parts[3])), entry)


def _entry(password: str, salt: bytes) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
