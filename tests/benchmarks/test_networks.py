"""A study trains a recipe in the same way as its training job."""

import pytest

from benchmarks.studies.networks import train
from benchmarks.studies.study import Candidate
from tests.newsgroup_classifier.estimators.networks import learnable
from tests.newsgroup_classifier.keras_modules import needs_tensorflow


@pytest.mark.slow
@needs_tensorflow
def test_study_of_a_recipe_with_a_search_trains_the_best_candidate():
    values = {
        "search": "grid",
        "search_epochs": "1",
        "search_batches": "2",
        "folds": 2,
        "validation_split": 0.34,
    }
    examples = learnable("texts")
    trained = train(Candidate("comments-dense", values), examples, examples)
    assert trained.result.progress.epoch == 1  # the default is more
