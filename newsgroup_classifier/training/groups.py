"""The groups of the train channel's rows, such as threads, which folds keep together."""

from collections.abc import Sequence
from typing import Any

from sklearn.utils.validation import has_fit_parameter

from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.shared_hyperparameters import GROUPED, YES

Groups = Sequence[str] | None


def groups_of(subjects: Sequence[str], hyperparameters: Hyperparameters) -> Groups:
    """Return the group of each row of a channel, its data_subject, or None without grouped=yes."""
    return subjects if hyperparameters.get(GROUPED) == YES else None


def group_parameters(steps: Sequence[tuple[str, Any]], groups: Groups) -> dict[str, Any]:
    """Return the parameters of a pipeline's fit for those steps that compare models on groups."""
    return {f"{name}__groups": groups for name, step in steps if own_groups(step, groups)}


def own_groups(step: Any, groups: Groups) -> dict[str, Any]:
    """Return the parameter of a step's own fit, if the step compares models on groups."""
    takes_groups = groups is not None and hasattr(step, "fit") and has_fit_parameter(step, "groups")
    return {"groups": groups} if takes_groups else {}
