"""What comes in as JSON or query: checked once, answered with field and remedy.

Stricter than JSON: no unknown field, no number beyond what JSON readers agree on
(RFC 8259, section 6: 2**53), no endless text, and no character that steers a
terminal or turns the writing round. Ids are one line and not empty: two commands
without an id would be taken for one sent twice. What passes here can be written
to the journal, printed and drawn.
"""

import unicodedata
from dataclasses import fields
from typing import Any, TypeVar

import msgspec
from fastapi import HTTPException, Request

LARGEST = 2**53
LONGEST_TEXT = 1000
LONGEST_ID = 200
# What people write may have lines, and the joiners that some scripts need.
WRITTEN = frozenset({"reason", "text", "password"})
IN_WRITING = "\n\t\u200c\u200d"
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # Unicode: controls, formats, line ends
T = TypeVar("T")


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request.

    Raises:
        HTTPException: 422 if there is none.
    """
    data = await request.body()
    if not data:
        return {}
    try:
        body = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(422, f"the body is not JSON: {error}; send an object") from error
    if not isinstance(body, dict):
        raise HTTPException(422, "the body is not a JSON object: send {...}")
    return body


def converted(values: dict[str, Any], kind: type[T], *, from_query: bool = False) -> T:
    """The values as a dataclass of `fleetapp.api`.

    Args:
        values: what came in.
        kind: the dataclass wanted.
        from_query: whether numbers come as text.

    Raises:
        HTTPException: 422 naming the field, the value and the remedy.
    """
    known = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
    for name, value in values.items():
        if name not in known:
            raise HTTPException(422, f"unknown field {name[:80]!r}: use {', '.join(known)}")
        _check(name, value)
    try:
        result: T = msgspec.convert(values, kind, strict=not from_query)
    except msgspec.ValidationError as error:
        raise HTTPException(422, f"{_plain(str(error))}: correct that field") from error
    for name in known:
        _check(name, getattr(result, name))
    return result


def text_of(body: dict[str, Any], name: str) -> str:
    """A text field of a body, "" if it is not there.

    Raises:
        HTTPException: 422 if it is not text, or not fit to be shown.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise HTTPException(422, f"{name} is not text: write it in quotes")
    _check(name, value)
    return value


def _check(name: str, value: object) -> None:
    if isinstance(value, str):
        _check_text(name, value)
    elif isinstance(value, int | float) and not -LARGEST <= value <= LARGEST:
        raise HTTPException(422, f"{name} is too large: give a number below 2**53")


def _check_text(name: str, value: str) -> None:
    longest = LONGEST_ID if name.endswith("_id") else LONGEST_TEXT
    if len(value) > longest:
        raise HTTPException(422, f"{name} is too long: write at most {longest} characters")
    if name == "command_id" and not value:
        raise HTTPException(422, "command_id is empty: give each command an id of its own")
    allowed = IN_WRITING if name in WRITTEN else ""
    for char in value:
        if unicodedata.category(char) in UNSEEN and char not in allowed:
            raise HTTPException(
                422, f"{name} holds the control character U+{ord(char):04X}: leave it out"
            )


def _plain(problem: str) -> str:
    return problem.replace(" - at `$.", " in field `").replace("`$.", "`")
