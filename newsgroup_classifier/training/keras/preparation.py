"""Split the train channel of a TensorFlow job into rows to train on and to validate with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.estimators.linear_text.members import thread_of
from newsgroup_classifier.evaluation.quality import blank_texts
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipe import TensorFlowRecipe
from newsgroup_classifier.text.encoders import Encoder
from newsgroup_classifier.training.examples import Examples, Labeled


@dataclass(frozen=True)
class Prepared:
    """The encoded and split train channel, its encoder, and the names of all labels.

    `blank` is the number of texts without a visible character.
    """

    train: Labeled
    validation: Labeled
    encoder: Encoder | None
    label_names: tuple[str, ...]
    blank: int


def prepare(
    recipe: TensorFlowRecipe, hyperparameters: Hyperparameters, train_set: Examples
) -> Prepared:
    """Split the train channel, and fit the encoder on the rows to train on."""
    seed = int(hyperparameters["seed"])
    if hyperparameters.get("balance") == "smallest":
        train_set = train_set.select(balanced(train_set.labels.tolist(), seed))
    labels, share = train_set.labels.tolist(), float(hyperparameters["validation_split"])
    if hyperparameters.get("grouped") == "yes":
        parts = split_by_group(labels, train_set.groups, share, seed)
    else:
        parts = split_by_class(labels, share, seed)
    train, validation = (train_set.select(part) for part in parts)
    encoder = recipe.encoder(hyperparameters).fit(train.texts) if recipe.encoder else None
    fitted, held = (Labeled(each.rows(encoder), each.labels) for each in (train, validation))
    blank = blank_texts(train_set.texts)
    return Prepared(fitted, held, encoder, train_set.label_names, blank)


def balanced(labels: Sequence[int], seed: int) -> np.ndarray:
    """Return the numbers of random rows, as many per class as the smallest class has."""
    every = np.asarray(labels)
    random = np.random.default_rng(seed)
    classes = [np.flatnonzero(every == label) for label in np.unique(every)]
    smallest = min(len(rows) for rows in classes)
    return np.sort(np.concatenate([random.permutation(rows)[:smallest] for rows in classes]))


def split_by_class(labels: Sequence[int], share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and those to validate with: the same share of each class."""
    every = np.asarray(labels)
    random = np.random.default_rng(seed)
    validation = np.zeros(len(every), dtype=bool)
    for label in np.unique(every):
        rows = random.permutation(np.flatnonzero(every == label))
        # The only row of a class is for training.
        validation[rows[: min(len(rows) - 1, round(share * len(rows)))]] = True
    return _check(every, validation, share)


def split_by_group(
    labels: Sequence[int], groups: Sequence[str], share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and to validate with: about `share` of all, in whole groups.

    Groups are compared as threads. A row without a group is a group of its own. Random groups are
    held out that bring the share closer to the wanted one, or else the smallest group.
    """
    first: dict[str, str] = {}  # thread -> the first spelling of its group
    threads = map(thread_of, groups)
    names = [
        first.setdefault(thread, group) if thread else f"\0{number}"
        for number, (thread, group) in enumerate(zip(threads, groups, strict=True))
    ]
    _, numbers, sizes = np.unique(names, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    held, rows = list[int](), 0
    for group, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        if rows + size / 2 <= share * len(names):
            held.append(group)
            rows += size
    validation = np.isin(numbers, held or [int(sizes.argmin())])
    return _check(np.asarray(labels), validation, share, len(sizes))


def _check(
    labels: np.ndarray, validation: np.ndarray, share: float, groups: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    lost = sorted(set(labels.tolist()) - set(labels[~validation].tolist()))
    if lost or not validation.any():
        reason = f"label {lost[0]} would have no row to train on" if lost else "none would be left"
        advice = "use grouped=no" if groups else "change validation_split"
        few = f"groups ({groups:,} in data_subject)" if groups else f"rows ({len(labels)})"
        raise DataError(
            f"the train channel has too few {few} to use a share of {share:g} for validation: "
            f"{reason}. Upload more rows, or {advice}."
        )
    return np.flatnonzero(~validation), np.flatnonzero(validation)
