"""What is wrong with a site, as data: file, object, sentence and remedy."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """An error must be mended; a warning should be looked at.

    Errors in the files keep an engine from starting; those of the roadmap keep robots
    and tasks away from what is wrong.
    """

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody should mend."""

    level: Level
    file: str  # name inside the site's folder
    object_id: str  # "node N-1", "edge ...", "" for the file as a whole
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.object_id}" if self.object_id else self.file
        return f"{self.level}: {place}: {self.message}: {self.remedy}"


class SiteError(Exception):
    """A site that cannot be used; `findings` holds everything that is wrong."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        shown = "\n".join(str(finding) for finding in findings[:20])
        more = len(findings) - 20
        super().__init__(shown + (f"\n... and {more} more" if more > 0 else ""))


class Findings:
    """Collects findings while files are read, so that one run names them all."""

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def error(self, *, file: str, object_id: str, message: str, remedy: str) -> None:
        """Note something that keeps the site from being used."""
        self._found.append(Finding(Level.ERROR, file, object_id, message, remedy))

    def warning(self, *, file: str, object_id: str, message: str, remedy: str) -> None:
        """Note something that should be looked at."""
        self._found.append(Finding(Level.WARNING, file, object_id, message, remedy))

    def all(self) -> tuple[Finding, ...]:
        """Everything noted so far, in the order of reading."""
        return tuple(self._found)

    def errors(self) -> tuple[Finding, ...]:
        """The errors among them."""
        return tuple(found for found in self._found if found.level is Level.ERROR)
