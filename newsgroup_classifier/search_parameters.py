"""The hyperparameters of a search inside one training job, which many recipes share."""

from newsgroup_classifier.hyperparameters import ChoiceParameter, IntParameter, Parameter

SEARCHES = ("none", "grid", "halving", "random")
FOLDS = IntParameter("folds", 0, "folds that give validation:accuracy; 0: none", 0, 20)
# A recipe that has a space appends these to its own, and not FOLDS, which is one of them.
SEARCH: tuple[Parameter, ...] = (
    ChoiceParameter("search", "none", "how the recipe's space is searched first", SEARCHES),
    IntParameter("candidates", 20, "candidates that search random draws", 1, 10_000),
    FOLDS,
)
