"""Cross-validate the headline recipes and TF-IDF with LinearSVC, story by story.

    DATASETS_DIR=<folder> python -m benchmarks.studies.headlines

Each row is printed when it is ready and saved to benchmarks/studies/headlines.json, from which an
interrupted study resumes. The table is benchmarks/studies/headlines.md. It takes an hour.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from benchmarks.studies.networks import examples, train, values_of
from newsgroup_classifier.training.examples import Examples

_FOLDS = 5
_HERE = Path(__file__).parent
_RESULTS, _TABLE = _HERE / "headlines.json", _HERE / "headlines.md"
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


def _recipe(name: str, preset: str | None = None) -> Fold:
    def fold(train_set: Examples, test_set: Examples) -> tuple[np.ndarray, float]:
        trained = train(name, values_of(name, {}, preset), train_set, test_set)
        return np.array(trained.result.scores.predicted), trained.seconds

    return fold


def _words_and_characters() -> Any:
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )


MODELS: dict[str, Fold] = {
    "TF-IDF of words, LinearSVC": _support_vectors(TfidfVectorizer),
    "TF-IDF of words and characters, LinearSVC": _support_vectors(_words_and_characters),
    "`headlines-fast`": _recipe("headlines-fast"),
    "`headlines-lstm`, preset `tuned`": _recipe("headlines-lstm", "tuned"),
    "`headlines-lstm`, preset `tutorial`": _recipe("headlines-lstm", "tutorial"),
}


def main() -> int:
    """Run the study; return the exit code."""
    done = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    every = all_headlines()
    done["rows"] = len(every)
    for title, fold in MODELS.items():
        if title not in done:
            done[title] = measure(fold, every)
            print(title, done[title], flush=True)
            _RESULTS.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    if "seconds" not in done:
        done["seconds"] = training_seconds(every)
        _RESULTS.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    _TABLE.write_text(table(done), encoding="utf-8")
    return 0


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


def measure(fold: Fold, every: Examples) -> dict[str, Any]:
    """Return the metrics of a model's pooled predictions."""
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


def training_seconds(every: Examples) -> dict[str, float]:
    """Return the seconds that preset `tutorial` and headlines-fast train on all rows of a fold."""
    rows, held = folds(every)[0]
    parts = every.select(rows), every.select(held)
    seed = values_of("headlines-lstm", {"balance": "none"}, "tutorial")
    fast = train("headlines-fast", values_of("headlines-fast", {}), *parts).seconds
    return {"tutorial": train("headlines-lstm", seed, *parts).seconds, "fast": fast}


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
    sys.exit(main())
