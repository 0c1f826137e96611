"""The handler's model makes the same predictions as scikit-learn for real sentences.

Only test-all runs these tests; test_parity.py tests generated sentences in every run.
"""

import numpy as np
import pytest

from newsgroup_classifier.datasets.spooky import load_spooky
from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.lambda_handler.trained import CASES, trained
from tests.newsgroup_classifier.conftest import unlabeled_sentences

pytestmark = pytest.mark.slow
every_case = pytest.mark.parametrize(
    ("recipe", "preset"), [case for case in CASES if RECIPES[case[0]].dataset == "spooky"]
)
MAX_BYTES = {"spooky-topic-forest": 15_000_000, "spooky-ngrams": 12_000_000}
TEST_ACCURACY = {
    ("spooky-topic-forest", "tutorial"): (0.48, 0.52),
    ("spooky-topic-forest", "tuned"): (0.60, 1.0),
    ("spooky-ngrams", ""): (0.88, 1.0),
}


def real_sentences() -> list[str]:
    """Return the sentences of both files."""
    dataset = load_spooky()
    texts = [*dataset.train["data"], *dataset.test["data"], *unlabeled_sentences()]
    assert len(texts) >= 17_567 + 8_392
    return texts


@every_case
def test_predictions_for_real_sentences_agree_with_scikit_learn(recipe, preset):
    both = trained(recipe, preset, real=True)
    texts = real_sentences()
    expected = both.pipeline.predict_proba(texts)
    actual = both.model.predict_proba(texts)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-6)
    assert (actual.argmax(axis=1) == both.pipeline.predict(texts)).all()


@every_case
def test_predictions_for_long_joined_sentences_agree_with_scikit_learn(recipe, preset):
    both = trained(recipe, preset, real=True)
    words = " ".join(load_spooky().test["data"]).split()
    texts = [" ".join(words[at : at + 10_000]) for at in (0, 10_000, 20_000)]
    np.testing.assert_allclose(
        both.model.predict_proba(texts), both.pipeline.predict_proba(texts), rtol=0, atol=1e-6
    )


@every_case
def test_model_file_is_within_its_size_limit(recipe, preset):
    assert len(trained(recipe, preset, real=True).content) < MAX_BYTES[recipe]


@every_case
def test_accuracy_on_the_test_set_is_within_bounds(recipe, preset):
    test = load_spooky().test if trained(recipe, preset, real=True) else None
    actual = trained(recipe, preset, real=True).model.predict_proba(list(test["data"]))
    lowest, highest = TEST_ACCURACY[recipe, preset]
    assert lowest <= (actual.argmax(axis=1) == test["label"].to_numpy()).mean() <= highest
