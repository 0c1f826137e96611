"""A fit stops after its last epoch, or when it has not improved for some epochs."""

import json
from dataclasses import replace

import pytest

from newsgroup_classifier.training.progress import FitPlan, Progress

PLAN = FitPlan(batch_size=8, epochs=6, patience=2, min_delta=0.1, seed=1)


def progress_of(losses):
    progress = Progress()
    for loss in losses:
        progress.add({"validation:loss": loss}, PLAN.min_delta)
    return progress


@pytest.mark.parametrize(
    ("losses", "best", "finished"),
    [
        ([], 0, False),
        ([1.0], 1, False),
        ([1.0, 0.95], 1, False),  # lower, but by less than min_delta
        ([1.0, 0.95, 0.92], 1, True),
        ([1.0, 0.95, 0.85], 3, False),
        ([1.0, 0.8, 0.6, 0.4, 0.2, 0.0], 6, True),
        ([float("nan"), float("nan")], 0, True),
    ],
)
def test_progress_finds_the_best_epoch_and_the_end(losses, best, finished):
    progress = progress_of(losses)
    assert progress.best_epoch == best
    assert progress.finished(PLAN) == finished


@pytest.mark.parametrize("losses", [[], [0.5, 0.25, 1 / 3]])
def test_progress_is_read_from_json_as_written(losses):
    progress = progress_of(losses)
    text = json.dumps(progress.as_json(), allow_nan=False)
    assert Progress.from_json(json.loads(text)) == progress


@pytest.mark.parametrize(("keep", "saved"), [("best", 2), ("last", 3)])
def test_saved_epoch_is_the_best_or_the_last(keep, saved):
    assert progress_of([1.0, 0.5, 0.7]).saved_epoch(replace(PLAN, keep=keep)) == saved


def test_fit_that_saves_the_last_epoch_ignores_patience():
    plan = replace(PLAN, keep="last")
    assert not progress_of([1.0, 2.0, 3.0, 4.0, 5.0]).finished(plan)
    assert progress_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).finished(plan)
