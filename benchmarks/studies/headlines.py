"""Cross-validate the headline recipes and TF-IDF with LinearSVC, story by story.

    DATASETS_DIR=<folder> python -m benchmarks.studies.headlines

The rows are stored in headlines.json; the table is headlines.md. It takes an hour.
"""

import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from benchmarks.studies.networks import examples, train
from benchmarks.studies.study import Candidate, run_study
from newsgroup_classifier.training.examples import Examples

_FOLDS = 5
_HEAD = f"""# What was tried for the headline recipes

Written by `python -m benchmarks.studies.headlines`: the {{rows:,}} headlines of the UCI news sample
that occur once, by {_FOLDS}-fold GroupKFold over STORY. The near-duplicates of a story are never on
both sides, and validation rows are whole stories of the training side. Predictions of all folds are
pooled: "natural" is their accuracy, "balanced" the mean recall of the classes, and "folds" the
lowest and the highest fold. Vocabularies are built from the training rows only. Seconds are from
raw texts to the fitted model, for the median fold.

| model | natural | balanced | folds | seconds |
|---|---|---|---|---|
"""
_TIMES = """
Training on all rows of the first fold, in one run: the preset `tutorial` takes {tutorial:.0f} s
(10 epochs, classes not cut to the smallest) and `headlines-fast` {fast:.1f} s, which is
{ratio:.1f} times faster.
"""
Fold = Callable[[Examples, Examples], tuple[np.ndarray, float]]


def _support_vectors(build: Callable[[], Any]) -> Fold:
    def fold(train_set: Examples, test_set: Examples) -> tuple[np.ndarray, float]:
        began = time.perf_counter()
        model = make_pipeline(build(), LinearSVC()).fit(train_set.texts, train_set.labels)
        seconds = time.perf_counter() - began
        return model.predict(test_set.texts), seconds

    return fold


def _network(candidate: Candidate) -> Fold:
    def fold(train_set: Examples, test_set: Examples) -> tuple[np.ndarray, float]:
        trained = train(candidate, train_set, test_set)
        return np.array(trained.result.scores.predicted), trained.seconds

    return fold


def _words_and_characters() -> Any:
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )


_FAST, _LSTM = Candidate("headlines-fast"), "headlines-lstm"
MODELS: dict[str, Fold] = {
    "TF-IDF of words, LinearSVC": _support_vectors(TfidfVectorizer),
    "TF-IDF of words and characters, LinearSVC": _support_vectors(_words_and_characters),
    "`headlines-fast`": _network(_FAST),
    "`headlines-lstm`, preset `tuned`": _network(Candidate(_LSTM, preset="tuned")),
    "`headlines-lstm`, preset `tutorial`": _network(Candidate(_LSTM, preset="tutorial")),
}


@cache
def all_headlines() -> Examples:
    """Return the headlines of both channels."""
    one, two = examples("uci-news")
    return Examples(
        np.concatenate([one.labels, two.labels]),
        one.label_names,
        [*one.texts, *two.texts],
        groups=[*one.groups, *two.groups],
    )


def folds(every: Examples) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the row numbers to train and to test with, fold by fold."""
    splitter = GroupKFold(_FOLDS)
    return list(splitter.split(every.labels, every.labels, np.array(every.groups)))


def measure(fold: Fold) -> dict[str, Any]:
    """Return the metrics of a model's pooled predictions."""
    every = all_headlines()
    predicted = np.full(len(every), -1)
    seconds, accuracies = [], []
    for rows, held in folds(every):
        predicted[held], took = fold(every.select(rows), every.select(held))
        seconds.append(took)
        accuracies.append(float((predicted[held] == every.labels[held]).mean()))
    return {
        "natural": float((predicted == every.labels).mean()),
        "balanced": float(balanced_accuracy_score(every.labels, predicted)),
        "folds": accuracies,
        "seconds": float(np.median(seconds)),
    }


def training_seconds() -> dict[str, float]:
    """Return the seconds that preset `tutorial` and headlines-fast train on all rows of a fold."""
    every = all_headlines()
    rows, held = folds(every)[0]
    parts = every.select(rows), every.select(held)
    fast = train(_FAST, *parts).seconds
    tutorial = Candidate(_LSTM, {"balance": "none"}, "tutorial")
    return {"tutorial": train(tutorial, *parts).seconds, "fast": fast}


def table(done: dict[str, Any]) -> str:
    """Return the document."""
    lines = [
        f"| {title} | {row['natural']:.4f} | {row['balanced']:.4f} | "
        f"{min(row['folds']):.3f} to {max(row['folds']):.3f} | {row['seconds']:.1f} |\n"
        for title in MODELS
        if (row := done.get(title))
    ]
    seconds = done["seconds"]
    times = _TIMES.format(**seconds, ratio=seconds["tutorial"] / seconds["fast"])
    return _HEAD.format(rows=done["rows"]) + "".join(lines) + times


if __name__ == "__main__":
    run_study(
        __file__,
        {
            "rows": lambda: len(all_headlines()),
            **{title: partial(measure, fold) for title, fold in MODELS.items()},
            "seconds": training_seconds,
        },
        table,
    )
