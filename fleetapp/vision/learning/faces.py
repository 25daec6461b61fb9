"""Faces of cartons to draw: labels, tape, print and stains as ink, or cut from photographs.

Ink has a colour and says how much of the carton's own colour it covers, so that one
face serves brown, white and grey cartons.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIDE_PX = 128
LEAST_CUT_PX = 64
Pixels = NDArray[np.uint8]


def drawn_face(random: np.random.Generator) -> Pixels:
    """One face by chance, red, green, blue and cover, shape (128, 128, 4)."""
    face = _stained(random)
    canvas = ImageDraw.Draw(face, "RGBA")
    if random.random() < 0.5:
        _tape(canvas, random)
    if random.random() < 0.3:
        at = int(random.uniform(0.3, 0.7) * SIDE_PX)
        ends = ((0, at), (SIDE_PX, at)) if random.random() < 0.5 else ((at, 0), (at, SIDE_PX))
        canvas.line(ends, fill=(30, 20, 10, int(random.integers(60, 200))), width=2)
    if random.random() < 0.45:
        _print(canvas, random)
    for _ in range(int(random.choice(3, p=(0.45, 0.4, 0.15)))):
        _label(canvas, random)
    return np.asarray(face)


def _stained(random: np.random.Generator) -> Image.Image:
    """Unevenness: soft dark and light places, at times the ribs of the board."""
    few = random.normal(0, 1, (int(random.integers(2, 9)),) * 2)
    soft = np.asarray(Image.fromarray(few.astype(np.float32)).resize((SIDE_PX,) * 2))
    uneven = soft * random.uniform(4, 30) + random.normal(0, random.uniform(1, 9), soft.shape)
    if random.random() < 0.25:
        ribs = np.sin(np.arange(SIDE_PX) * random.uniform(0.5, 2.5)) * random.uniform(3, 14)
        uneven = uneven + (ribs if random.random() < 0.5 else ribs[:, None])
    face = np.zeros((SIDE_PX, SIDE_PX, 4), np.uint8)
    face[..., :3] = np.where(uneven > 0, 255, 0)[..., None]
    face[..., 3] = np.abs(uneven).clip(0, 110)
    return Image.fromarray(face, "RGBA")


def _tape(canvas: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    grey = int(random.integers(120, 250))
    colour = (grey, int(grey * 0.92), int(grey * random.uniform(0.6, 0.95)))
    at, wide = int(random.uniform(0.25, 0.75) * SIDE_PX), int(random.integers(4, 16))
    cover = int(random.integers(50, 200))
    place = (at - wide, 0, at + wide, SIDE_PX)
    if random.random() < 0.5:
        place = (0, at - wide, SIDE_PX, at + wide)
    canvas.rectangle(place, fill=(*colour, cover))


def _print(canvas: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    """Words as rows of strokes, frames and signs."""
    dark = int(random.integers(0, 90))
    colour = (dark, dark, dark, int(random.integers(120, 240)))
    if random.random() < 0.2:
        red, green, blue = (int(v) for v in random.integers(0, 256, 3))
        colour = (red, green, blue, 220)
    for _ in range(int(random.integers(1, 4))):
        x, y = (int(v) for v in random.integers(4, SIDE_PX - 30, 2))
        tall = int(random.integers(4, 26))
        if random.random() < 0.3:
            canvas.rectangle((x, y, x + tall * 2, y + tall), outline=colour, width=2)
            continue
        for _ in range(int(random.integers(3, 12))):
            wide = int(random.integers(2, max(3, tall)))
            canvas.rectangle((x, y, x + max(1, wide // 2), y + tall), fill=colour)
            x += wide + 1


def _label(canvas: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    """A bright label with bars, modules or lines of words."""
    wide, tall = (int(v) for v in random.integers(18, 70, 2))
    x, y = (int(random.integers(2, SIDE_PX - side - 2)) for side in (wide, tall))
    paper = int(random.integers(205, 256))
    canvas.rectangle((x, y, x + wide, y + tall), fill=(paper, paper, paper, 255))
    ink = (int(random.integers(0, 60)),) * 3 + (255,)
    kind = random.random()
    if kind < 0.45:
        at = x + 3
        while at < x + wide - 4:
            bar = int(random.integers(1, 4))
            canvas.rectangle((at, y + 3, at + bar - 1, y + tall * 2 // 3), fill=ink)
            at += bar + int(random.integers(1, 4))
    elif kind < 0.75:
        side = min(wide, tall) - 6
        for row in range(0, side, 3):
            for column in range(0, side, 3):
                if random.random() < 0.5:
                    left, top = x + 3 + column, y + 3 + row
                    canvas.rectangle((left, top, left + 2, top + 2), fill=ink)
    for line in range(y + tall * 2 // 3 + 3, y + tall - 2, 4):
        canvas.line((x + 3, line, x + int(wide * random.uniform(0.4, 0.95)), line), fill=ink)


def cut_faces(pixels: Pixels, boxes: NDArray[np.float32]) -> list[Pixels]:
    """Large labelled packages that no other lies on, (128, 128, 3) each."""
    faces = []
    for number, (x1, y1, x2, y2) in enumerate(boxes):
        others = np.delete(boxes, number, 0)
        across = np.minimum(x2, others[:, 2]) - np.maximum(x1, others[:, 0])
        down = np.minimum(y2, others[:, 3]) - np.maximum(y1, others[:, 1])
        shared = (across.clip(min=0) * down.clip(min=0)).max(initial=0)
        if min(x2 - x1, y2 - y1) < LEAST_CUT_PX or shared > 0.04 * (x2 - x1) * (y2 - y1):
            continue
        box = (float(x1) + 2, float(y1) + 2, float(x2) - 2, float(y2) - 2)
        cut = Image.fromarray(pixels).resize((SIDE_PX,) * 2, Image.Resampling.BILINEAR, box=box)
        faces.append(np.asarray(cut.filter(ImageFilter.SMOOTH)))
    return faces
