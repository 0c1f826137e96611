"""Any texts: n-grams of words and characters, and a vote of linear models in one small matrix.

The recipe for your own data. Everything is chosen by cross-validation on the train channel: which
linear models vote, how sure they are, and whether case and punctuation matter. The vote is folded
into one matrix of weights, which is pruned and rounded before the model is tested, so that every
container and the Lambda function serve the same numbers.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    Hyperparameters,
    IntParameter,
    Parameter,
)
from newsgroup_classifier.recipe import Measured, ScikitLearnRecipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.shared_hyperparameters import BY_GROUP, SEARCH

# Of the 8 GB of an ml.m5.large, 8 million scores of 1,000 classes took 2.5 GB (2026-11-30).
MOST_SCORES = 25_000_000


def build(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw texts to labels."""
    from sklearn.pipeline import Pipeline

    from newsgroup_classifier.estimators.linear_text.classifier import LinearText, Softmax
    from newsgroup_classifier.estimators.linear_text.profiles import Options

    options = Options(**{each.name: hyperparameters[each.name] for each in fields(Options)})
    score = LinearText(options, hyperparameters["case"], hyperparameters["max_mb"])
    return Pipeline([("score", score), ("softmax", Softmax())])


def export(pipeline: Any, about: Mapping[str, Any]) -> bytes:
    """Return the Lambda's model, which scores texts with the same matrix."""
    from newsgroup_classifier.export.npz import write_hashed_linear

    model = replace(pipeline[0].model_, sharpness=pipeline[-1].sharpness_)
    return write_hashed_linear(model, about)


HYPERPARAMETERS: tuple[Parameter, ...] = (
    ChoiceParameter(
        "title", "none", "where the title of a text is", ("none", "first-line", "subject-header")
    ),
    BY_GROUP,
    ChoiceParameter(
        "case", "auto", "lower case, or case and punctuation", ("auto", "lower", "cased")
    ),
    IntParameter("word_ngrams", 2, "words of the longest word n-gram", 1, 3),
    IntParameter("character_ngrams", 5, "characters of the longest character n-gram", 1, 7),
    IntParameter("character_min_df", 2, "minimum texts with a character n-gram", 1, 1000),
    IntParameter("max_chars", 3000, "first characters cut into n-grams; 0: all", 0, 1_000_000),
    FloatParameter("alpha", 0.005, "additive smoothing of naive Bayes", above=0.0),
    FloatParameter("C", 12.0, "inverse regularization of the ratio model", above=0.0, was="c"),
    FloatParameter(
        "svm_C", 0.5, "inverse regularization of the ridge model", above=0.0, was="margin_c"
    ),
    FloatParameter("max_mb", 10.0, "maximum size of the model, in MB", above=0.1, highest=1000.0),
    *SEARCH,
)


def with_defaults(**defaults: Any) -> tuple[Parameter, ...]:
    """Return the hyperparameters with other defaults."""
    return tuple(
        replace(each, default=defaults.get(each.name, each.default)) for each in HYPERPARAMETERS
    )


TEXT = ScikitLearnRecipe(
    name="text-linear",
    summary="Your own texts: words and characters as n-grams, linear models vote",
    dataset="",
    hyperparameters=HYPERPARAMETERS,
    space=(
        Choices("word_ngrams", (1, 2)),
        Choices("character_ngrams", (4, 5)),
        Choices("svm_C", (0.25, 0.5, 1.0)),
    ),
    most_scores=MOST_SCORES,
    build=build,
    export=export,
)

POSTS = replace(
    TEXT,
    name="newsgroups-text",
    summary="20 Newsgroups posts with their headers: n-grams, linear models vote",
    dataset="20newsgroups",
    accuracy=Measured(0.8986, "test channel"),
    hyperparameters=with_defaults(title="subject-header", grouped="yes", case="lower"),
    own_data_refusal="it expects the headers of newsgroup posts",
)

SPOOKY = replace(
    TEXT,
    name="spooky-ngrams",
    summary="Spooky authors: words and characters as n-grams, linear models vote",
    dataset="spooky",
    accuracy=Measured(0.887, "5 folds"),
    hyperparameters=with_defaults(case="cased"),
    space=(Choices("alpha", (0.005, 0.02)), Choices("svm_C", (0.25, 0.5, 1.0))),
)
