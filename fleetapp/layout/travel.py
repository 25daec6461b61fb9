"""Driving times between nodes: all pairs for usual sites, by rows for very large ones.

Shortest ways over edge travel times, without turns and waiting: a lower bound
that heuristics and assignment use. Ties do not matter, for only times leave
this module.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

UNREACHABLE_MS = 1 << 30
# Above this a full table (4 bytes a pair) takes more than 64 MB.
LARGEST_TABLE_NODES = 4000
KEPT_ROWS = 512


class TravelTimes:
    """Driving times over the allowed edges of one roadmap; computed when asked for."""

    def __init__(
        self,
        *,
        node_count: int,
        start: NDArray[np.int32],
        end: NDArray[np.int32],
        travel_ms: NDArray[np.int32],
        table: NDArray[np.int32] | None = None,
    ) -> None:
        """Take the allowed edges, and the full table if it is known already."""
        self._count = node_count
        self._graph = _shortest_edges(node_count, start, end, travel_ms)
        self._table = table
        self._rows: dict[tuple[bool, int], NDArray[np.int32]] = {}

    @property
    def is_small(self) -> bool:
        """Whether a full table is kept."""
        return self._count <= LARGEST_TABLE_NODES

    def table(self) -> NDArray[np.int32]:
        """All pairs, shape (n, n), from row to column.

        Raises:
            ValueError: if the site has too many nodes for a table.
        """
        if not self.is_small:
            raise ValueError(
                f"a table of {self._count} x {self._count} nodes is too large: "
                "ask from_node or to_node"
            )
        if self._table is None:
            self._table = _milliseconds(dijkstra(self._graph))
        return self._table

    def from_node(self, node: int) -> NDArray[np.int32]:
        """Times from a node to all others, shape (n,)."""
        if self.is_small:
            row: NDArray[np.int32] = self.table()[node]
            return row
        return self._row(node, backward=False)

    def to_node(self, node: int) -> NDArray[np.int32]:
        """Times from all others to a node, shape (n,)."""
        if self.is_small:
            column: NDArray[np.int32] = self.table()[:, node]
            return column
        return self._row(node, backward=True)

    def between(self, start: int, end: int) -> int:
        """Time from one node to another, UNREACHABLE_MS if there is no way."""
        if self.is_small:
            return int(self.table()[start, end])
        return int(self._row(end, backward=True)[start])

    @cached_property
    def _backward(self) -> "csr_array":
        return self._graph.T.tocsr()

    def _row(self, node: int, *, backward: bool) -> NDArray[np.int32]:
        key = (backward, node)
        if key not in self._rows:
            if len(self._rows) >= KEPT_ROWS:
                self._rows.pop(next(iter(self._rows)))
            graph = self._backward if backward else self._graph
            self._rows[key] = _milliseconds(dijkstra(graph, indices=np.array([node]))[0])
        return self._rows[key]


def _shortest_edges(
    count: int, start: NDArray[np.int32], end: NDArray[np.int32], travel_ms: NDArray[np.int32]
) -> "csr_array":
    """The graph with one edge for each pair of nodes: sparse sums doubles, so take the least."""
    order = np.lexsort((travel_ms, end, start))
    start, end, travel_ms = start[order], end[order], travel_ms[order]
    first = np.ones(len(start), dtype=bool)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    values = travel_ms[first].astype(np.float64)
    return csr_array((values, (start[first], end[first])), shape=(count, count))


def _milliseconds(times: NDArray[np.float64]) -> NDArray[np.int32]:
    reachable = np.where(np.isfinite(times), times, UNREACHABLE_MS)
    return np.minimum(reachable, UNREACHABLE_MS).astype(np.int32)
