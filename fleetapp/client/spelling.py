"""Names however people write them: without case and signs, or nearly right."""

from difflib import get_close_matches
from functools import lru_cache

LIKENESS = 0.5  # of 1, from which on a name is a guess worth saying
Names = frozenset[str] | tuple[str, ...]


def plain(text: str) -> str:
    """A name without case and signs."""
    return "".join(c for c in text if c.isalnum()).upper()


def same(wanted: str, among: Names) -> str | None:
    """The name that is meant, however it is written."""
    if wanted in among:
        return wanted
    return _by_plain(among).get(plain(wanted))


@lru_cache(maxsize=256)
def nearest(wanted: str, among: Names) -> str | None:
    """The name that looks most like what was written; kept, for files repeat their mistakes."""
    by_plain = _by_plain(among)
    found = get_close_matches(plain(wanted), by_plain, 1, LIKENESS)
    return by_plain[found[0]] if found else None


@lru_cache(maxsize=16)
def _by_plain(among: Names) -> dict[str, str]:
    return {plain(name): name for name in sorted(among, reverse=True) if plain(name)}
