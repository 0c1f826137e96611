"""The suspects: rows of the train channel whose labels are probably wrong."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from newsgroup_classifier.csv_files import write_rows

SUSPECTS = "suspects.csv"
_FEWEST, _SHARE, _MOST = 10, 0.01, 1000  # of the rows
_SURE = 0.9  # the probability of another label from which a row is listed beyond the share


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
