"""What a window remembers of a person's wishes: docks, widths, folded foot."""

from PySide6.QtCore import QSettings


class Kept:
    """Values by name, in a settings file or, without one, as long as the window lives."""

    def __init__(self, settings: QSettings | None = None) -> None:
        """Nothing is remembered yet without a file."""
        self._settings = settings
        self._values: dict[str, str] = {}

    def value(self, name: str) -> str:
        """What was kept, "" if nothing was."""
        if self._settings is None:
            return self._values.get(name, "")
        return str(self._settings.value(name, ""))

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds; the default for anything else."""
        text = self.value(name)
        return min(most, max(least, int(text))) if text.isdecimal() else default

    def keep(self, name: str, value: str) -> None:
        """Keep a value."""
        self._values[name] = value
        if self._settings is not None:
            self._settings.setValue(name, value)
            self._settings.sync()
