"""What an engine keeps on disk: its journal and snapshots, in a folder that it holds alone.

From it the state comes back after a restart. What the rows mean is `core`, how they
are written and read `audit`.
"""

from collections.abc import Callable
from pathlib import Path

from fleetapp.audit.reader import JournalReader
from fleetapp.audit.writer import JournalWriter
from fleetapp.core.observations_engine import JournalRecovered, JournalUnavailable
from fleetapp.core.state import Floor, Rules, State
from fleetapp.engine import snapshots
from fleetapp.engine.data_folder import DataFolder, check_same_site, take_lock
from fleetapp.engine.loop import Durable, Item

SNAPSHOT_ROWS = 20_000


class Record:
    """A data folder under its lock."""

    def __init__(
        self, data: Path, site_path: Path, boot_id: str, put: Callable[[Item], None]
    ) -> None:
        """Take the lock; nothing is written yet. `put` hears of the journal, from any thread.

        Raises:
            AlreadyRunningError: if another engine holds the data folder.
        """
        self.folder = DataFolder(data)
        self.folder.prepare()
        self._lock = take_lock(self.folder, site_path)
        self.journal = JournalWriter(
            self.folder.database,
            boot_id,
            on_durable=lambda seq: put(Durable(seq)),
            on_trouble=lambda why: put(JournalUnavailable(0, why)),
            on_recovered=lambda: put(JournalRecovered(0)),
        )
        self.audit = JournalReader(self.folder.database)
        self._snapshot_seq = 0

    def restored(self, floor: Floor, rules: Rules) -> State:
        """The newest snapshot and the rows after it; nothing is decided again.

        Raises:
            OtherSiteError: if the journal is of another site, or orders of another layout run.
        """
        last = self.journal.durable_seq
        state = snapshots.newest(self.folder.snapshots_dir, last, floor, rules)
        if last > state.seq:
            state = snapshots.restore(state, self.audit.entries(state.seq + 1))
        check_same_site(state, self.folder.root)
        self._snapshot_seq = state.seq
        return state

    def start(self) -> None:
        """Begin to write rows, and to verify those that are there."""
        self.journal.start()
        self.audit.start_verifying()

    def keep_snapshot(self, state: State) -> None:
        """Write a snapshot if there are many rows since the last one."""
        if state.seq - self._snapshot_seq >= SNAPSHOT_ROWS:
            self._snapshot_seq = state.seq
            snapshots.save(self.folder.snapshots_dir, state)

    def finish(self, state: State) -> None:
        """Write the journal to its end, and a snapshot of the last state."""
        self.audit.stop_verifying()
        self.journal.close()
        snapshots.save(self.folder.snapshots_dir, state)

    def leave(self) -> None:
        """Let another engine in."""
        self.folder.run_file.unlink(missing_ok=True)
        self._lock.close()
