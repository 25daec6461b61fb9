"""Right messages with something wrong at a place drawn by chance."""

import copy
import json

HEADER = {
    "headerId": 7,
    "timestamp": "2025-01-01T00:00:00.000Z",
    "version": "2.1.0",
    "manufacturer": "acme",
    "serialNumber": "r1",
}
POSITION = {"x": 0.0, "y": 0.0, "theta": 0.1, "mapId": "hall", "positionInitialized": True}
MESSAGES = {
    "state": HEADER
    | {
        "orderId": "o1",
        "orderUpdateId": 0,
        "lastNodeId": "n1",
        "lastNodeSequenceId": 2,
        "driving": True,
        "paused": False,
        "newBaseRequest": False,
        "operatingMode": "AUTOMATIC",
        "nodeStates": [{"nodeId": "n2", "sequenceId": 4, "released": True}],
        "edgeStates": [{"edgeId": "e1", "sequenceId": 3, "released": True}],
        "actionStates": [
            {"actionId": "a-pick", "actionStatus": "RUNNING", "actionType": "pick"},
            {"actionId": "x", "actionStatus": "WAITING", "resultDescription": "no"},
        ],
        "agvPosition": POSITION,
        "velocity": {"vx": 0.1},
        "loads": [{"loadId": "l", "weight": 3}],
        "batteryState": {"batteryCharge": 50.0, "charging": False},
        "errors": [
            {
                "errorType": "orderError",
                "errorLevel": "WARNING",
                "errorDescription": "busy",
                "errorReferences": [{"referenceKey": "orderId", "referenceValue": "o1"}],
            }
        ],
        "safetyState": {"eStop": "NONE", "fieldViolation": False},
    },
    "connection": HEADER | {"connectionState": "ONLINE"},
    "visualization": HEADER | {"agvPosition": POSITION, "velocity": {"vx": 1}},
    "factsheet": HEADER
    | {
        "typeSpecification": {"seriesName": "s", "agvClass": "CARRIER"},
        "physicalParameters": {"speedMax": 1.0, "length": 1.0, "width": 0.5},
        "vehicleConfig": {"versions": [{"key": "software", "value": "1"}]},
    },
    "frame": HEADER
    | {"frameId": "f", "actionId": "a", "nodeId": "n", "encoding": "image/jpeg", "data": "aGFs"},
}
ODD_VALUES = (
    None, True, 0, -1, 1, 2**31, 2**32, 2**63, 2**64, 10**40, -(10**40), 0.5, -0.0, 1e15, 1e300,
    1e308, -1e308, 5e-324, "", "0", "NaN", "inf", "\u0000", "\u202e\n", "x" * 20_000, "ONLINE",
    "NONE", "FATAL", "9999-12-31T23:59:59.999+23:59", "0001-01-01T00:00:00-23:59", [], {}, [None],
    [[]], [{}], {"": None}, {"x": {"y": []}}, [1, "a", None],
)  # fmt: skip


def spoiled(chance, kind, times):
    """A message of the kind as bytes; `chance` is a `random.Random`."""
    message = copy.deepcopy(MESSAGES[kind])
    for _ in range(times):
        holder, key = chance.choice(list(_places(message)))
        if chance.random() < 0.1:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(ODD_VALUES))
        if not message:
            break
    return json.dumps(message).encode()


def _places(value):
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
