"""Small searches for tests: recipes on generated texts, and steps that log their calls."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.datasets.newsgroups import generate_newsgroups
from newsgroup_classifier.datasets.reddit_comments import generate_comments
from newsgroup_classifier.hyperparameters import FloatParameter, IntParameter
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from newsgroup_classifier.search_space import Choices, SearchSpace
from newsgroup_classifier.shared_hyperparameters import SEARCH
from newsgroup_classifier.training.search.searching import Task

ALPHAS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
COUNTED = replace(
    RECIPES["newsgroups-naive-bayes"],
    hyperparameters=(
        FloatParameter("alpha", 0.01, "smoothing", above=0.0),
        IntParameter("min_df", 1, "texts", 1, 10),
        *SEARCH,
    ),
    space=(Choices("alpha", (0.01, 0.1, 1.0)), Choices("min_df", (1, 2))),
)


def posts_task(build: Any = None, space: SearchSpace = (), **overrides: Any) -> Task:
    """Return a search over the smoothing of naive Bayes on generated posts with 20 labels."""
    recipe = replace(COUNTED, space=space or (Choices("alpha", ALPHAS),))
    return task_of(recipe, generate_newsgroups().train, build or recipe.build, **overrides)


def comments_task(space: SearchSpace = (), **overrides: Any) -> Task:
    """Return a search over comments-mlp on generated comments."""
    recipe = RECIPES["comments-mlp"]
    recipe = replace(recipe, space=space or recipe.space)
    return task_of(recipe, generate_comments().train, recipe.build, **overrides)


def task_of(recipe: Recipe, frame: Any, build: Any, **overrides: Any) -> Task:
    """Return a search over a recipe's space on a frame of texts."""
    values = recipe.defaults
    names = tuple(sorted(set(frame["label_names"])))
    return Task(recipe, values | overrides, build, list(frame["data"]), list(frame["label"]), names)


class _Counting:
    """A step that logs its calls to a file, in any process."""

    log: str

    def note(self, event: str) -> None:
        with Path(self.log).open("a", encoding="utf-8") as file:
            file.write(f"{event}\n")


class CountingNormalizer(_Counting, FunctionTransformer):
    """A step without fitting that logs the number of its rows."""

    def __init__(self, log: str) -> None:
        super().__init__(None)
        self.log = log

    def transform(self, X: Any) -> Any:
        self.note(f"normalized {len(X)}")
        return X


class CountingVectorizer(_Counting, TransformerMixin, BaseEstimator):
    """A TF-IDF vectorizer that logs each fit."""

    def __init__(self, log: str, min_df: int = 1) -> None:
        self.log = log
        self.min_df = min_df

    def fit(self, X: Any, y: Any = None) -> "CountingVectorizer":
        self.note(f"vectorized min_df={self.min_df}")
        self.vectorizer_ = TfidfVectorizer(min_df=self.min_df).fit(X)
        return self

    def transform(self, X: Any) -> Any:
        return self.vectorizer_.transform(X)


class CountingBayes(_Counting, ClassifierMixin, BaseEstimator):
    """A naive Bayes classifier that logs each fit."""

    def __init__(self, log: str, alpha: float = 1.0) -> None:
        self.log = log
        self.alpha = alpha

    def fit(self, X: Any, y: Any) -> "CountingBayes":
        self.note(f"fitted alpha={self.alpha}")
        self.bayes_ = MultinomialNB(alpha=self.alpha).fit(X, y)
        self.classes_ = self.bayes_.classes_
        return self

    def predict(self, X: Any) -> Any:
        return self.bayes_.predict(X)


def counting(log: Path) -> Any:
    """Return a builder of pipelines whose steps log their calls to a file."""

    def build(values: Mapping[str, Any]) -> Pipeline:
        return Pipeline(
            [
                ("clean", CountingNormalizer(str(log))),
                ("tfidf", CountingVectorizer(str(log), values["min_df"])),
                ("classify", CountingBayes(str(log), values["alpha"])),
            ]
        )

    return build
