"""A robot on PyPI `vda5050-sdk` 0.2.0 (VDA 5050 2.1): its client, our wheels.

    python sdk_robot.py PORT SERIAL PASSWORD MAP X Y NODE

The SDK speaks the protocol; this file only drives: straight from node to node at
1.4 m/s, pick and drop take 3 s. What the SDK reports is left as the SDK reports it.
"""

import asyncio
import math
import sys

from vda5050 import ActionStatus, VehicleClient, VehicleConfig

MAKER = "gitee"
SPEED_MPS = 1.4
STEP_S = 0.2
LOAD_S = 3.0


class Robot:
    """Drives the base of the newest order."""

    def __init__(self, client: VehicleClient, x: float, y: float, node: str, map_id: str) -> None:
        self.client = client
        self.x, self.y, self.map_id = x, y, map_id
        self.node = node
        self.order_id = ""
        self.nodes: dict[int, object] = {}
        self.passed = -1
        self.news = asyncio.Event()

    def begin(self) -> None:
        publisher = self.client.publisher
        publisher.init_position(
            x=self.x, y=self.y, theta=0.0, map_id=self.map_id, last_node_id=self.node
        )
        self.client.on_order(self.take)
        self.client.on_instant_actions(lambda _actions: self.news.set())

    def take(self, order: object) -> None:
        """A new order, or more of this one."""
        if order.order_id != self.order_id:
            self.order_id, self.nodes, self.passed = order.order_id, {}, -1
        for node in order.nodes:
            if node.released:
                self.nodes.setdefault(node.sequence_id, node)
        self.news.set()

    async def live(self) -> None:
        while True:
            if self.client.session.order is None:
                self.nodes = {}
            ahead = sorted(number for number in self.nodes if number > self.passed)
            if not ahead:
                self.client.publisher.set_driving(False)
                self.news.clear()
                await self.news.wait()
                continue
            await self.visit(self.nodes[ahead[0]])

    async def visit(self, node: object) -> None:
        order_id = self.order_id
        if not await self.drive_to(node.node_position.x, node.node_position.y):
            return
        if order_id != self.order_id:
            return
        self.passed = node.sequence_id
        self.client.mark_node_traversed(node.node_id, node.sequence_id)
        for action in node.actions:
            await self.act(action)

    async def drive_to(self, x: float, y: float) -> bool:
        """Whether it got there: a cancelled order ends the way."""
        publisher = self.client.publisher
        while (left := math.hypot(x - self.x, y - self.y)) > 1e-6:
            if self.client.session.order is None:
                publisher.set_driving(False)
                return False
            if publisher.paused:
                publisher.set_driving(False)
                await asyncio.sleep(STEP_S)
                continue
            part = min(1.0, SPEED_MPS * STEP_S / left)
            heading = math.atan2(y - self.y, x - self.x)
            self.x, self.y = self.x + (x - self.x) * part, self.y + (y - self.y) * part
            publisher.set_driving(True)
            publisher.update_position(x=self.x, y=self.y, theta=heading, map_id=self.map_id)
            await asyncio.sleep(STEP_S)
        return True

    async def act(self, action: object) -> None:
        publisher = self.client.publisher
        publisher.set_driving(False)
        publisher.report_action(
            action.action_id, ActionStatus.RUNNING, action_type=action.action_type
        )
        await asyncio.sleep(LOAD_S)
        if publisher.action_status(action.action_id) is ActionStatus.RUNNING:
            publisher.report_action(
                action.action_id, ActionStatus.FINISHED, action_type=action.action_type
            )


async def main() -> None:
    port, serial, password, map_id, x, y, node = sys.argv[1:]
    config = VehicleConfig(
        manufacturer=MAKER,
        serial_number=serial,
        broker_url=f"mqtt://127.0.0.1:{port}",
        username=f"{MAKER}.{serial}",
        password=password,
        state_interval=1.0,
    )
    async with VehicleClient(config) as client:
        robot = Robot(client, float(x), float(y), node, map_id)
        robot.begin()
        print("up", serial, flush=True)
        await robot.live()


if __name__ == "__main__":
    asyncio.run(main())
