"""Topic names: `interface/v2/manufacturer/serial/topic`, built and read safely.

Parts are checked before a topic is built, so that no wildcard or separator of
MQTT can get into one.

Source: VDA 5050 2.1, section 6.5 "MQTT topic levels".
"""

import re
from dataclasses import dataclass

PART = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
FROM_ROBOT = ("state", "connection", "factsheet", "visualization", "frame")
TO_ROBOT = ("order", "instantActions")
MAJOR = "v2"


class TopicError(ValueError):
    """A part that cannot stand in a topic."""


@dataclass(frozen=True, slots=True)
class Address:
    """Whose topic it is and which."""

    interface: str
    maker: str
    serial: str
    kind: str

    @property
    def robot_id(self) -> str:
        """The robot's id in this program."""
        return f"{self.maker}/{self.serial}"


def build(interface: str, maker: str, serial: str, kind: str) -> str:
    """A topic name.

    Raises:
        TopicError: naming the part that has forbidden characters.
    """
    for name, part in (("interface", interface), ("manufacturer", maker), ("serial", serial)):
        if not PART.fullmatch(part):
            raise TopicError(
                f"{name} {part!r} cannot stand in a topic: use 1 to 64 of A-Z a-z 0-9 _ . : -"
            )
    return f"{interface}/{MAJOR}/{maker}/{serial}/{kind}"


def parse(topic: str) -> Address | None:
    """The parts of a robot's topic, None if it is not one."""
    parts = topic.split("/")
    if len(parts) != 5 or parts[1] != MAJOR or parts[4] not in (*FROM_ROBOT, *TO_ROBOT):
        return None
    if not all(PART.fullmatch(part) for part in (parts[0], parts[2], parts[3])):
        return None
    return Address(parts[0], parts[2], parts[3], parts[4])


def subscriptions(interface: str) -> tuple[str, ...]:
    """What fleet control listens to."""
    return tuple(f"{interface}/{MAJOR}/+/+/{kind}" for kind in FROM_ROBOT)
