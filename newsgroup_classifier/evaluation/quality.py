"""Warnings about a model that is useless or too small, and rows whose labels are probably wrong."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, issparse

from newsgroup_classifier.csv_files import write_rows
from newsgroup_classifier.evaluation.baseline import LargestClass
from newsgroup_classifier.text.visible import is_blank

_EMPTY_SHARE = 0.05  # of the train texts that may have no feature or no visible character
_CHANGED_SHARE = 0.05  # of the train texts whose label pruning may change
SUSPECTS = "suspects.csv"
_FEWEST, _SHARE, _MOST = 10, 0.01, 1000  # of the rows that are suspects
_SURE = 0.9  # the probability of another label from which a row is listed beyond the share


def empty_rows(features: Any) -> int | None:
    """Return the number of rows without any value but 0, or None unless it is a numeric matrix."""
    if issparse(features):
        return int((csr_matrix(features).getnnz(axis=1) == 0).sum())
    if isinstance(features, list):
        return None  # texts, or their tokens, of different lengths
    rows = np.asarray(features)
    if rows.ndim != 2 or rows.dtype.kind not in "biuf":
        return None
    return int((~rows.any(axis=1)).sum())


def blank_texts(texts: Iterable[str]) -> int:
    """Return the number of texts without a visible character, which requests may not have."""
    return sum(map(is_blank, texts))


def text_warnings(empty: int, blank: int, texts: int, least_lines: int) -> list[str]:
    """Return a warning if more than 5% of the train texts are `empty` or `blank`.

    `empty` is the number of texts without a feature, and `blank` of those without a visible
    character, which may have features, such as n-grams of characters.
    """
    if max(empty, blank) <= _EMPTY_SHARE * texts:
        return []
    if blank >= empty:
        return [
            f"{blank:,} of {texts:,} train texts ({blank / texts:.0%}) have no visible character. "
            "Endpoints and functions refuse such texts. Check the column data of the train channel."
        ]
    reason = "Nothing is left of them after the recipe's cleaning"
    if least_lines > 1:
        reason += f", which ignores the first {least_lines - 1} lines of a text"
    return [
        f"{empty:,} of {texts:,} train texts ({empty / texts:.0%}) have no feature, so the model "
        f"cannot see them. {reason}. Use a recipe that reads your texts."
    ]


def accuracy_warnings(accuracy: float, counts: Mapping[int, int], inputs: str) -> list[str]:
    """Return a warning unless a model is clearly better than predicting the largest class.

    `counts` has the number of test examples of each label.
    """
    largest = LargestClass.of(counts.values())
    if largest.is_beaten_by(accuracy):
        return []
    return [
        "the model is not clearly better than always predicting the largest class: its accuracy "
        f"is {accuracy:.4f}, and the largest class makes up {largest.accuracy:.0%} of the "
        f"{largest.examples:,} test {inputs}. Check the labels, or use another recipe or more data."
    ]


def pruning_warnings(
    kept: int, features: int, changed: float, max_mb: float, needed_mb: float
) -> list[str]:
    """Return a warning if a smaller model gives many of its train texts other labels.

    `kept` of the `features` are left in it, and `changed` is the share of the texts.
    """
    if changed <= _CHANGED_SHARE:
        return []
    return [
        f"the model keeps {kept:,} of {features:,} features in {max_mb:g} MB, which gives "
        f"{changed:.0%} of the train texts another label. For a better and larger model, pass "
        f"--set max_mb={min(math.ceil(needed_mb), 1000)}, or merge classes."
    ]


class Suspect(NamedTuple):
    """A row of the train channel, from 1, its label, the predicted one, and how probable it is.

    The probability is that of the label in the channel.
    """

    row: int
    label: str
    predicted: str
    probability: float


def find_suspects(
    labels: Sequence[int], probabilities: np.ndarray, label_names: Sequence[str]
) -> list[Suspect]:
    """Return the rows with the least probable labels, the least probable first.

    `probabilities` (n, k) are those by models that were not fitted on the row. Rows whose label is
    the most probable one are no suspects. There are at most 1,000 of them, and at most 1% of the
    rows, or 10 if that is more, unless more rows have another label with a probability of 0.9.
    """
    own = probabilities[np.arange(len(labels)), labels]
    largest = probabilities.max(axis=1)
    wrong = own < largest
    sure = int((wrong & (largest >= _SURE)).sum())
    count = min(_MOST, max(_FEWEST, sure, int(_SHARE * len(labels))))
    order = np.argsort(own, kind="stable")
    return [
        Suspect(
            row + 1,
            label_names[labels[row]],
            label_names[int(probabilities[row].argmax())],
            round(float(own[row]), 6),
        )
        for row in order[wrong[order]][:count].tolist()
    ]


def write_suspects(suspects: Sequence[Suspect], folder: Path) -> None:
    """Write suspects.csv, which has no texts, into the output data folder."""
    write_rows(folder / SUSPECTS, [Suspect._fields, *suspects])
