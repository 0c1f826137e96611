"""Cleaning and splitting a text takes time in proportion to its length, whatever is in it."""

import time

import pytest
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from inference_pipeline.content_types import REQUEST_TYPES, response_type
from inference_pipeline.texts import read_request
from lambda_handler.texts import read_texts
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.hyperparameters import FloatParameter
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.text.lemma_counts import LemmaCountVectorizer
from newsgroup_classifier.text.request_bodies import request_type
from newsgroup_classifier.text.word_vectors import WordVectors, split_contractions
from tests.lambda_handler.trained import trained

SIZES = (5_000, 40_000)  # characters
# Stemming a run of y takes linear time up to about 20,000 characters.
STEMMED = (20_000, 160_000)
# Quadratic time grows by 64, linear time by 8; the rest is for a busy machine.
MOST = 20
RUNS = [
    *("y", "a", "1", "'", " ", "\n", ".", "\u4e2d", "\0", "\\", '"'),
    *("a'", "y ", "ab ", "a\n", "ys", "n't ", "1.", ";=", '";', "it's "),
]
FITTED_ON = ["the first text of a few words", "the second text of other words"] * 3


def steps_of(step):
    """Yield a function of a text for each step of a pipeline that reads texts."""
    if isinstance(step, Pipeline | FeatureUnion):
        parts = step.steps if isinstance(step, Pipeline) else step.transformer_list
        for _, part in parts:
            yield from steps_of(part)
    elif isinstance(step, FunctionTransformer):
        yield lambda text: step.transform([text])
    elif isinstance(step, LemmaCountVectorizer):
        yield step.words
    elif isinstance(step, WordVectors):
        yield split_contractions
    elif hasattr(step, "build_analyzer"):
        yield step.build_analyzer()


def functions_of(name):
    """Return the functions that read a text: of a recipe, of a request, or of the function."""
    if name not in RECIPES:
        return [OTHERS[name]]
    recipe = RECIPES[name]
    functions = [scoring(name)] if recipe.served_by_lambda else []
    if recipe.framework == "scikit-learn":
        return [*steps_of(recipe.build(recipe.defaults)), *functions]
    return [encoding(recipe.encoder(recipe.defaults).fit(FITTED_ON))]


def encoding(encoder):
    return lambda text: encoder.transform([text])


def scoring(name):
    model = trained(name, "tuned" if RECIPES[name].presets else "").model
    return lambda text: model.predict_proba([text])


def reading(read, kind):
    return refused(lambda text: read(text.encode(), kind))


def refused(function):
    """Return a function that may refuse a text."""

    def call(text):
        try:
            function(text)
        except Exception as error:
            assert type(error).__name__ in REFUSALS

    return call


REFUSALS = (RequestError.__name__, "InvalidInput", "HyperparameterError", "UnsupportedMediaType")
OTHERS = {
    **{f"request {kind}": reading(read_request, kind) for kind in REQUEST_TYPES},
    **{f"lambda {kind}": reading(read_texts, kind) for kind in ("application/json", "text/plain")},
    "header": refused(lambda text: request_type(f"text/plain;{text}", REQUEST_TYPES)),
    "accept": refused(lambda text: response_type(f"text/csv;q=0.5;{text}")),
    "number": refused(FloatParameter("C", 1.0, "").parse),
}
TEXT_RECIPES = [recipe.name for recipe in RECIPES.values() if recipe.inputs == "texts"]


def seconds(function, text, times):
    """Return the shortest CPU time of several calls."""
    spent = []
    for _ in range(times):
        started = time.process_time()
        function(text)
        spent.append(time.process_time() - started)
    return min(spent)


def growth(function, run, sizes):
    # The last character differs, so that a pattern for the whole text does not match.
    small, large = (run * (size // len(run)) + "x" for size in sizes)
    for times in (1, 5, 25):  # again if a measurement was disturbed
        ratio = seconds(function, large, times) / max(seconds(function, small, 3 * times), 1e-4)
        if ratio <= MOST:
            break
    return ratio


@pytest.mark.parametrize("name", [*TEXT_RECIPES, *OTHERS])
def test_time_of_a_text_grows_in_proportion_to_its_length(name):
    sizes = STEMMED if name.startswith("comments-") else SIZES
    slow = [
        (number, run, ratio)
        for number, function in enumerate(functions_of(name))
        for run in RUNS
        if (ratio := growth(function, run, sizes)) > MOST
    ]
    assert slow == []
