"""A study trains a recipe as its training job does."""

import pytest

pytest.importorskip("tensorflow")

from benchmarks.studies.networks import train, values_of
from tests.newsgroup_classifier.estimators.networks import learnable


@pytest.mark.slow
def test_study_of_a_recipe_with_a_search_trains_the_best_candidate():
    few = {"search": "grid", "search_epochs": "1", "search_batches": "2", "folds": 2}
    examples = learnable("texts")
    changed = few | {"validation_split": 0.34}
    trained = train("comments-dense", values_of("comments-dense", changed), examples, examples)
    assert trained.result.progress.epoch == 1  # the default is more
