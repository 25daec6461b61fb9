"""The training step: a pack in, weights, a log and figures out.

Runs on an accelerator or a CPU. Bounded by seconds or by steps; a checkpoint a
minute, and the averaged weights with it; started again it goes on from there.
"""

import argparse
import copy
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import torch
from torch import Tensor, nn

from fleetapp.vision.learning.batches import pictures, strange
from fleetapp.vision.learning.cartons import Atlas
from fleetapp.vision.learning.losses import cost, weighed
from fleetapp.vision.learning.norms import begin_from_imagenet, fold_norms, put_norms
from fleetapp.vision.learning.plain_tensors import write_half
from fleetapp.vision.learning.pool import Pack, balanced, read_pack
from fleetapp.vision.learning.scenes import Pool
from fleetapp.vision.learning.scoring import answers, report
from fleetapp.vision.network import Network

CALM_FROM = 0.88  # the last part of a training has no mosaics
EMA = 0.9992
CLIP = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training is made of."""

    data: Path
    out: Path
    state: Path
    name: str
    leave_out: frozenset[str]
    seconds: float
    steps: int | None
    batch: int
    side: int
    rate: float
    seed: int
    most_photos: int | None
    tries: int  # ways to convolve that are timed before one is chosen; 0: none
    channels_first: bool

    def layout(self) -> torch.memory_format:
        """How pictures lie in memory."""
        return torch.contiguous_format if self.channels_first else torch.channels_last


@dataclass(slots=True)
class Progress:
    """Where a training stands."""

    step: int = 0
    spent_s: float = 0.0

    def share(self, plan: Plan) -> float:
        """How much is done, 1 at the end."""
        if plan.steps is not None:
            return self.step / plan.steps
        return self.spent_s / plan.seconds


@dataclass(slots=True)
class Training:
    """Everything that a training changes."""

    network: Network
    average: Network
    optimiser: torch.optim.AdamW
    progress: Progress


def run(plan: Plan) -> dict[str, Any]:
    """Train, write weights and figures; the figures."""
    plan.out.mkdir(parents=True, exist_ok=True)
    plan.state.parent.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(plan.seed)
    torch.backends.cudnn.benchmark = plan.tries > 0
    torch.backends.cudnn.benchmark_limit = max(1, plan.tries)
    pack = read_pack(plan.data)
    with (plan.out / f"{plan.name}.log").open("a", encoding="utf-8") as log:
        say(log, name=plan.name, device=str(device), torch=torch.__version__)
        training = _begin(plan, pack, device)
        _train(plan, pack, training, log, device)
        _write(plan, training.average)
        figures = _figures(plan, pack, training.average, device)
        for name, values in figures.items():
            say(log, figures=name, **values)
    return figures


def say(log: TextIO, **values: object) -> None:
    """One line of the log."""
    line = json.dumps(values)
    log.write(line + "\n")
    log.flush()
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _begin(plan: Plan, pack: Pack, device: torch.device) -> Training:
    network = Network()
    begin_from_imagenet(network.backbone, pack.published())
    put_norms(network)
    network = network.to(device, memory_format=plan.layout())  # type: ignore[call-overload]
    average = copy.deepcopy(network).eval()
    average.requires_grad_(requires_grad=False)
    training = Training(network, average, _optimiser(network, plan.rate), Progress())
    if plan.state.exists():
        step, spent_s = _restore(plan, training, device)
        training.progress = Progress(step, spent_s)
    return training


def _restore(plan: Plan, training: Training, device: torch.device) -> tuple[int, float]:
    """Weights as they were saved last; the step and seconds of then.

    Raises:
        ValueError: if they belong to another seed.
    """
    saved = torch.load(plan.state, map_location=device, weights_only=True)
    if saved["seed"] != plan.seed:
        raise ValueError(f"{plan.state} belongs to seed {saved['seed']}: remove it")
    training.network.load_state_dict(saved["network"])
    training.average.load_state_dict(saved["average"])
    training.optimiser.load_state_dict(saved["optimiser"])
    return saved["step"], saved["spent_s"]


def _sound(network: Network) -> bool:
    """Whether all weights are finite."""
    sums = torch.stack([p.detach().sum() for p in network.state_dict().values() if p.dim()])
    return bool(torch.isfinite(sums).all())


def _optimiser(network: Network, rate: float) -> torch.optim.AdamW:
    """Published weights change more slowly; norms and biases do not decay."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        key = (name.startswith("backbone"), parameter.dim() > 1)
        groups.setdefault(key, []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": rate,
                "factor": 0.5 if old else 1.0,
                "weight_decay": 0.05 if decays else 0.0,
            }
            for (old, decays), parameters in groups.items()
        ],
        fused=torch.cuda.is_available(),
    )


def _train(plan: Plan, pack: Pack, training: Training, log: TextIO, device: torch.device) -> None:
    photos, empty = _pools(plan, pack, device)
    atlas = pack.atlas(plan.leave_out, device)
    progress, began = training.progress, time.monotonic()
    before, saved, told = progress.spent_s, time.monotonic(), time.monotonic()
    _save(plan, training)
    say(log, photographs=len(photos.pixels), empty=len(empty.pixels), faces=len(atlas.faces))
    while progress.share(plan) < 1:
        torch.manual_seed(plan.seed * 1_000_003 + progress.step)
        parts = _step(plan, training, photos, empty, atlas)
        progress.step += 1
        progress.spent_s = before + time.monotonic() - began
        if progress.step <= 3 or time.monotonic() - told > 5:
            told = time.monotonic()
            values = {name: round(float(value), 4) for name, value in parts.items()}
            say(log, step=progress.step, s=round(progress.spent_s, 1), **values)
            if not _sound(training.network):
                _restore(plan, training, device)
                say(log, step=progress.step, restored="weights were not finite")
        if time.monotonic() - saved > 60 and _sound(training.network):
            saved = time.monotonic()
            _save(plan, training)
            _write(plan, training.average)
    if _sound(training.network):
        _save(plan, training)


def _pools(plan: Plan, pack: Pack, device: torch.device) -> tuple[Pool, Pool]:
    rows = [
        row
        for row in pack.photos
        if row["split"] == "train" and row["source"] not in plan.leave_out
    ]
    # Places cut from a photograph that is left out are left out with it.
    empty = [
        row
        for row in pack.photos
        if row["split"] == "empty" and row["source"] not in plan.leave_out
    ]
    if plan.most_photos is not None:
        rows, empty = rows[:: len(rows) // plan.most_photos + 1], empty[: plan.most_photos]
    return pack.pool(balanced(rows), device), pack.pool(balanced(empty), device)


def _step(
    plan: Plan, training: Training, photos: Pool, empty: Pool, atlas: Atlas
) -> dict[str, Tensor]:
    share = training.progress.share(plan)
    warm = min(1.0, (training.progress.step + 1) / 300 if plan.steps is None else 1.0)
    for group in training.optimiser.param_groups:
        cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
        group["lr"] = plan.rate * group["factor"] * warm * cosine
    network = training.network.train()
    with torch.no_grad():
        scenes = pictures(
            photos,
            empty,
            atlas,
            batch=plan.batch,
            side=plan.side,
            mosaics=share < CALM_FROM,
        )
        how_strange, asked = strange(scenes)
        image = ((scenes.pixels - 127.0) / 128.0).contiguous(memory_format=plan.layout())
    device_type = image.device.type
    with torch.autocast(device_type, torch.bfloat16, enabled=device_type == "cuda"):
        seen = network(image)
    parts = cost(
        seen,
        scenes.truth,
        background=scenes.background,
        strange=how_strange,
        strange_asked=asked,
    )
    loss = weighed(parts)
    training.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    training.optimiser.step()
    _follow(training)
    return {"loss": loss.detach(), **{name: part.detach() for name, part in parts.items()}}


def _follow(training: Training) -> None:
    """The average comes after the network: weights and norms' statistics."""
    step = training.progress.step
    keep = min(EMA, (1 + step) / (10 + step))
    with torch.no_grad():
        old, new = training.average.state_dict(), training.network.state_dict()
        floats = [name for name, value in new.items() if value.is_floating_point()]
        torch._foreach_lerp_([old[n] for n in floats], [new[n] for n in floats], 1 - keep)


def _save(plan: Plan, training: Training) -> None:
    state = {
        "network": training.network.state_dict(),
        "average": training.average.state_dict(),
        "optimiser": training.optimiser.state_dict(),
        "step": training.progress.step,
        "spent_s": training.progress.spent_s,
        "seed": plan.seed,
    }
    beside = plan.state.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(plan.state)


def _write(plan: Plan, average: Network) -> None:
    write_half(plain(average).state_dict(), plan.out / f"{plan.name}.safetensors")


def plain(network: Network) -> Network:
    """The same network with its norms folded away."""
    folded = copy.deepcopy(network).cpu().eval()
    fold_norms(folded)
    return folded


def _figures(
    plan: Plan, pack: Pack, average: Network, device: torch.device
) -> dict[str, dict[str, Any]]:
    """Figures on val and on the sources that were left out, at the training's size."""
    groups = {
        "val": [row for row in pack.photos if row["split"] == "val"],
        "left_out": [
            row
            for row in pack.photos
            if row["split"] == "train" and row["source"] in plan.leave_out
        ],
    }
    network = plain(average).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    figures: dict[str, dict[str, Any]] = {}
    for name, rows in groups.items():
        chosen = rows if plan.most_photos is None else rows[: plan.most_photos]
        if chosen:
            found = answers(network, pack.pool(chosen, device), plan.side)
            figures[name] = report(found, chosen)
    return figures


def parsed(arguments: list[str]) -> Plan:
    """The command line as a plan."""
    parser = argparse.ArgumentParser(description="train the package detector from a pack")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True, help="checkpoint to go on from")
    parser.add_argument("--name", default="detector")
    parser.add_argument("--leave-out", default="", help="sources, with commas between")
    parser.add_argument("--seconds", type=float, default=480.0)
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--side", type=int, default=416)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-photos", type=int, default=None, help="for a rehearsal")
    parser.add_argument("--tries", type=int, default=0)
    parser.add_argument("--channels-first", action="store_true")
    given = parser.parse_args(arguments)
    return Plan(
        data=given.data,
        out=given.out,
        state=given.state,
        name=given.name,
        leave_out=frozenset(part for part in given.leave_out.split(",") if part),
        seconds=given.seconds,
        steps=given.steps,
        batch=given.batch,
        side=given.side,
        rate=given.rate,
        seed=given.seed,
        most_photos=given.most_photos,
        tries=given.tries,
        channels_first=given.channels_first,
    )


if __name__ == "__main__":
    run(parsed(sys.argv[1:]))
