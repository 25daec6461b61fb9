"""Texts of robots as journal, logs and screens may show them.

A robot may send anything: a text of 60 kB, line breaks that look like log lines,
signs that turn the reading direction. Kept are printable signs, and not too many.
"""

ID_SIGNS = 128
WORD_SIGNS = 64
SENTENCE_SIGNS = 300


def shown(text: str, most: int) -> str:
    """At most `most` printable signs of the text; the rest is cut off and marked."""
    whole = len(text) <= most
    kept = text if whole else text[: most - 1]
    plain = kept if kept.isprintable() else "".join(c if c.isprintable() else "·" for c in kept)
    return plain if whole else plain + "…"
