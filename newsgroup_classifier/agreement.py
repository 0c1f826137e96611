"""Hyperparameters that do not go together, of which each may be right by itself.

The scripts ask before a job starts, since it would end with the same sentence minutes later.
"""

from collections.abc import Mapping

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.search_space import Interval
from newsgroup_classifier.stream_parameters import READING, STREAM

# What needs all texts in memory, and how it is not asked for.
_WHOLE_ONLY: Mapping[str, Value] = {"folds": 0, "search": "none"}
# What says how candidates are compared, or how the channels are read: no part of a candidate.
NOT_SEARCHED = ("candidates", "folds", READING, "search")


def check_agreement(recipe: Recipe, values: Mapping[str, Value]) -> None:
    """Raise HyperparameterError if the values of a recipe's hyperparameters contradict each other.

    The networks' own searches are not looked at: they hold rows back by themselves.
    """
    if recipe.framework != "scikit-learn":
        return
    if values.get(READING) == STREAM:
        _check_stream(values)
    folds, search = values.get("folds", 0), values.get("search", "none")
    if folds == 1:
        raise HyperparameterError(
            "hyperparameter folds is 1, which leaves nothing to compare by; expected 0 for none, "
            "or 2 or more"
        )
    if search == "none":
        return
    if not folds:
        raise HyperparameterError(
            f"search {search} compares candidates on folds of the train channel, and "
            "hyperparameter folds is 0; expected 2 or more, such as 5"
        )
    _check_named_values(recipe, search)


def _check_stream(values: Mapping[str, Value]) -> None:
    for name, unset in _WHOLE_ONLY.items():
        if values.get(name, unset) != unset:
            raise HyperparameterError(
                f"hyperparameter {name} is {values[name]!r}, which needs all texts in memory; "
                f"expected {unset!r} with {READING}={STREAM}"
            )


def _check_named_values(recipe: Recipe, search: Value) -> None:
    intervals = [part.name for part in recipe.space if isinstance(part, Interval)]
    if intervals and search != "random":
        raise HyperparameterError(
            f"search {search} needs a space of named values, and {recipe.name} draws "
            f"{', '.join(intervals)} from an interval; expected search random, or a tuning job "
            "with values of its own (scripts.tune --range)"
        )
