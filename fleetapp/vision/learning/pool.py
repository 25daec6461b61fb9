"""A pack of training data read into a device's memory.

A pack is a folder: `index.json` says what each photograph shows and where in
`photos.bin` its JPEG lies; `backbone.npz` holds the published weights in half
precision. Faces for drawn cartons are partly cut from photographs and lie among them,
partly drawn anew each time.
"""

import io
import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from fleetapp.vision.learning.cartons import Atlas
from fleetapp.vision.learning.faces import SIDE_PX as FACE_PX
from fleetapp.vision.learning.faces import drawn_face
from fleetapp.vision.learning.scenes import MOST, Pool
from fleetapp.vision.learning.truth import Truth

INDEX, PHOTOS, BACKBONE = "index.json", "photos.bin", "backbone.npz"
DRAWN_FACES = 420
CUT_SHARE = 0.35  # of the faces on drawn cartons
SIDE_PX = 640
THREADS = 16


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything of a pack but the pixels."""

    folder: Path
    photos: list[dict[str, Any]]

    def pool(self, rows: list[dict[str, Any]], device: torch.device) -> Pool:
        """Some photographs in the device's memory."""
        pixels = torch.from_numpy(self.decoded(rows, SIDE_PX))
        whole = pixels.permute(0, 3, 1, 2).contiguous().to(device)
        small = torch.cat(
            [
                functional.avg_pool2d(whole[at : at + 64].float(), 2).round().byte()
                for at in range(0, len(whole), 64)
            ]
        )
        return Pool(
            pixels=whole,
            small=small,
            truth=truth_of(rows, device),
            chance=torch.tensor([row["chance"] for row in rows], device=device),
            background=torch.tensor([row["background"] for row in rows], device=device),
        )

    def atlas(self, without: frozenset[str], device: torch.device) -> Atlas:
        """Faces to draw, without those cut from some sources."""
        random = np.random.default_rng(0)
        drawn = np.stack([drawn_face(random) for _ in range(DRAWN_FACES)])
        rows = [
            row for row in self.photos if row["split"] == "face" and row["source"] not in without
        ]
        cut = np.full((len(rows), *drawn.shape[1:]), 255, np.uint8)
        if rows:
            cut[..., :3] = self.decoded(rows, FACE_PX)
        chance = [(1 - CUT_SHARE) / len(drawn)] * len(drawn) + [CUT_SHARE / max(1, len(cut))] * len(
            cut
        )
        faces = torch.from_numpy(np.concatenate((drawn, cut))).permute(0, 3, 1, 2)
        return Atlas(faces.contiguous().to(device), torch.tensor(chance, device=device))

    def decoded(self, rows: list[dict[str, Any]], side: int) -> NDArray[np.uint8]:
        """Photographs as squares, shape (n, side, side, 3)."""
        blob = np.memmap(self.folder / PHOTOS, dtype=np.uint8, mode="r")
        with ThreadPoolExecutor(THREADS) as threads:
            return np.stack(list(threads.map(lambda row: _decoded(blob, row, side), rows)))

    def published(self) -> dict[str, Tensor]:
        """The backbone's published weights."""
        with np.load(self.folder / BACKBONE) as weights:
            return {name: torch.from_numpy(weights[name]).float() for name in weights.files}


def read_pack(folder: Path) -> Pack:
    """A pack's index.

    Raises:
        FileNotFoundError: if a part is missing.
    """
    content = json.loads((folder / INDEX).read_text("utf-8"))
    return Pack(folder, content["photos"])


def _decoded(blob: NDArray[np.uint8], row: dict[str, Any], side: int) -> NDArray[np.uint8]:
    body = bytes(blob[row["at"] : row["at"] + row["size"]])
    with Image.open(io.BytesIO(body)) as opened:
        image = opened.convert("RGB")
        if image.size != (side, side):
            image = image.resize((side, side), Image.Resampling.BICUBIC)
        return np.asarray(image)


def truth_of(rows: list[dict[str, Any]], device: torch.device) -> Truth:
    """What photographs show, as the index says."""
    n = len(rows)
    boxes = np.zeros((n, MOST, 4), np.float32)
    flags = np.zeros((3, n, MOST), bool)
    worth = np.zeros((n, MOST), np.float32)
    quads = np.zeros((n, MOST, 4, 2), np.float32)
    for number, row in enumerate(rows):
        known = row["boxes"][:MOST]
        doubts = row["unknown"][: MOST - len(known)]
        for place, box in enumerate([*known, *doubts]):
            boxes[number, place] = box
            flags[0 if place < len(known) else 1, number, place] = True
            worth[number, place] = row["worth"]
        if row.get("quad"):
            quads[number, 0] = np.array(row["quad"]).reshape(4, 2)
            flags[2, number, 0] = True
    there, unknown, has_quad = (torch.from_numpy(flag).to(device) for flag in flags)
    return Truth(
        boxes=torch.from_numpy(boxes).to(device),
        there=there,
        unknown=unknown,
        worth=torch.from_numpy(worth).to(device),
        quads=torch.from_numpy(quads).to(device),
        has_quad=has_quad,
    )


def balanced(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with chances by which a source counts as the root of its photographs."""
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["source"]] = sizes.get(row["source"], 0) + 1
    return [{**row, "chance": row["chance"] / math.sqrt(sizes[row["source"]])} for row in rows]
