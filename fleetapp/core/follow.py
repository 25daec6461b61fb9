"""The state after recorded rows; nothing is decided again.

A row that cannot be followed (of another version, or a rule that fails on it) does not
keep the fleet from starting: it is left out whole and told at the start, which holds its
robot (`fleetapp.core.answer_halts`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from fleetapp.core.decisions import RuleBroke
from fleetapp.core.guard import FaultTold
from fleetapp.core.state import State, Unfolded
from fleetapp.core.turn import Row, Turn

CHUNK = 500  # rows; one that fails costs following its chunk again


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row whose body could not be read, with what its columns say."""

    seq: int
    type: str
    robot_id: str
    fault: str


def fold(
    state: State, rows: Iterable[Row | Unreadable], told: FaultTold = lambda _error: None
) -> State:
    """The state after recorded rows, without deciding anything again."""
    for chunk in _chunks(_paired(rows)):
        state = _follow_chunk(state, chunk, told)
    return state


Paired = tuple[Row | Unreadable, bool]  # a row, and whether the one after it says: undone


def _paired(rows: Iterable[Row | Unreadable]) -> Iterator[Paired]:
    before: Row | Unreadable | None = None
    for row in rows:
        if before is not None:
            yield before, _undoes(row, before.seq)
        before = row
    if before is not None:
        yield before, False


def _undoes(row: Row | Unreadable, seq: int) -> bool:
    """A rule that failed says in the next row that nothing of its input was done."""
    if isinstance(row, Unreadable) or not isinstance(row.message, RuleBroke):
        return False
    return row.message.undone_seq == seq


def _chunks(rows: Iterator[Paired]) -> Iterator[tuple[Paired, ...]]:
    while chunk := tuple(islice(rows, CHUNK)):
        yield chunk


def _follow_chunk(state: State, chunk: Sequence[Paired], told: FaultTold) -> State:
    """Follow rows; one that fails is left out, and the chunk followed anew without it."""
    left_out: dict[int, str] = {}
    while True:
        turn, seq = Turn(state), 0
        try:
            for row, undone in chunk:
                seq = row.seq
                _follow(turn, row, undone=undone, fault=left_out.get(seq))
        except Exception as error:
            told(error)
            if seq in left_out:
                raise
            left_out[seq] = type(error).__name__
        else:
            return turn.draft.freeze()


def _follow(turn: Turn, row: Row | Unreadable, *, undone: bool, fault: str | None) -> None:
    if isinstance(row, Unreadable):
        turn.draft.seq = row.seq
        _note(turn, Unfolded(row.seq, row.type, row.robot_id, row.fault))
    elif fault is not None:
        turn.draft.seq = row.seq
        robot_id = getattr(row.message, "robot_id", None) or ""
        _note(turn, Unfolded(row.seq, type(row.message).__name__, robot_id, fault))
    else:
        turn.follow(row, undone=undone)


def _note(turn: Turn, row: Unfolded) -> None:
    turn.draft.unfolded = (*turn.draft.unfolded, row)
