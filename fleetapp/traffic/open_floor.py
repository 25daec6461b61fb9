"""What can still be driven while some floor is shut off.

Looks at nodes and edges alone: turns and other robots that drive are left out, as in
the tables of driving times. So what is found to be cut off is cut off for certain.
"""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from fleetapp.layout.tables import RoadMap


class OpenFloor:
    """The floor of one robot type without what others are kept out of."""

    def __init__(self, road: RoadMap, shut: int) -> None:
        """Take the bits of the shut nodes and edges (`fleetapp.traffic.masks`)."""
        self._road = road
        self._shut = _bits(shut, road.node_count + len(road.edge_ids))
        self._leading: dict[int, NDArray[np.bool_]] = {}

    def leading_to(self, node: int) -> NDArray[np.bool_]:
        """From which nodes a robot can drive to this one, shape (n,); none if it is shut."""
        if node not in self._leading:
            found = np.zeros(self._road.node_count, dtype=np.bool_)
            if not self._shut[node]:
                found[breadth_first_order(self._backward, node, return_predecessors=False)] = True
            self._leading[node] = found
        return self._leading[node]

    def leading_to_any(self, nodes: Iterable[int]) -> NDArray[np.bool_]:
        """The same for the nearest of several nodes."""
        tables = [self.leading_to(node) for node in nodes]
        if len(tables) == 1:
            return tables[0]
        none = np.zeros(self._road.node_count, dtype=np.bool_)
        return np.logical_or.reduce(tables) if tables else none

    @cached_property
    def _backward(self) -> csr_array:
        """The open edges, from end to start. A robot may leave shut floor, not enter it."""
        road = self._road
        is_open = road.edge_allowed & ~self._shut[road.node_count :]
        is_open = is_open & ~self._shut[road.edge_end]
        start, end = road.edge_start[is_open], road.edge_end[is_open]
        ones = np.ones(len(start), dtype=np.int8)
        return csr_array((ones, (end, start)), shape=(road.node_count, road.node_count))


def _bits(mask: int, count: int) -> NDArray[np.bool_]:
    raw = np.frombuffer(mask.to_bytes(-(-count // 8), "little"), dtype=np.uint8)
    return np.unpackbits(raw, bitorder="little", count=count).astype(np.bool_)
