"""Packages that a teacher finds on training photographs, as hints for `fleetapp train --pack`.

Not shipped. Needs an environment of its own with `tflite-runtime==2.14.0`, `numpy<2` and
`pillow`, and the model: npm package `@mediapipe/objectron` 0.4.1675468480 (Apache-2.0), file
`objectron_solution_packed_assets.data`. An SSD of Open Images; its class 11 is Box. Each
photograph is looked at whole and in four overlapping parts. Writes one JSON object a line, as
`fleetapp perceive --json` does.

    python teacher_hints.py MODEL.data PHOTOGRAPH... > hints.jsonl
"""

import json
import sys
from pathlib import Path

import numpy as np
import tflite_runtime.interpreter as tflite
from PIL import Image

MODEL_AT = 184  # the label map lies before it
SIDE_PX = 300
STRIDES = (16, 32, 64, 128, 256, 512)
LEAST_SCALE, MOST_SCALE = 0.2, 0.95
ASPECTS = (1.0, 2.0, 0.5, 3.0, 0.3333)
BOX = 11
LEAST_SCORE = 0.35
SAME = 0.5
PART = 0.6  # of the photograph's sides
CUT_PX = 3  # nearer to the inner edge of a part a box is cut


def priors() -> np.ndarray:
    """Middles and sizes x, y, w, h of the 1,917 places, shares of the picture."""
    places = []
    last = len(STRIDES) - 1
    scales = [LEAST_SCALE + (MOST_SCALE - LEAST_SCALE) * n / last for n in range(last + 1)]
    for number, (stride, scale) in enumerate(zip(STRIDES, scales, strict=True)):
        cells = -(-SIDE_PX // stride)
        following = 1.0 if number == last else scales[number + 1]
        shapes = [(aspect, scale) for aspect in ASPECTS] + [(1.0, (scale * following) ** 0.5)]
        if number == 0:
            shapes = [(1.0, 0.1), (2.0, scale), (0.5, scale)]
        places += [
            ((x + 0.5) / cells, (y + 0.5) / cells, size * aspect**0.5, size / aspect**0.5)
            for y in range(cells)
            for x in range(cells)
            for aspect, size in shapes
        ]
    return np.array(places)


class Teacher:
    """The loaded model."""

    def __init__(self, packed: bytes) -> None:
        """Load from the bytes of the packed assets."""
        self._model = tflite.Interpreter(model_content=packed[MODEL_AT:], num_threads=1)
        self._model.allocate_tensors()
        self._input = self._model.get_input_details()[0]["index"]
        self._outputs = [part["index"] for part in self._model.get_output_details()]
        self._priors = priors()

    def look(self, pixels: np.ndarray) -> list[dict[str, object]]:
        """Boxes of a photograph, best first."""
        tall, wide = pixels.shape[:2]
        part_tall, part_wide = int(tall * PART), int(wide * PART)
        windows = [(0, 0, wide, tall)]
        windows += [
            (x, y, part_wide, part_tall)
            for x in (0, wide - part_wide)
            for y in (0, tall - part_tall)
        ]
        found = np.concatenate([self._part(pixels, window) for window in windows])
        return [
            {
                "bbox": [round(float(v), 1) for v in (x1, y1, x2 - x1, y2 - y1)],
                "confidence": round(float(score), 3),
            }
            for x1, y1, x2, y2, score in found[apart(found)]
        ]

    def _part(self, pixels: np.ndarray, window: tuple[int, int, int, int]) -> np.ndarray:
        """Boxes x1, y1, x2, y2 and score in a part that its inner edges do not cut."""
        x, y, wide, tall = window
        cut = Image.fromarray(pixels[y : y + tall, x : x + wide]).resize(
            (SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR
        )
        self._model.set_tensor(self._input, np.asarray(cut, np.float32)[None] / 127.5 - 1)
        self._model.invoke()
        codes, logits = (self._model.get_tensor(index)[0] for index in self._outputs)
        scores = 1 / (1 + np.exp(-logits[:, BOX]))
        middle = codes[:, 1::-1] / 10 * self._priors[:, 2:] + self._priors[:, :2]
        half = np.exp(codes[:, 3:1:-1] / 5) * self._priors[:, 2:] / 2
        boxes = np.concatenate((middle - half, middle + half), 1).clip(0, 1)
        boxes *= (wide, tall, wide, tall)
        whole_tall, whole_wide = pixels.shape[:2]
        whole = ((boxes[:, 0] > CUT_PX) | (x == 0)) & ((boxes[:, 1] > CUT_PX) | (y == 0))
        whole &= (boxes[:, 2] < wide - CUT_PX) | (x + wide == whole_wide)
        whole &= (boxes[:, 3] < tall - CUT_PX) | (y + tall == whole_tall)
        keep = whole & (scores >= LEAST_SCORE)
        return np.concatenate((boxes[keep] + (x, y, x, y), scores[keep, None]), 1)


def apart(found: np.ndarray) -> list[int]:
    """Numbers of those that no better one overlaps with."""
    left, kept = list(np.argsort(-found[:, 4])), []
    while left:
        best = left.pop(0)
        kept.append(best)
        others = found[left]
        low = np.maximum(found[best, :2], others[:, :2])
        high = np.minimum(found[best, 2:4], others[:, 2:4])
        shared = (high - low).clip(min=0).prod(1)
        areas = (found[:, 2:4] - found[:, :2]).prod(1)
        iou = shared / (areas[best] + areas[left] - shared)
        left = [number for number, overlap in zip(left, iou, strict=True) if overlap < SAME]
    return kept


def main() -> None:
    """Look at each photograph."""
    model, *photographs = sys.argv[1:]
    teacher = Teacher(Path(model).read_bytes())
    for name in photographs:
        with Image.open(name) as opened:
            packages = teacher.look(np.asarray(opened.convert("RGB")))
        print(json.dumps({"image": name, "packages": packages}))


if __name__ == "__main__":
    main()
