"""The proof in the background: new rows every ten seconds, old ones again and again.

A broken row is told once and does not end the proof: what comes behind it is proven
with the hash that is stored there. The journal must also reach to the last row that
was called durable.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fleetapp.api.views import ProofView
from fleetapp.audit.chain import FIRST
from fleetapp.audit.verify import MOST_NAMED, Broken, Verified, continue_from, in_words

log = logging.getLogger(__name__)

VERIFY_EVERY_S = 10.0
STALE_S = 60.0  # a proof that is older says nothing about the journal of now
SLICE = 20_000  # some 60 ms
SLICE_PAUSE_S = 0.25
SLICE_AGAIN = 5_000


class Proving:
    """The thread that verifies a database file."""

    def __init__(
        self, path: Path, on_broken: Callable[[Broken], None], durable_seq: Callable[[], int]
    ) -> None:
        """`on_broken` hears once of each broken row, from the thread of the proof."""
        self._path = path
        self._on_broken = on_broken
        self._durable_seq = durable_seq
        self._broken: dict[int, Broken] = {}
        self._view = ProofView(0, 0, ok=True, first_bad_seq=None, message="not verified yet")
        self._verified: tuple[int, bytes] = (0, FIRST)
        self._again: tuple[int, bytes] = (0, FIRST)
        self._proven_s = 0.0  # monotonic, when the journal was looked at last
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="verify", daemon=True)

    def start(self) -> None:
        """Begin to verify."""
        self._proven_s = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """End after the slice under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)

    def view(self) -> ProofView:
        """The newest verification; not ok if it is old, whatever keeps the next one."""
        view, age_s = self._view, time.monotonic() - self._proven_s
        if self._thread.ident is None or not view.ok or age_s <= STALE_S:
            return view
        text = f"{view.message}; nothing was verified for {age_s:.0f} s"
        return replace(view, ok=False, message=text)

    def _run(self) -> None:
        pause_s = 1.0
        while not self._stopping.wait(pause_s):
            try:
                pause_s = self._turn()
            except Exception:
                # Whatever it was: a proof that ended would call a broken journal whole.
                log.exception("the journal is not verified now")
                pause_s = VERIFY_EVERY_S

    def _turn(self) -> float:
        """A slice; how long to pause then."""
        pause_s = VERIFY_EVERY_S if self._verified[0] else 1.0
        durable_seq = self._durable_seq()
        if not self._path.exists():
            self._tell(self._shorter(0, durable_seq))
            return pause_s
        if self._verify_new(durable_seq):
            return SLICE_PAUSE_S  # slices: a long journal takes no time from the fleet
        if pause_s == VERIFY_EVERY_S:
            self._verify_again()
        return pause_s

    def _verify_new(self, durable_seq: int) -> bool:
        """A slice of what is new; whether there is more."""
        result = self._proven(self._verified, SLICE)
        if result is None:
            return False
        before, self._verified = self._verified[0], result.reached
        self._tell((*result.broken, *self._shorter(result.ends_at, durable_seq)))
        return result.reached[0] - before >= SLICE

    def _verify_again(self) -> None:
        """A slice of what was verified before, so that a later change is found too."""
        result = self._proven(self._again, SLICE_AGAIN)
        if result is None:
            return
        done = result.reached[0] >= self._verified[0] or result.reached == self._again
        self._again = (0, FIRST) if done else result.reached
        self._tell(result.broken)

    def _proven(self, begin: tuple[int, bytes], most: int) -> Verified | None:
        try:
            result = continue_from(self._path, *begin, most=most)
        except OSError as error:
            log.warning("the journal is not verified now: %s", error)
            return None
        if not result.readable:
            log.warning("the journal is not verified now: %s", result.message)
            return None
        if result.bad_seq is None and not result.ok:
            self._tell((Broken(begin[0] + 1, result.message),))  # a damaged file
            return None
        return result

    def _shorter(self, ends_at: int, durable_seq: int) -> tuple[Broken, ...]:
        if ends_at >= durable_seq:
            return ()
        text = f"the journal ends at row {ends_at}, row {durable_seq} was durable"
        return (Broken(ends_at + 1, text),)

    def _tell(self, broken: tuple[Broken, ...]) -> None:
        for one in broken:
            if one.seq not in self._broken and len(self._broken) < MOST_NAMED:
                self._broken[one.seq] = one
                self._on_broken(one)
        self._proven_s = time.monotonic()
        known = sorted(self._broken.values(), key=lambda one: one.seq)
        self._view = ProofView(
            self._verified[0],
            time.time_ns() // 1_000_000,
            ok=not known,
            first_bad_seq=known[0].seq if known else None,
            message=in_words(known) if known else f"{self._verified[0]} rows verified",
        )
