"""What comes in as JSON or query: checked once, answered with field and remedy.

Stricter than JSON: no unknown field, no number beyond what JSON readers agree on
(RFC 8259, section 6: 2**53), no control characters, no endless text. What
passes here can be written to the journal and drawn on a screen.
"""

from dataclasses import fields
from typing import Any, TypeVar

import msgspec
from fastapi import HTTPException, Request

LARGEST = 2**53
LONGEST_TEXT = 1000
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
        if len(value) > LONGEST_TEXT:
            raise HTTPException(422, f"{name} is too long: write at most {LONGEST_TEXT} characters")
        if any(ord(c) < 32 and c not in "\n\t" for c in value):
            raise HTTPException(422, f"{name} holds control characters: leave them out")
    elif isinstance(value, int | float) and not -LARGEST <= value <= LARGEST:
        raise HTTPException(422, f"{name} is too large: give a number below 2**53")


def _plain(problem: str) -> str:
    return problem.replace(" - at `$.", " in field `").replace("`$.", "`")
