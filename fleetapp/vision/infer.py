"""The recogniser: one frame in, packages with codes and calibrated confidence out.

A pure function of frame and bundle. One thread, channels_last (2.3 times faster
here than the default layout).
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load

from fleetapp.terms.reasons import Abstain
from fleetapp.vision.bundle import (
    WEIGHTS,
    Bundle,
    BundleError,
    Card,
    DetectorKind,
    read_bundle,
    size_share,
)
from fleetapp.vision.codes import MOST_CROPS, read_codes
from fleetapp.vision.detector import Detector, decoded, normalised
from fleetapp.vision.frame_quality import frame_doubt, frame_quality
from fleetapp.vision.images import pixels_of
from fleetapp.vision.network import Network, scores_of
from fleetapp.vision.recognition import Package, Recognition
from fleetapp.vision.strangeness import Known, averaged, ood_score, strange_distance

MOST_PEAKS = 300
LEAST_RAW_SCORE = {DetectorKind.HEAT_MAP: 0.005, DetectorKind.GRIDS: 0.02}
SAME_BOX = {DetectorKind.HEAT_MAP: 0.55, DetectorKind.GRIDS: 0.6}
MIDDLE = 1  # of the three feature maps: the one of stride 16
GREY = 114  # fills the rest of the square input
KNOWN_MEAN, KNOWN_WHITENING = "known.mean", "known.whitening"

Pixels = NDArray[np.uint8]


class Recogniser:
    """A loaded bundle."""

    def __init__(self, bundle: Bundle, folder: Path) -> None:
        """Load the checked bytes of a bundle; the folder is for messages only.

        Raises:
            BundleError: if the weights are not those of this architecture.
        """
        torch.set_num_threads(1)
        self.card: Card = bundle.card
        grids = bundle.card.detector is DetectorKind.GRIDS
        self._detector: Detector | Network = Network() if grids else Detector()
        try:
            weights = {name: value.float() for name, value in load(bundle.weights).items()}
            self._known = Known(
                weights.pop(KNOWN_MEAN).numpy(), weights.pop(KNOWN_WHITENING).numpy()
            )
            self._detector.load_state_dict(weights)
        except (SafetensorError, KeyError, RuntimeError) as error:
            raise BundleError(
                f"{folder / WEIGHTS} does not fit this program's detector: "
                f"use a bundle made by its `fleetapp train` ({str(error).splitlines()[0]})"
            ) from error
        self._detector.eval()
        self._detector.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def recognise(
        self, image: bytes | Pixels, *, least_confidence: float | None = None
    ) -> Recognition:
        """Look at a frame.

        Args:
            image: a JPEG or PNG, or RGB pixels of shape (h, w, 3).
            least_confidence: leave out packages below; the bundle's limit if None.

        Raises:
            ImageError: if the bytes are no usable image.
        """
        pixels = pixels_of(image) if isinstance(image, bytes) else image
        return self.answer_to(pixels, *self.look(pixels), least_confidence=least_confidence)

    def answer_to(
        self,
        pixels: Pixels,
        found: list[Package],
        distance: float,
        *,
        least_confidence: float | None = None,
    ) -> Recognition:
        """Codes, doubts and the frame's own measures, for what `look` found."""
        card = self.card
        least = card.report_confidence if least_confidence is None else least_confidence
        light, sharpness = frame_quality(pixels)
        with_codes = tuple(self._with_codes(found, pixels))
        reported = tuple(p for p in with_codes if p.confidence >= card.report_confidence)
        return Recognition(
            width=pixels.shape[1],
            height=pixels.shape[0],
            bundle=f"{card.name} {card.version}",
            bundle_digest=card.digest,
            abstain=frame_doubt(card, light=light, sharpness=sharpness, packages=reported),
            ood_score=ood_score(distance, card.strange_distance),
            light=light,
            sharpness=sharpness,
            packages=tuple(p for p in with_codes if p.confidence >= least),
        )

    def _with_codes(self, found: list[Package], pixels: Pixels) -> Iterable[Package]:
        """Read codes on a few packages; of nested boxes each reads its own.

        Those over the middle come first: one of them is what the robot looks at.
        """
        middle = pixels.shape[1] / 2, pixels.shape[0] / 2
        reported = [p for p in found if p.confidence >= self.card.report_confidence]
        ranked = sorted(reported, key=lambda package: not _covers(package, *middle))
        worth_it = {id(package) for package in ranked[:MOST_CROPS]}
        for package in found:
            codes = read_codes(pixels, package.bbox) if id(package) in worth_it else ()
            sure = package.confidence >= self.card.sure_confidence
            yield replace(package, codes=codes, abstain=None if sure else Abstain.LOW_CONFIDENCE)

    def look(self, pixels: Pixels) -> tuple[list[Package], float]:
        """All candidates, best first, without codes; the distance from what is known."""
        tensor, scale, size = self._letterboxed(pixels)
        with torch.inference_mode():
            taps = self._detector.backbone(tensor)
            boxes, scores = self._answers(taps)
        packages = self._packages(
            np.asarray(boxes.numpy() / scale, dtype=np.float32), scores.numpy(), pixels
        )
        return packages, strange_distance(averaged(taps[MIDDLE][0].numpy(), size), self._known)

    def _answers(self, taps: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Boxes of shape (k, 4) in input px and their raw scores, doubles among them."""
        least = LEAST_RAW_SCORE[self.card.detector]
        if isinstance(self._detector, Detector):
            logits, distances = self._detector.heads(taps)
            return decoded(logits[0], distances[0], least_score=least, most=MOST_PEAKS)
        seen = self._detector.answer(taps)
        scores = scores_of(seen)[0]
        values, cells = scores.topk(min(MOST_PEAKS, len(scores)))
        cells = cells[values > least]
        return seen.boxes()[0, cells], scores[cells]

    def features(self, pixels: Pixels) -> NDArray[np.float32]:
        """The averaged features, shape (c,), that say how strange a frame is."""
        tensor, _, size = self._letterboxed(pixels)
        with torch.inference_mode():
            taps = self._detector.backbone(tensor)
        return averaged(taps[MIDDLE][0].numpy(), size)

    def _letterboxed(self, pixels: Pixels) -> tuple[torch.Tensor, float, tuple[int, int]]:
        """The frame in the upper left of a square input; its scale and size there."""
        side = self.card.input_px
        height, width = pixels.shape[:2]
        scale = side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
        canvas = np.full((side, side, 3), GREY, dtype=np.uint8)
        canvas[: size[1], : size[0]] = small
        tensor = normalised(torch.from_numpy(canvas).permute(2, 0, 1)[None].float())
        return tensor.contiguous(memory_format=torch.channels_last), scale, size

    def _packages(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], pixels: Pixels
    ) -> list[Package]:
        height, width = pixels.shape[:2]
        packages = []
        for n in without_doubles(boxes, scores, SAME_BOX[self.card.detector]):
            bbox = _clipped(boxes[n], width, height)
            share = size_share(bbox, width, height)
            confidence = self.card.calibration.confidence(float(scores[n]), share)
            packages.append(Package(bbox, self.card.label, round(confidence, 4)))
        # Small and large boxes are calibrated apart, which may change their order.
        return sorted(packages, key=lambda package: -package.confidence)


def _covers(package: Package, x: float, y: float) -> bool:
    left, top, width, height = package.bbox
    return left <= x <= left + width and top <= y <= top + height


def _clipped(
    box: NDArray[np.float32], width: int, height: int
) -> tuple[float, float, float, float]:
    x1, x2 = (float(np.clip(v, 0, width)) for v in (box[0], box[2]))
    y1, y2 = (float(np.clip(v, 0, height)) for v in (box[1], box[3]))
    return round(x1, 1), round(y1, 1), round(x2 - x1, 1), round(y2 - y1, 1)


def without_doubles(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    same_box: float = SAME_BOX[DetectorKind.HEAT_MAP],
) -> list[int]:
    """Numbers of the boxes to keep: of those that overlap the best, in order of score."""
    left = list(np.argsort(-scores, kind="stable"))
    kept: list[int] = []
    while left:
        best = int(left.pop(0))
        kept.append(best)
        if left:
            overlaps = _iou(boxes[best], boxes[left])
            left = [n for n, overlap in zip(left, overlaps, strict=True) if overlap < same_box]
    return kept


def _iou(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = (high - low).clip(min=0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + areas - shared
    result: NDArray[np.float32] = shared / np.maximum(union, 1e-6)
    return result


def load_recogniser(folder: Path) -> Recogniser:
    """Check and load the bundle in a folder.

    Raises:
        BundleError: if it must not be used.
    """
    return Recogniser(read_bundle(folder), folder)
