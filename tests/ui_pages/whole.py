"""What of a part of the window cannot be read whole: lower or narrower than its words need."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPlainTextEdit

KINDS = (QLabel, QAbstractButton, QLineEdit, QPlainTextEdit)


def squeezed(part):
    """Names of the shown children that have less room than they need, or lie over another."""
    shown = [w for kind in KINDS for w in part.findChildren(kind) if w.isVisible()]
    bad = [_name(w) for w in shown if _needs_more(w) or _is_cut_at_the_side(w, part)]
    return [*bad, *over_another(*shown)]


def over_another(*parts):
    """Pairs of parts with one parent that lie over each other."""
    return [(_name(a), _name(b)) for a, b in _beside(parts) if _overlap(a, b)]


def in_sight(child, part):
    """Whether a child lies in its part with all its height and width."""
    return part.rect().contains(_box(child, part)) and child.visibleRegion().boundingRect() == (
        child.rect()
    )


def _needs_more(child):
    if isinstance(child, QPlainTextEdit):
        return False
    # The ring of the focus takes 2 px within the child that has it; nothing moves for that.
    ring = 2 if child.hasFocus() else 0
    hint = child.sizeHint() - QSize(ring, ring)
    if isinstance(child, QLabel) and child.wordWrap():
        return child.height() < child.heightForWidth(child.width())
    narrow = not isinstance(child, QLineEdit) and child.width() < hint.width()
    return narrow or child.height() < hint.height()


def _is_cut_at_the_side(child, part):
    box = _box(child, part)
    return box.left() < 0 or box.right() > part.width()


def _beside(shown):
    return [
        (a, b)
        for number, a in enumerate(shown)
        for b in shown[number + 1 :]
        if a.parent() is b.parent()
    ]


def _overlap(one, other):
    return one.geometry().intersects(other.geometry())


def _box(child, part):
    return child.rect().translated(child.mapTo(part, child.rect().topLeft()))


def _name(child):
    words = child.text() if hasattr(child, "text") else ""
    return f"{type(child).__name__} {words or child.accessibleName()}"
