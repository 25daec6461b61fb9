"""What an engine keeps on disk: journal, ring, anchors, snapshots, in a folder that it holds alone.

From it the state comes back after a restart. What the rows mean is `core`, how they
are written and read `audit`.
"""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from fleetapp.audit.anchor import AnchorKeeper, SecondPlace
from fleetapp.audit.following import followed
from fleetapp.audit.heads import EMPTY, Head, NamedHead
from fleetapp.audit.known import KnownReader
from fleetapp.audit.reader import JournalReader
from fleetapp.audit.ring import Ring, Told
from fleetapp.audit.ring_slots import Promise, essence, essence_of
from fleetapp.audit.verify import Broken
from fleetapp.audit.writer import JournalWriter
from fleetapp.core.observations import CommandGiven
from fleetapp.core.observations_engine import (
    JournalRecovered,
    JournalUnavailable,
    RecordDoubted,
)
from fleetapp.core.state import Floor, Rules, State
from fleetapp.core.turn import Row
from fleetapp.engine import snapshots
from fleetapp.engine.answers import Kept, NotKept
from fleetapp.engine.data_folder import DataFolder, check_same_site, take_lock
from fleetapp.engine.doubts import Doubts, is_about, told
from fleetapp.engine.evidence import keep_evidence, second_of, write_down, written_down
from fleetapp.engine.loop import Durable, Item
from fleetapp.engine.witnesses import Doubt, Examined, examine

log = logging.getLogger(__name__)

SNAPSHOT_ROWS = 20_000


class Record:
    """A data folder under its lock."""

    def __init__(
        self,
        data: Path,
        site_path: Path,
        boot_id: str,
        put: Callable[[Item], None],
        *,
        second_anchor: str = "",
    ) -> None:
        """Take the lock and look what is there; no row is written yet.

        Args:
            data: the data folder.
            site_path: the site's folder, told to a second engine.
            boot_id: of this start.
            put: hears of journal and ring, from any thread.
            second_anchor: a file for the head of the journal outside the folder, "" for none.

        Raises:
            AlreadyRunningError: if another engine holds the data folder.
            OSError: if there is a journal that cannot be read.
        """
        self.folder = DataFolder(data)
        self.folder.prepare()
        self._lock = take_lock(self.folder, site_path)
        self._boot_id = boot_id
        self._put = put
        self._second = SecondPlace(Path(second_anchor)) if second_anchor else None
        self._anchor = AnchorKeeper(
            self.folder.anchor,
            boot_id,
            str(self.folder.root.resolve()),
            self._second,
            self._waits_in_ring,
        )
        self.journal = self._new_journal()
        self.ring = self._new_ring()
        self.audit = JournalReader(
            self.folder.database, self._proof_broke, lambda: self.journal.durable_seq
        )
        self._doubts = Doubts(self.audit, lambda: written_down(self.folder))
        self._at_start: tuple[Doubt, ...] | None = None
        self._examined: Examined = examine(
            self.folder, self._second, self.ring.found, self.ring.damage
        )
        for image in self._examined.usable:
            self._anchor.name_snapshot(image.seq, image.checksum)
        self._unsettled = list(self._examined.doubts)  # not recorded yet
        self._owed: list[str] = []  # what is asked by commands that enter once more
        self.known = KnownReader(self.folder.database, lambda: self.journal.durable_seq)
        self._snapshot_seq = 0

    def _new_journal(self) -> JournalWriter:
        return JournalWriter(
            self.folder.database,
            self._boot_id,
            on_durable=self._durable,
            on_trouble=lambda why: self._put(JournalUnavailable(0, why)),
            on_recovered=lambda: self._put(JournalRecovered(0)),
            anchor=self._anchor,
            on_foreign=self._found_foreign,
        )

    def _waits_in_ring(self) -> tuple[tuple[int, int], ...]:
        return self.ring.named()

    def _new_ring(self) -> Ring:
        return Ring(
            self.folder.ring,
            self._boot_id,
            lambda: self.journal.durable_head,
            Told(
                lambda seq: self._put(Kept(seq)),
                lambda seq, why: self._put(NotKept(seq, why)),
                self._ring_was_taken,
            ),
        )

    def restored(self, floor: Floor, rules: Rules) -> State:
        """The newest snapshot and the rows after it; nothing is decided again.

        Raises:
            OtherSiteError: if the journal is of another site, or orders of another layout run.
        """
        last = self.journal.durable_seq
        state = snapshots.newest((one.path for one in self._examined.usable), floor, rules)
        if last > state.seq:
            heads = {one.seq: one.head for one in self._examined.usable}
            begin = heads.get(state.seq) or EMPTY
            state = snapshots.restore(
                state, followed(self.folder.database, begin, self._doubts.follow)
            )
        check_same_site(state, self.folder.root)
        self._snapshot_seq = state.seq
        return state

    def doubts(self) -> tuple[RecordDoubted, ...]:
        """What the core must hear if this may not be the journal that we left."""
        if self._at_start is None:
            self._at_start = self._doubts.at_start(self._examined.doubts)
        return tuple(told(doubt) for doubt in self._at_start)

    def owed(self) -> tuple[CommandGiven, ...]:
        """Commands that were in force and never reached the journal, in order.

        Raises:
            OSError: if the journal cannot be read.
        """
        empty = self.journal.durable_seq == 0
        try:
            owed = self.ring.owed((lambda _promise: False) if empty else self._is_held)
        except RuntimeError as error:
            raise OSError(f"{self.folder.database}: {error}") from error
        self._owed = [essence_of(given) for given in owed]
        for given in owed:
            log.info("entered from the ring: %s of %s", given.command, given.person.name)
        return owed

    def _is_held(self, promise: Promise) -> bool:
        """Whether the journal has it, in a row after those that it had when it was given."""
        known = NamedHead("ring", promise.head) not in self._examined.lost
        after_seq = promise.head.seq if known else 0
        wanted = essence_of(promise.given)
        return any(
            essence(body) == wanted and _is_row_of(promise, seq, boot_id)
            for seq, boot_id, body in self.audit.commands(promise.command_id, after_seq)
        )

    def start(self) -> None:
        """Begin to write rows, and to verify those that are there."""
        self._keep_witnesses()
        for doubt in self._at_start or ():
            self._keep_evidence(doubt, self._all_snapshots())
        if self._second is not None:
            self._second.start()
        self.ring.start()
        self.journal.start()
        self.audit.start_verifying()

    def _all_snapshots(self) -> tuple[Path, ...]:
        return tuple(snapshots.heads(self.folder.snapshots_dir))

    def _keep_evidence(self, doubt: Doubt, snapshots_to_keep: Iterable[Path]) -> bool:
        """Copy what lies in the folder, and have the second place copied, which may not answer."""
        kept = keep_evidence(self.folder, self._boot_id, doubt, snapshots_to_keep)
        if self._second is not None:
            self._second.keep_as(second_of(self.folder, self._boot_id))
        return kept

    def note(self, rows: Iterable[Row]) -> None:
        """Look what became of the commands from the ring, and of the doubt of this start."""
        for row in rows if self._owed or self._unsettled else ():
            message = row.message
            if isinstance(message, CommandGiven):
                self._note_given(message, row.seq)
            elif isinstance(message, RecordDoubted) and self._unsettled:
                self._unsettled = [d for d in self._unsettled if not is_about(message, d)]
                if not self._unsettled:
                    self.journal.when_durable(row.seq, self._clear_witnesses)

    def _note_given(self, given: CommandGiven, row_seq: int) -> None:
        asked = essence_of(given)
        if asked in self._owed:
            self._owed.remove(asked)
            self.ring.recorded_as(given, row_seq)

    def _keep_witnesses(self) -> bool:
        """Copy what contradicts; while that fails nothing of it is written over."""
        kept = [
            self._keep_evidence(doubt, self._examined.contradicted)
            for doubt in self._examined.doubts
        ]
        self._anchor.held = "" if all(kept) else "the evidence against the journal is not copied"
        return all(kept)

    def _clear_witnesses(self, _head: Head) -> None:
        """The doubt is recorded, so that what names rows of another journal has done its work."""
        if not self._keep_witnesses():
            return
        for path in self._examined.contradicted:
            path.unlink(missing_ok=True)
        self.ring.begin_anew()

    def _durable(self, seq: int) -> None:
        self.ring.durable(seq)
        self._put(Durable(seq))

    def _proof_broke(self, broken: Broken) -> None:
        """The verifying thread: a row is not what was written."""
        doubt = self._doubts.about(broken)
        if doubt is not None:
            self._found(doubt, self._all_snapshots)

    def _found_foreign(self, seq: int, why: str) -> None:
        """The journal's thread: the file is not the one that we left there."""
        self._found(Doubt("journal", self.journal.durable_seq, seq, why), self._all_snapshots)

    def _ring_was_taken(self, why: str) -> None:
        """The ring's thread, on which the next stop waits: no snapshots, they say nothing of it."""
        self._found(Doubt("ring", 0, self.journal.durable_seq, why), tuple)

    def _found(self, doubt: Doubt, snapshots_to_keep: Callable[[], tuple[Path, ...]]) -> None:
        """While the engine runs: written down, for the journal may not take the row; told; copied.

        Only a line is written before the core hears of it: copies take their time.
        """
        write_down(self.folder, self._boot_id, doubt)
        self._put(told(doubt))
        self._keep_evidence(doubt, snapshots_to_keep())

    def watch(self) -> None:
        """Say so if a disk hangs: such a disk raises nothing. From the loop's thread, often."""
        if self._second is not None:
            self._second.look()
        self.ring.watch()

    def keep_snapshot(self, state: State) -> None:
        """Have a snapshot written if there are many rows since the last one."""
        if state.seq - self._snapshot_seq < SNAPSHOT_ROWS:
            return
        self._snapshot_seq = state.seq
        self.journal.when_durable(state.seq, lambda head: self._save(state, head))

    def _save(self, state: State, head: Head) -> None:
        """Write a snapshot and have the anchors name it; one that they name stays as it is."""
        path = snapshots.path_of(self.folder.snapshots_dir, head.seq)
        if self._anchor.names_snapshot(head.seq) and path.exists():
            return
        kept = self._examined.contradicted if self._anchor.held else ()
        checksum = snapshots.save(self.folder.snapshots_dir, state, head.hash, kept)
        if checksum:
            self._anchor.name_snapshot(head.seq, checksum)

    def finish(self, state: State) -> None:
        """Write the journal to its end, and a snapshot of the last state if it is recorded."""
        self.audit.stop_verifying()
        self.journal.close()
        self.ring.stop()
        head = self.journal.durable_head
        # An anchor names what was written, never what was only found there.
        if head.seq == state.seq and self.journal.committed:
            self._save(state, head)
            self._anchor.keep(head, at_once=True)
        if self._second is not None:
            self._second.stop()

    def status(self) -> dict[str, object]:
        """Ring and anchors: what works, and what does not."""
        second, of_ring = self._second, self.ring.trouble or self.ring.hangs()
        return {
            "ring": {"ok": not of_ring, "detail": of_ring, "waiting": self.ring.unspent()},
            "anchor": {"ok": not self._anchor.trouble, "detail": self._anchor.trouble},
            "second_anchor": None
            if second is None
            else {
                "path": str(second.path),
                "ok": not second.trouble,
                "detail": second.trouble,
            },
        }

    def leave(self) -> None:
        """Let another engine in."""
        self.folder.run_file.unlink(missing_ok=True)
        self._lock.close()


def _is_row_of(promise: Promise, seq: int, boot_id: str) -> bool:
    """Its own row; or that of a later start, at which it entered once more."""
    return boot_id != promise.boot_id or promise.row_seq in (0, seq)
