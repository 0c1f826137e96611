"""Compare a search inside one job with its fits alone, successive halving, and GridSearchCV."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import joblib
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from benchmarks.measure import figures, spread
from benchmarks.studies.comments import channels
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe, preset_values
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.training.scikit_learn.fitting import builder_of
from newsgroup_classifier.training.search.searching import SearchResult, Task, search

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
    began = time.perf_counter()
    result = search(_task("grid", find_recipe("comments-mlp"), {}))
    seconds = time.perf_counter() - began
    ratio = seconds / (result.about["fit_seconds"] / joblib.cpu_count())
    what = f"searching the {len(result.table)} networks of the recipe in {_FOLDS} folds, one run"
    return _row(f"{what}: their fits alone, over the cores", "the whole search", [ratio])


def _small_grids() -> list[dict[str, Any]]:
    taken: dict[str, list[float]] = {"halving": [], "baseline": []}
    for _ in range(_REPEATS):
        seconds, result = _timed("grid")
        taken["halving"].append(seconds / _timed("halving")[0])
        taken["baseline"].append(_baseline() / seconds)
    what = f"searching {len(result.table)} networks in {_FOLDS} folds"
    return [
        _row(f"{what}: successive halving", "the whole grid", taken["halving"]),
        _row(f"{what}: the whole grid", "GridSearchCV over the whole pipeline", taken["baseline"]),
    ]


def _row(what: str, against: str, ratios: list[float]) -> dict[str, Any]:
    data = "Reddit comments by category"
    return {"measurement": what, "compared with": against, "data": data, **figures(spread(ratios))}


def _task(name: str, recipe: Recipe, changed: Mapping[str, Value]) -> Task:
    train_set, _ = channels()
    values = {**preset_values(recipe, "grid"), **changed, "folds": _FOLDS, "search": name}
    build = builder_of(recipe)
    return Task(recipe, values, build, train_set.texts, train_set.labels, train_set.label_names)


def _small(name: str) -> Task:
    return _task(name, replace(find_recipe("comments-mlp"), space=_SPACE), _CHANGED)


def _timed(name: str) -> tuple[float, SearchResult]:
    task = _small(name)
    began = time.perf_counter()
    result = search(task)
    return time.perf_counter() - began, result


def _baseline() -> float:
    """Return the seconds of GridSearchCV, which normalizes and vectorizes for each candidate."""
    task = _small("grid")
    grid = {f"classify__{each.name}": list(each.values) for each in _SPACE}
    splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    baseline = GridSearchCV(
        task.build(task.hyperparameters), grid, cv=splitter, refit=False, n_jobs=-1
    )
    began = time.perf_counter()
    baseline.fit(task.texts, task.labels)
    return time.perf_counter() - began
