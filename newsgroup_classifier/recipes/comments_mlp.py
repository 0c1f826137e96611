"""Stems as TF-IDF features and a small neural network, as in the project's tutorial of them."""

from collections.abc import Mapping
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.text.stemmed_normalizer import normalize_texts

_LAYERS = (6, 2)
_SCHEDULED = "sgd"  # the one solver that looks at the schedule


def build_comments_mlp(values: Mapping[str, Any]) -> Pipeline:
    """Return the unfitted pipeline from raw comments to labels; `values` are hyperparameters.

    Solvers that do not look at learning_rate get "constant": networks that would be fitted alike
    are equal, and a search fits one of them.
    """
    network = MLPClassifier(
        _LAYERS,
        activation=values["activation"],
        solver=values["solver"],
        alpha=values["alpha"],
        learning_rate=values["learning_rate"] if values["solver"] == _SCHEDULED else "constant",
        max_iter=values["max_iter"],
        random_state=values["seed"],
    )
    return Pipeline(
        [
            ("clean", FunctionTransformer(normalize_texts)),
            ("tfidf", TfidfVectorizer(lowercase=False, min_df=values["min_df"])),
            ("classify", network),
        ]
    )
