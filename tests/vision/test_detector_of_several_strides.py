"""The detector of several strides: what it learns by, and that its bundle is read."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from fleetapp.vision import load_bundle
from fleetapp.vision.bundle import BundleError, DetectorKind
from fleetapp.vision.learning.cartons import Atlas, with_cartons
from fleetapp.vision.learning.faces import cut_faces, drawn_face
from fleetapp.vision.learning.losses import assign, cost
from fleetapp.vision.learning.norms import fold_norms, put_norms
from fleetapp.vision.learning.plain_tensors import write_half
from fleetapp.vision.learning.scenes import Scenes, inverse, moved
from fleetapp.vision.learning.scoring import average_precision, report
from fleetapp.vision.learning.spoiling import spoiled
from fleetapp.vision.learning.truth import Truth, in_order
from fleetapp.vision.network import BINS, Network, scores_of


def truth(*boxes: tuple[float, float, float, float], unknown: int = 0) -> Truth:
    """One picture; the last few boxes are places of which nothing is known."""
    known = torch.arange(len(boxes))[None] < len(boxes) - unknown
    corners = torch.tensor(boxes, dtype=torch.float32).reshape(1, -1, 4)
    quads = corners[..., [0, 1, 2, 1, 2, 3, 0, 3]].reshape(1, -1, 4, 2)
    return Truth(corners, known, ~known, torch.ones(1, len(boxes)), quads, torch.zeros_like(known))


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    return Network().eval()


def test_each_stride_has_its_grid_of_cells(network: Network):
    with torch.inference_mode():
        seen = network(torch.zeros(1, 3, 64, 96))

    assert [int((seen.strides == stride).sum()) for stride in (8, 16, 32)] == [96, 24, 6]
    assert seen.edges.shape == (1, 126, 4, BINS)
    assert seen.boxes().shape == (1, 126, 4)
    assert ((scores_of(seen) >= 0) & (scores_of(seen) <= 1)).all()


def test_folding_the_norms_away_leaves_the_answers():
    torch.manual_seed(1)
    network = Network()
    put_norms(network)
    image = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        network.train()(image)
        before = network.eval()(image)
        fold_norms(network)
        after = network(image)

    assert torch.allclose(before.presence, after.presence, atol=1e-4)
    assert torch.allclose(before.boxes(), after.boxes(), atol=1e-2)


def test_cells_on_a_package_answer_for_it_and_others_do_not(network: Network):
    with torch.no_grad():
        seen = network(torch.zeros(1, 3, 128, 128))
    shown = truth((16, 16, 80, 72))

    given = assign(torch.full_like(seen.presence, 0.5), seen.boxes(), seen, shown)

    x, y = seen.middles[given.answers[0]].T
    assert 1 <= len(x) <= 10
    assert ((x > 16) & (x < 80) & (y > 16) & (y < 72)).all()


def test_nothing_is_asked_of_a_place_that_is_unknown(network: Network):
    with torch.no_grad():
        seen = network(torch.zeros(1, 3, 64, 64))
    asked = {"background": torch.ones(1), "strange": torch.zeros(1), "strange_asked": torch.ones(1)}

    known = cost(seen, truth((0, 0, 0, 0), unknown=1), **asked)
    unknown = cost(seen, truth((0, 0, 64, 64), unknown=1), **asked)

    assert float(known["presence"]) > 0
    assert float(unknown["presence"]) == 0


def test_a_package_that_is_hardly_seen_becomes_unknown():
    window = torch.tensor([[0.0, 0.0, 100.0, 100.0]])
    shown = truth((10, 10, 50, 50), (90, 0, 200, 40), (300, 300, 400, 400))

    seen = shown.clipped(window, least_seen=0.35, least_px=6)

    assert seen.there.tolist() == [[True, False, False]]
    assert seen.unknown.tolist() == [[False, True, False]]


def test_a_homography_and_its_inverse_lead_back():
    forward = torch.tensor([[[1.2, 0.1, 30.0], [-0.2, 0.9, 5.0], [0.0005, 0.0002, 1.0]]])
    shown = truth((10, 20, 50, 60))

    there_and_back = moved(moved(shown, forward), inverse(forward))

    assert torch.allclose(there_and_back.quads, shown.quads, atol=1e-2)


def test_corners_come_clockwise_from_the_upper_left():
    mixed = torch.tensor([[50.0, 60.0], [10.0, 20.0], [10.0, 60.0], [50.0, 20.0]])

    assert in_order(mixed).tolist() == [[10, 20], [50, 20], [50, 60], [10, 60]]


def test_drawn_cartons_are_where_their_boxes_say():
    torch.manual_seed(3)
    random = np.random.default_rng(0)
    faces = torch.from_numpy(np.stack([drawn_face(random) for _ in range(4)])).permute(0, 3, 1, 2)
    plain = torch.full((6, 3, 96, 96), 128.0)
    nothing = Truth(
        torch.zeros(6, 1, 4),
        torch.zeros(6, 1, dtype=torch.bool),
        torch.zeros(6, 1, dtype=torch.bool),
        torch.zeros(6, 1),
        torch.zeros(6, 1, 4, 2),
        torch.zeros(6, 1, dtype=torch.bool),
    )

    drawn = with_cartons(Scenes(plain, nothing, torch.ones(6)), Atlas(faces, torch.ones(4)))

    boxes = drawn.truth.boxes[drawn.truth.there]
    assert len(boxes) > 3
    assert (boxes >= 0).all()
    assert (boxes <= 96).all()
    assert (boxes[:, 2:] - boxes[:, :2] >= 7).all()
    assert spoiled(drawn.pixels).isfinite().all()


def test_faces_are_cut_from_packages_that_nothing_hides():
    pixels = np.full((200, 200, 3), 90, np.uint8)
    boxes = np.array([[0, 0, 90, 90], [100, 100, 190, 190], [150, 150, 199, 199]], np.float32)

    faces = cut_faces(pixels, boxes)

    assert [face.shape for face in faces] == [(128, 128, 3)]


def test_precision_is_one_for_right_answers_and_falls_with_wrong_ones():
    scores = np.array([0.9, 0.8, 0.7], np.float32)

    assert average_precision(scores, np.array([True, True, False]), 2) == 1.0
    assert average_precision(scores[:0], np.zeros(0, bool), 2) == 0.0
    assert average_precision(scores, np.array([False, True, True]), 2) < 0.7


def test_answers_on_unknown_places_do_not_count():
    row = {
        "source": "one",
        "boxes": [[0, 0, 40, 10]],
        "unknown": [[50, 50, 90, 90]],
        "background": 1.0,
    }
    boxes = np.array([[52, 52, 88, 88], [0, 0, 40, 10]], np.float32)

    figures = report([(boxes, np.array([0.9, 0.8], np.float32))], [row])

    assert figures["one"]["AP50"] == 1.0
    assert (figures["all"]["long"], figures["all"]["long_recall"]) == (1, 1.0)


def test_weights_written_without_the_package_are_read_by_it(tmp_path: Path):
    tensors = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([0.5])}

    write_half(tensors, tmp_path / "w.safetensors")

    read = load_file(tmp_path / "w.safetensors")
    assert all(torch.equal(read[name].float(), value) for name, value in tensors.items())


def test_weights_of_the_other_kind_are_refused(bundle_folder: Path, tmp_path: Path):
    from fleetapp.vision.bundle import WEIGHTS, read_card, write_manifest

    for path in bundle_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    tensors = load_file(tmp_path / WEIGHTS)
    tensors.popitem()
    save_file(tensors, tmp_path / WEIGHTS)
    write_manifest(tmp_path)

    assert read_card(tmp_path).detector in DetectorKind
    with pytest.raises(BundleError, match="does not fit"):
        load_bundle(tmp_path)
