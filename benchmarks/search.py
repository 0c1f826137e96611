"""Compare a search inside one job with its fits alone, successive halving, and GridSearchCV."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import joblib
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from benchmarks.measure import row, spread, timed
from benchmarks.studies.comments import channels
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe, preset_values
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.training.scikit_learn.fitting import builder_of
from newsgroup_classifier.training.search.searching import Task, search

_REPEATS, _FOLDS = 3, 5
_SPACE = (
    Choices("activation", ("identity", "tanh")),
    Choices("alpha", (0.0001, 0.001, 0.01)),
    Choices("solver", ("lbfgs", "adam")),
)
_CHANGED = {"max_iter": 40}


def rows() -> list[dict[str, Any]]:
    """Return the ratios of searches over 12 networks and over all; each uses all cores."""
    return [whole_grid(), *_small_grids()]


def whole_grid() -> dict[str, Any]:
    """Return how much longer the recipe's grid takes than the fits of its networks."""
    task = _task("grid", find_recipe("comments-mlp"), {})
    seconds, result = timed(lambda: search(task))
    ratio = seconds / (result.about["fit_seconds"] / joblib.cpu_count())
    what = f"searching the {len(result.table)} networks of the recipe in {_FOLDS} folds, one run"
    return _row(f"{what}: their fits alone, over the cores", "the whole search", [ratio])


def _small_grids() -> list[dict[str, Any]]:
    grid, halving = _small("grid"), _small("halving")
    taken: dict[str, list[float]] = {"halving": [], "baseline": []}
    for _ in range(_REPEATS):
        seconds, result = timed(lambda: search(grid))
        taken["halving"].append(seconds / timed(lambda: search(halving))[0])
        taken["baseline"].append(_baseline(grid) / seconds)
    what = f"searching {len(result.table)} networks in {_FOLDS} folds"
    return [
        _row(f"{what}: successive halving", "the whole grid", taken["halving"]),
        _row(f"{what}: the whole grid", "GridSearchCV over the whole pipeline", taken["baseline"]),
    ]


def _row(what: str, against: str, ratios: list[float]) -> dict[str, Any]:
    return row(what, against, "Reddit comments by category", spread(ratios))


def _task(name: str, recipe: Recipe, changed: Mapping[str, Value]) -> Task:
    train_set, _ = channels()
    values = {**preset_values(recipe, "grid"), **changed, "folds": _FOLDS, "search": name}
    build = builder_of(recipe)
    return Task(recipe, values, build, train_set.texts, train_set.labels, train_set.label_names)


def _small(name: str) -> Task:
    return _task(name, replace(find_recipe("comments-mlp"), space=_SPACE), _CHANGED)


def _baseline(task: Task) -> float:
    """Return the seconds of GridSearchCV, which normalizes and vectorizes for each candidate."""
    grid = {f"classify__{each.name}": list(each.values) for each in _SPACE}
    splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    pipeline = task.build(task.hyperparameters)
    baseline = GridSearchCV(pipeline, grid, cv=splitter, refit=False, n_jobs=-1)
    return timed(lambda: baseline.fit(task.texts, task.labels))[0]
