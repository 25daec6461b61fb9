"""A review as the review page shows it."""

from fleetapp.api.views import ReviewView, SeenPackage
from fleetapp.core.decisions import ReviewOpened
from fleetapp.core.state import Review, State

CROP_WIDTH_PX = 960


def review_view(state: State, review: Review) -> ReviewView:
    """The question, what was expected, what was seen, and the answer if given."""
    asked, closed = review.asked, review.closed
    task = state.tasks.get(asked.task_id)
    return ReviewView(
        review_id=asked.review_id,
        robot_id=asked.robot_id,
        task_id=asked.task_id,
        frame_id=asked.frame_id,
        station=asked.station_id,
        asked_ms=asked.at_ms,
        abstain=asked.abstain,
        doubt=asked.doubt,
        meaning=asked.meaning,
        expected_sku=task.sku if task is not None else None,
        expected_code=task.label_code if task is not None else None,
        frame_width_px=asked.width_px,
        frame_height_px=asked.height_px,
        crop_scale=min(1.0, CROP_WIDTH_PX / asked.width_px) if asked.width_px else 1.0,
        packages=_packages(asked),
        threshold=asked.threshold_permille / 1000,
        light=asked.light_permille / 1000,
        sharpness=asked.sharpness_permille / 1000,
        bundle=asked.bundle,
        bundle_digest=asked.bundle_digest,
        answer=closed.answer if closed is not None else None,
        answered_by=closed.by if closed is not None else None,
        answered_ms=closed.at_ms if closed is not None else None,
        note=closed.note if closed is not None else "",
    )


def _packages(asked: ReviewOpened) -> tuple[SeenPackage, ...]:
    return tuple(
        SeenPackage(
            box.x_px,
            box.y_px,
            box.width_px,
            box.height_px,
            box.label,
            box.confidence_permille / 1000,
            box.codes,
            index == asked.target,
        )
        for index, box in enumerate(asked.boxes)
    )
