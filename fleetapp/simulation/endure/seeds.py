"""Playing seeds, in one process or several; the order of the outcomes is that of the seeds."""

import logging
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from fleetapp.simulation.endure.report import Outcome
from fleetapp.simulation.endure.script import Script, draw, encode
from fleetapp.simulation.endure.shift import Shift


@dataclass(frozen=True, slots=True)
class Wishes:
    """What kind of seeds."""

    large: bool = False
    fault_free: bool = False
    records: bool = False
    site_dir: str = ""


def script_of(seed: int, wishes: Wishes) -> Script:
    """The script of a seed as wished."""
    return draw(seed, large=wishes.large, fault_free=wishes.fault_free, site_dir=wishes.site_dir)


def play(script: Script, *, records: bool = False) -> Outcome:
    """Play a script."""
    began = time.process_time()
    result = Shift(script, records=records).play()
    return Outcome(
        script.seed,
        result.virtual_ms,
        time.process_time() - began,
        result.steps,
        result.rows,
        result.counts,
        result.breaks,
        encode(script) if result.breaks else b"",
        tuple(result.wire),
    )


def _play_seed(wishes: Wishes, seed: int) -> Outcome:
    return play(script_of(seed, wishes), records=wishes.records)


def play_all(seeds: Iterable[int], wishes: Wishes, jobs: int) -> Iterator[Outcome]:
    """Outcomes in the order of the seeds; stop asking to stop playing."""
    one = partial(_play_seed, wishes)
    if jobs == 1:
        yield from map(one, seeds)
        return
    # Not forked: what a parent has loaded must not change a seed.
    with multiprocessing.get_context("spawn").Pool(jobs, logging.disable) as pool:
        yield from pool.imap(one, seeds)
