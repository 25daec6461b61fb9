"""When a recognition is sure enough to pick."""

import pytest

from fleetapp.perception.gate import FRAME_DOUBTS, Box, GateResult, Thresholds, judge
from fleetapp.terms.modes import Verification
from fleetapp.terms.reasons import Abstain

THRESHOLDS = Thresholds(confidence_permille=900)
CODE = "LPN-0001"


def carton(
    *codes: str, at: tuple[int, int, int, int] = (400, 300, 480, 360), sure: int = 950
) -> Box:
    return Box(*at, sure, codes)


def verdict(
    *boxes: Box,
    frame_abstain: Abstain | None = None,
    label_code: str | None = CODE,
    sku: str | None = "SKU-7",
) -> GateResult:
    return judge(
        boxes=boxes,
        frame_abstain=frame_abstain,
        width_px=1280,
        height_px=960,
        sku=sku,
        label_code=label_code,
        thresholds=THRESHOLDS,
    )


def test_the_expected_code_on_a_sure_carton_is_verified():
    result = verdict(carton(CODE))

    assert (result.sure, result.abstain) == (True, None)
    assert result.verification is Verification.VERIFIED
    assert CODE in result.sentence


def test_a_task_with_only_a_sku_is_sure_but_its_identity_is_not_verified():
    result = verdict(carton(), label_code=None)

    assert result.sure
    assert result.verification is Verification.IDENTITY_NOT_VERIFIED
    assert "SKU-7" in result.sentence


def test_a_code_that_nobody_asked_for_does_not_disturb_a_task_with_only_a_sku():
    assert verdict(carton("ANOTHER"), label_code=None).sure


def test_a_label_that_cannot_be_read_is_not_sure():
    result = verdict(carton())

    assert result.abstain is Abstain.CODE_UNREAD
    assert result.target == 0
    assert CODE in result.sentence


def test_another_label_is_a_mismatch_that_names_both():
    result = verdict(carton("LPN-9999"))

    assert result.abstain is Abstain.CODE_MISMATCH
    assert "LPN-9999" in result.sentence
    assert CODE in result.sentence


def test_the_expected_code_on_a_neighbour_does_not_count():
    neighbour = carton(CODE, at=(0, 300, 300, 360))

    assert verdict(carton(), neighbour).abstain is Abstain.CODE_UNREAD


def test_the_expected_code_among_others_on_the_target_counts():
    assert verdict(carton("4006381333931", CODE)).sure


def test_a_doubtful_carton_says_how_sure_the_camera_is_and_how_sure_it_must_be():
    result = verdict(carton(CODE, sure=819))

    assert result.abstain is Abstain.LOW_CONFIDENCE
    assert result.sentence == "The camera is 81 % sure of a package; 90 % are needed."


@pytest.mark.parametrize(("permille", "sure"), [(899, False), (900, True)])
def test_the_threshold_itself_is_enough(permille: int, sure: bool):
    assert verdict(carton(CODE, sure=permille)).sure is sure


def test_a_carton_beside_the_crosshair_is_no_target():
    result = verdict(carton(CODE, at=(0, 0, 300, 300)))

    assert result.abstain is Abstain.NO_PACKAGE
    assert result.target is None


def test_an_empty_frame_has_no_package():
    assert verdict().abstain is Abstain.NO_PACKAGE


def test_two_cartons_alike_under_the_crosshair_are_ambiguous():
    other = carton(CODE, at=(620, 470, 500, 400), sure=930)

    assert verdict(carton(CODE), other).abstain is Abstain.AMBIGUOUS


def test_two_cartons_alike_are_ambiguous_even_if_a_code_was_read_on_one_of_them():
    other = carton(at=(620, 470, 500, 400), sure=930)

    assert verdict(carton(CODE), other).abstain is Abstain.AMBIGUOUS
    assert verdict(carton("X"), other, label_code=None).abstain is Abstain.AMBIGUOUS


def test_a_code_that_a_second_box_at_the_crosshair_does_not_carry_may_be_anothers():
    other = carton(at=(620, 300, 260, 360), sure=600)

    result = verdict(carton(CODE), other)

    assert result.abstain is Abstain.AMBIGUOUS
    assert CODE in result.sentence


def test_a_second_box_at_the_crosshair_that_carries_the_code_too_is_a_part_of_the_carton():
    part = carton(CODE, at=(500, 400, 300, 200), sure=600)

    assert verdict(carton(CODE), part).sure


def test_a_code_that_lies_on_a_neighbour_as_well_may_be_the_neighbours():
    neighbour = carton(CODE, at=(800, 300, 300, 360), sure=500)

    assert verdict(carton(CODE), neighbour).abstain is Abstain.AMBIGUOUS


def test_a_label_seen_as_a_box_of_its_own_on_the_carton_is_no_neighbour():
    label = carton(CODE, at=(420, 320, 120, 120), sure=500)

    assert verdict(carton(CODE), label).sure


def test_a_much_weaker_second_box_is_no_rival():
    weak = carton(at=(620, 470, 500, 400), sure=400)

    assert verdict(carton(CODE), weak).sure


def test_two_boxes_round_the_same_carton_are_one():
    twin = carton(CODE, at=(404, 304, 480, 360), sure=940)

    assert verdict(carton(CODE), twin).sure


@pytest.mark.parametrize("doubt", list(Abstain))
def test_a_doubt_about_the_whole_frame_comes_first_and_has_a_sentence(doubt: Abstain):
    result = verdict(carton(CODE), frame_abstain=doubt)

    assert (result.sure, result.abstain) == (False, doubt)
    assert result.sentence == FRAME_DOUBTS[doubt]


def test_the_order_of_the_boxes_does_not_change_the_verdict():
    first, second = carton(CODE), carton(at=(0, 0, 200, 200))

    one, other = verdict(first, second), verdict(second, first)

    assert (one.sure, one.sentence) == (other.sure, other.sentence)
    assert (one.target, other.target) == (0, 1)


def test_a_verdict_that_is_not_sure_never_claims_a_verification():
    unsure = [verdict(), verdict(carton()), verdict(carton("X")), verdict(carton(CODE, sure=1))]

    assert [result.verification for result in unsure] == [None] * 4


def test_the_surest_box_at_the_crosshair_is_the_target_wherever_it_is_named():
    weak, strong = carton(at=(620, 470, 500, 400), sure=400), carton(CODE)

    result = verdict(weak, strong)

    assert (result.sure, result.target) == (True, 1)


def test_a_verified_package_is_named_by_the_surest_of_its_boxes():
    part = carton(CODE, at=(500, 400, 300, 200), sure=600)

    result = verdict(part, carton(CODE, sure=950))

    assert (result.verification, result.target) == (Verification.VERIFIED, 1)
    assert "95 % sure" in result.sentence


@pytest.mark.parametrize(
    ("at", "seen"),
    [
        ((640, 300, 100, 360), True),  # the crosshair is at 640, 480
        ((641, 300, 100, 360), False),
        ((540, 300, 100, 360), True),
        ((539, 300, 100, 360), False),
        ((600, 480, 100, 360), True),
        ((600, 481, 100, 360), False),
        ((600, 380, 100, 100), True),
        ((600, 379, 100, 100), False),
    ],
)
def test_a_box_whose_edge_lies_on_the_crosshair_covers_it(at, seen):
    assert verdict(carton(CODE, at=at)).sure is seen


@pytest.mark.parametrize(("permille", "rival"), [(760, True), (759, False)])
def test_from_four_fifths_of_the_first_on_a_second_box_is_a_rival(permille, rival):
    other = carton(at=(620, 470, 500, 400), sure=permille)

    assert verdict(carton(), other, label_code=None).sure is not rival


@pytest.mark.parametrize(("permille", "doubt"), [(475, True), (474, False)])
def test_from_half_of_the_first_on_a_second_box_must_carry_the_code_too(permille, doubt):
    other = carton(at=(620, 470, 500, 400), sure=permille)

    assert verdict(carton(CODE), other).sure is not doubt


@pytest.mark.parametrize(("permille", "doubt"), [(300, True), (299, False)])
def test_a_neighbour_counts_from_three_tenths_on(permille, doubt):
    neighbour = carton(CODE, at=(800, 300, 300, 360), sure=permille)

    assert verdict(carton(CODE), neighbour).sure is not doubt


@pytest.mark.parametrize(("width_px", "one"), [(336, True), (335, False)])
def test_two_boxes_are_one_from_seven_tenths_of_overlap_on(width_px, one):
    twin = carton(at=(400, 300, width_px, 360), sure=940)

    assert verdict(carton(CODE), twin).sure is one
    assert verdict(carton(), twin, label_code=None).sure is one


@pytest.mark.parametrize(("x_px", "part"), [(380, True), (379, False)])
def test_a_box_is_a_part_of_the_carton_if_four_fifths_of_it_lie_on_it(x_px, part):
    label = carton(CODE, at=(x_px, 320, 100, 100), sure=500)

    assert verdict(carton(CODE), label).sure is part


@pytest.mark.parametrize("at", [(900, 310, 1, 300), (420, 700, 300, 1)])
def test_a_narrow_label_beside_the_carton_is_no_part_of_it(at):
    assert verdict(carton(CODE), carton(CODE, at=at, sure=500)).abstain is Abstain.AMBIGUOUS


def test_two_boxes_without_any_area_are_two():
    dot = carton(CODE, at=(640, 480, 0, 0))

    assert verdict(dot, dot).abstain is Abstain.AMBIGUOUS


def test_two_boxes_of_one_pixel_at_one_place_are_one():
    dot = carton(CODE, at=(640, 480, 1, 1))

    assert verdict(dot, dot).sure
