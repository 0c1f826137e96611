"""Compare a search inside one job with GridSearchCV."""

from dataclasses import replace
from typing import Any

from sklearn.model_selection import GridSearchCV, StratifiedKFold

from benchmarks.measure import row, spread, timed
from benchmarks.studies.comments import channels
from newsgroup_classifier.recipes.catalogue import find_recipe, preset_values
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.training.scikit_learn.fitting import builder_of
from newsgroup_classifier.training.search.searching import Task, search

_REPEATS, _FOLDS = 3, 5
_SPACE = (
    Choices("activation", ("identity", "tanh")),
    Choices("alpha", (0.0001, 0.001, 0.01)),
    Choices("solver", ("lbfgs", "adam")),
)


def rows() -> list[dict[str, Any]]:
    """Return the ratio of a search over 12 networks; each search uses all cores."""
    recipe, (train_set, _) = replace(find_recipe("comments-mlp"), space=_SPACE), channels()
    values = {**preset_values(recipe, "grid"), "max_iter": 40, "folds": _FOLDS, "search": "grid"}
    build = builder_of(recipe)
    task = Task(recipe, values, build, train_set.texts, train_set.labels, train_set.label_names)
    ratios = []
    for _ in range(_REPEATS):
        seconds, result = timed(lambda: search(task))
        ratios.append(_baseline(task) / seconds)
    what = f"searching {len(result.table)} networks in {_FOLDS} folds: the whole grid"
    against = "GridSearchCV over the whole pipeline"
    return [row(what, against, "Reddit comments by category", spread(ratios))]


def _baseline(task: Task) -> float:
    """Return the seconds of GridSearchCV, which normalizes and vectorizes for each candidate."""
    grid = {f"classify__{each.name}": list(each.values) for each in _SPACE}
    splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    pipeline = task.build(task.hyperparameters)
    baseline = GridSearchCV(pipeline, grid, cv=splitter, refit=False, n_jobs=-1)
    return timed(lambda: baseline.fit(task.texts, task.labels))[0]
