"""Whether one robot's link is up: the broker's word, and reports that take it back.

Neither proof of life nor of death; silence is judged by `fleetapp.safety.silence`.
"""

ALIVE_AFTER_REPORTS = 2


class Link:
    """The last word on a robot's link."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._online: bool | None = None
        self._since_broken = 0

    @property
    def is_down(self) -> bool:
        """Whether the last word is that it is broken or closed."""
        return self._online is False

    def said(self, *, online: bool) -> bool:
        """The broker's word came; whether it is another than the last."""
        self._since_broken = 0
        changed = online != self._online
        self._online = online
        return changed

    def report_came(self) -> bool:
        """A report came; whether the link is up again by that.

        Some robots never say ONLINE again after the word that the link is broken. One
        report may have been on its way when it broke.
        """
        if not self.is_down:
            return False
        self._since_broken += 1
        if self._since_broken < ALIVE_AFTER_REPORTS:
            return False
        self._online = True
        return True
