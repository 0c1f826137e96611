"""Checks of hyperparameters that are valid by themselves but contradict each other.

Scripts run them before a job starts, which would otherwise fail with the same message much later.
"""

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipe import Recipe, TensorFlowRecipe
from newsgroup_classifier.search_space import Interval
from newsgroup_classifier.shared_hyperparameters import READING, STREAM

# Hyperparameters that need all texts in memory, with the values that turn them off.
_WHOLE_ONLY: Hyperparameters = {"folds": 0, "search": "none"}
# How candidates are compared and channels are read: not part of a candidate.
NOT_SEARCHED = ("candidates", "folds", READING, "search")


def check_agreement(recipe: Recipe, values: Hyperparameters) -> None:
    """Raise HyperparameterError if the values of a recipe's hyperparameters contradict each other.

    Folds of networks are not checked: their searches hold out rows by themselves.
    """
    if isinstance(recipe, TensorFlowRecipe):
        searches = ("none", "grid") if recipe.search_network else ("none",)
        if values.get("search", "none") not in searches:
            raise HyperparameterError(
                f"hyperparameter search is {values['search']!r}, which the network of "
                f"{recipe.name} does not support; expected {' or '.join(searches)}"
            )
        return
    for name, off in _WHOLE_ONLY.items():
        if values.get(READING) == STREAM and values.get(name, off) != off:
            raise HyperparameterError(
                f"hyperparameter {name} is {values[name]!r}, which needs all texts in memory; "
                f"expected {off!r} with {READING}={STREAM}"
            )
    folds, search = values.get("folds", 0), values.get("search", "none")
    if folds == 1:
        raise HyperparameterError(
            "hyperparameter folds is 1, which leaves no rows to validate on; expected 0 for no "
            "cross-validation, or 2 or more"
        )
    if search == "none":
        return
    if not folds:
        raise HyperparameterError(
            f"search {search} compares candidates on folds of the train channel, and "
            "hyperparameter folds is 0; expected 2 or more, such as 5"
        )
    intervals = [part.name for part in recipe.space if isinstance(part, Interval)]
    if intervals and search != "random":
        raise HyperparameterError(
            f"search {search} needs a space of listed values, and {recipe.name} draws "
            f"{', '.join(intervals)} from an interval; expected search random, or a tuning job "
            "with values of your own (`tune --range`)"
        )
