"""The doubts of one start: what the core must hear, and what the journal has of it already.

Some are found by the witnesses, some in rows that are followed, some were written down
by an engine that ended before their rows were durable.
"""

import logging
from collections.abc import Callable

from fleetapp.audit.reader import JournalReader
from fleetapp.audit.verify import Broken
from fleetapp.core.observations_engine import RecordDoubted
from fleetapp.engine.witnesses import Doubt

log = logging.getLogger(__name__)

PROOF = "proof"
MOST_BROKEN = 10  # broken rows that are told one by one between two starts


class Doubts:
    """What was found since the start, and what was recorded before it."""

    def __init__(self, audit: JournalReader, written_down: Callable[[], tuple[Doubt, ...]]) -> None:
        """`written_down` reads what lies in files, once."""
        self._audit = audit
        self._written_down = written_down
        self._broken: dict[int, Broken] = {}  # by the row

    def follow(self, broken: Broken) -> None:
        """A row that is followed at this start is not what was written."""
        if len(self._broken) < MOST_BROKEN:
            self._broken.setdefault(broken.seq, broken)

    def at_start(self, examined: tuple[Doubt, ...]) -> tuple[Doubt, ...]:
        """All that the core must hear now, those of the witnesses first."""
        recorded = self._recorded()
        rows = {(one.witness, one.named_seq) for one in recorded}
        of_rows = (of_broken(one) for one in self._broken.values())
        found = [*examined, *(d for d in of_rows if (PROOF, d.named_seq) not in rows)]
        left = [doubt for doubt in self._written_down() if doubt not in recorded]
        return tuple(dict.fromkeys((*found, *left)))

    def about(self, broken: Broken) -> Doubt | None:
        """The doubt about a row that the proof found, None if it was said or too many were."""
        rows = {(one.witness, one.named_seq) for one in self._recorded()}
        if broken.seq in self._broken or (PROOF, broken.seq) in rows:
            return None
        if len(self._broken) >= MOST_BROKEN:
            log.error("more is broken, see `fleetapp audit verify`: %s", broken.text)
            return None
        self._broken[broken.seq] = broken
        return of_broken(broken)

    def _recorded(self) -> frozenset[Doubt]:
        """Doubts in rows that stand: they halted, and a person has seen them."""
        try:
            said = self._audit.doubts()
        except (RuntimeError, OSError) as error:
            log.warning("not known which doubts were recorded before: %s", error)
            return frozenset()
        return frozenset(Doubt(*doubt) for seq, doubt in said if seq not in self._broken)


def of_broken(broken: Broken) -> Doubt:
    """The doubt about a row that is not what was written."""
    return Doubt(PROOF, broken.seq, max(0, broken.seq - 1), broken.text)


def told(doubt: Doubt) -> RecordDoubted:
    """As the core hears it."""
    return RecordDoubted(0, doubt.witness, doubt.named_seq, doubt.found_seq, doubt.text)


def is_about(message: RecordDoubted, doubt: Doubt) -> bool:
    """Whether a row records this doubt."""
    return Doubt(message.witness, message.named_seq, message.found_seq, message.text) == doubt
