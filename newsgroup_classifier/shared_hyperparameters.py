"""Hyperparameters that several recipes share: search, streaming, and the fit of a network."""

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    IntParameter,
    Parameter,
)

SEARCHES = ("none", "grid", "halving", "random")
FOLDS = IntParameter("folds", 0, "folds of cross-validation; 0: none", 0, 20)
# A recipe with a search space has these instead of FOLDS, which is one of them.
SEARCH: tuple[Parameter, ...] = (
    ChoiceParameter("search", "none", "how the search space is searched before training", SEARCHES),
    IntParameter("candidates", 20, "number of candidates of search=random", 1, 10_000),
    FOLDS,
)

GROUPED, YES = "grouped", "yes"
# A recipe that compares models on folds by itself has this one; the groups are data_subject.
BY_GROUP = ChoiceParameter(GROUPED, "no", "validate with whole groups", (YES, "no"))

READING, STREAM = "reading", "stream"
HASHED = "hashed"
# A recipe that can train from a stream, in bounded memory, has these.
STREAMED: tuple[Parameter, ...] = (
    ChoiceParameter(
        READING, "whole", "read the train channel at once or in batches", ("whole", STREAM)
    ),
    ChoiceParameter("features", "vocabulary", "columns of terms or hashes", ("vocabulary", HASHED)),
    IntParameter("max_features", 250_000, "maximum terms of a stream", 100, 2_000_000, was="terms"),
    IntParameter("hash_bits", 18, "log2 of the number of hashed columns", 8, 22),
)


NO, NO_TEXTS = "no", "no-texts"
# Every training program has this one in addition to those of its recipe.
REPORT = ChoiceParameter(
    "report", "yes", "whether the job writes report.html", ("yes", NO_TEXTS, NO)
)


def part_parameter(name: str, default: float, help: str) -> FloatParameter:
    """Return a parameter that is a part of something, from 0 to 0.95."""
    return FloatParameter(name, default, help, lowest=0.0, highest=0.95)


def fit_parameters(  # noqa: PLR0913 (one keyword per default)
    learning_rate: float,
    *,
    batch_size: int,
    epochs: int,
    patience: int,
    validation_split: float = 0.1,
    keep: str = "best",
) -> tuple[Parameter, ...]:
    """Return the parameters of every network's fit, with the defaults of one recipe."""
    return (
        FloatParameter("learning_rate", learning_rate, "step size of the optimizer", above=0.0),
        IntParameter("batch_size", batch_size, "examples per step", 1, 100_000),
        IntParameter("epochs", epochs, "maximum number of epochs", 1, 10_000),
        ChoiceParameter("keep", keep, "epoch whose weights are kept", ("best", "last")),
        IntParameter(
            "patience", patience, "epochs to wait for a better validation loss", 1, 10_000
        ),
        FloatParameter("min_delta", 0.0001, "minimum improvement of the loss", lowest=0.0),
        FloatParameter(
            "validation_split",
            validation_split,
            "share of the train channel to validate with",
            above=0.0,
            highest=0.5,
            was="validation_share",
        ),
        IntParameter("seed", 1, "random seed of split, weights and order", 0, 999_999_999),
    )
