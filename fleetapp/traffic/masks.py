"""Floor as sets of bits: one bit a node or edge, so that many robots are weighed at once.

Resource n is node n, resource (number of nodes + e) is edge e. The *reach* of a
resource is itself and all that its footprint excludes: whoever owns it keeps
everybody else out of all that.
"""

from collections.abc import Iterable
from itertools import pairwise

from fleetapp.layout.roadmap import RoadMap


class Masks:
    """Bit sets of one site; the same for all its robot types."""

    def __init__(self, roads: Iterable[RoadMap]) -> None:
        """Join the exclusions of all types: where one type is too wide, all keep out."""
        tables = tuple(roads)
        self.node_count = tables[0].node_count
        self.edge_count = len(tables[0].edge_ids)
        reach = [1 << number for number in range(self.node_count + self.edge_count)]
        for road in tables:
            self._join(reach, road)
        self.reach: tuple[int, ...] = tuple(reach)
        self.two_way: tuple[bool, ...] = tuple(back >= 0 for back in tables[0].reverse_of)
        self.outward: dict[int, int] = _outward(tables)

    def _join(self, reach: list[int], road: RoadMap) -> None:
        offset = self.node_count
        for node in range(offset):
            for other in road.exclusive_nodes[node]:
                reach[node] |= 1 << other
            for edge in road.exclusive_edges_of_node[node]:
                reach[node] |= 1 << (offset + edge)
        for edge, (edges, nodes) in enumerate(road.exclusive_of_edge):
            for other in edges:
                reach[offset + edge] |= 1 << (offset + other)
            for node in nodes:
                reach[offset + edge] |= 1 << node

    def edge(self, edge: int) -> int:
        """The resource number of an edge."""
        return self.node_count + edge

    def reach_of(self, resources: Iterable[int]) -> int:
        """All floor that the owner of these resources keeps others out of."""
        mask = 0
        for resource in resources:
            mask |= self.reach[resource]
        return mask

    @staticmethod
    def plain(resources: Iterable[int]) -> int:
        """The resources themselves as bits."""
        mask = 0
        for resource in resources:
            mask |= 1 << resource
        return mask

    def way(self, nodes: Iterable[int], edges: Iterable[int]) -> int:
        """Nodes and edges of a way as bits."""
        mask = 0
        for node in nodes:
            mask |= 1 << node
        for edge in edges:
            mask |= 1 << (self.node_count + edge)
        return mask


def _outward(roads: tuple[RoadMap, ...]) -> dict[int, int]:
    """For each node of a dead end, the next node on the way to where it branches off."""
    neighbours: list[dict[int, None]] = [{} for _ in roads[0].node_ids]
    for road in roads:
        for start, edges in enumerate(road.out_edges):
            for edge in edges:
                end = int(road.edge_end[edge])
                neighbours[start][end] = None
                neighbours[end][start] = None
    outward: dict[int, int] = {}
    for leaf in (node for node, near in enumerate(neighbours) if len(near) == 1):
        way = [leaf, next(iter(neighbours[leaf]))]
        while len(neighbours[way[-1]]) == 2:
            way.append(next(node for node in neighbours[way[-1]] if node != way[-2]))
        if len(neighbours[way[-1]]) > 1:  # a lone lane with two ends leads nowhere
            outward.update(pairwise(way))
    return outward
