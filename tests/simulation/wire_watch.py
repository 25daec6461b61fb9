"""What goes out to robots, judged at the moment it leaves; shares nothing with the gate."""

import json

from fleetapp.terms.modes import OperatingMode
from fleetapp.vda5050.topics import parse

MOVES = ("stopPause", "startCharging", "stopCharging")


def moves(kind, message):
    """Whether it may move a robot."""
    if kind == "order":
        return True
    return any(action["actionType"] in MOVES for action in message["actions"])


class WireWatch:
    """Everything sent to robots, and what of it should not have left."""

    def __init__(self, system):
        self.system = system
        self.sent = []  # (time, robot id, kind, message) of what may move a robot
        self.wrong = []
        self.heard = set()  # robots that reported since this start of the engine
        self._start = system._starts
        self._publish, system.publish = system.publish, self.publish
        self._arrived, system.network.arrived = system.network.arrived, self.arrived

    def arrived(self, now_ms):
        if self.system._starts != self._start:
            self._start = self.system._starts
            self.heard.clear()
        found = self._arrived(now_ms)
        for to, topic, _ in found:
            address = parse(topic)
            if to == "fleet" and address is not None and address.kind == "state":
                self.heard.add(address.robot_id)
        return found

    def publish(self, topic, payload, qos, *, retain):
        address, message = parse(topic), json.loads(payload)
        if moves(address.kind, message):
            self.sent.append((self.system.now_ms, address.robot_id, address.kind, message))
            why = self.why_not(address.robot_id)
            if why:
                self.wrong.append((self.system.now_ms, address.robot_id, address.kind, why))
        return self._publish(topic, payload, qos, retain=retain)

    def why_not(self, robot_id):
        """Why nothing that may move this robot may leave now; "" if it may."""
        state = self.system.state
        robot = state.robots.get(robot_id)
        if robot is None or not robot.admitted:
            return "not ours"
        reasons = {
            "not heard since the start": robot_id not in self.heard,
            "stopped": state.stop is not None,
            "held": bool(robot.holds),
            "paused for another": bool(robot.stray_id),
            "told to stand": robot.pause_wanted,
            "silent": robot.silent,
            "journal": not state.journal_ok,
            "mode": robot.mode is not OperatingMode.AUTOMATIC,
            "lost": not robot.localized,
        }
        return ", ".join(name for name, is_so in reasons.items() if is_so)

    def sent_to(self, robot_id, since_ms):
        return [kind for at, to, kind, _ in self.sent if to == robot_id and at > since_ms]
