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
    if groups is None:
        return {}
    return {f"{name}__groups": groups for name, step in steps if has_fit_parameter(step, "groups")}
