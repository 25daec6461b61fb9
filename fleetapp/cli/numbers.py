"""Numbers of the command line: within bounds, or an error that names them (status 2)."""

import argparse
import math
import re
from collections.abc import Callable


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from `low` to `high`, for argparse's `type`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text[:40]!r}: give a whole number {low} to {high}")
        return int(text)

    return read


def seconds(low: float, high: float = 1e8) -> Callable[[str], float]:
    """A number of seconds from `low` to `high`, for argparse's `type`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"{text[:40]!r}: give a number of seconds from {low:g} to {high:g}"
            )
        return value

    return read


def size(text: str) -> str:
    """A size of a window in pixels, such as 1600x1000, for argparse's `type`."""
    if not re.fullmatch(r"[1-9][0-9]{2,3}x[1-9][0-9]{2,3}", text):
        raise argparse.ArgumentTypeError(f"{text[:40]!r}: write WIDTHxHEIGHT, such as 1600x1000")
    return text
