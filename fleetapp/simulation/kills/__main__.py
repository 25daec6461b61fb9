"""`python -m fleetapp.simulation.kills`: kill the real engine right after its answers.

Exit status: 0 everything that was answered is so, 1 something is not, no engine came back
or nothing was ever answered, 2 wrong usage or a hall that does not open.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from fleetapp.client.connection import ClientError
from fleetapp.simulation.kills.hall import Hall, HallError, strangers
from fleetapp.simulation.kills.rounds import Break, Count, Kill, Rounds, kinds_of

SHARE_WITH_CAMERA = 0.1  # of the kills: a look takes long
SMALL = Path(__file__).resolve().parents[3] / "maps" / "small"


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(
        prog="endure --kills", description="kill the engine after each kind of answer"
    )
    options.add_argument("--kills", type=int, default=34, metavar="N", help="how often")
    options.add_argument("--first", type=int, default=1, metavar="S", help="seed")
    options.add_argument("--site", type=Path, default=SMALL if SMALL.is_dir() else None)
    options.add_argument("--robots", type=int, default=4, help="in each of the two halls")
    options.add_argument("--plain", default="plain", help="robot type without a camera")
    options.add_argument("--camera", default="carrier", help="robot type with a camera")
    options.add_argument("--minutes", type=float, default=120.0, help="begin no round after that")
    options.add_argument("--data", type=Path, default=None, help="keep the halls in this folder")
    options.add_argument("--json", action="store_true", help="figures on stdout, nothing else")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Kill, count, say."""
    options = parser().parse_args(arguments)
    if options.kills < 1 or options.robots < 1:
        print("endure --kills: give 1 or more kills and robots", file=sys.stderr)
        return 2
    began = time.monotonic()
    count = Count()
    with tempfile.TemporaryDirectory(prefix="fleetapp-kills-") as scratch:
        try:
            _both_halls(options, options.data or Path(scratch), count)
        except HallError as error:
            print(f"endure --kills: {error}", file=sys.stderr)
            return 2
    figures = _figures(count, time.monotonic() - began)
    print(json.dumps(figures) if options.json else _in_words(figures))
    return 1 if count.breaks or not figures["kills"] else 0


def _both_halls(options: argparse.Namespace, data: Path, count: Count) -> None:
    until = time.monotonic() + 60 * options.minutes
    with_camera = round(options.kills * SHARE_WITH_CAMERA) if options.camera else 0
    for name, robot_type, kills in (
        ("plain", options.plain, options.kills - with_camera),
        ("camera", options.camera, with_camera),
    ):
        if kills > 0:
            hall = Hall(data / name, options.site, robots=options.robots, robot_type=robot_type)
            plan = _plan(kills, options.first, camera=name == "camera")
            _in_hall(hall, plan, options, count, until)


def _plan(kills: int, seed: int, *, camera: bool) -> list[Kill]:
    """Every kind as often as any other, in an order drawn by the seed."""
    kinds = list(kinds_of(camera))
    if camera:
        # What needs no camera is killed in the other hall.
        kinds = [kill for kill in kinds if kill.kind in ("review", "task", "cancel")]
    random.Random(seed).shuffle(kinds)
    return [kinds[n % len(kinds)] for n in range(kills)]


def _in_hall(
    hall: Hall, plan: list[Kill], options: argparse.Namespace, count: Count, until: float
) -> None:
    try:
        hall.open()
        rounds = Rounds(hall, options.first, count)
        try:
            _all_rounds(rounds, plan, count, until)
        except (HallError, ClientError) as error:  # an engine that does not come back is lost
            rounds.breaks_off(error)
        else:
            rounds.end()
    finally:
        hall.close()
    for pid in strangers(hall.data):
        count.breaks.append(Break(0, "end", "healthy", f"process {pid} was left behind"))


def _all_rounds(rounds: Rounds, plan: list[Kill], count: Count, until: float) -> None:
    for number, kill in enumerate(plan, start=1):
        if time.monotonic() > until:
            return
        rounds.one(number, kill)
        _tell(f"{number:4} {kill.kind}/{kill.journal}, {len(count.breaks)} breaks so far")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _figures(count: Count, seconds: float) -> dict[str, object]:
    kills = sum(count.kills.values())
    return {
        "kills": kills,
        "by_kind": dict(sorted(count.kills.items())),
        "commands": count.commands,
        "not_recorded": count.not_recorded,
        "refused": dict(count.refused),
        "slowest_restrictive_answer_ms": count.slowest_answer_ms,
        "picks": count.picks,
        "seconds": round(seconds, 1),
        "seconds_per_kill": round(seconds / max(1, kills), 2),
        "breaks": [asdict(broken) for broken in count.breaks],
    }


def _in_words(figures: dict[str, object]) -> str:
    lines = [f"{name}: {value}" for name, value in figures.items() if name != "breaks"]
    breaks = figures["breaks"]
    lines += [f"BREAK {broken}" for broken in breaks] if isinstance(breaks, list) else []
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
