"""The metrics of a classifier, with the names under which training prints and stores them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, precision_recall_fscore_support


@dataclass(frozen=True)
class Scores:
    """True and predicted labels (n) and probabilities (n, k) of n test examples.

    `inputs` is the kind of the examples: texts or images. `rows` are their numbers in the test
    channel, from 0, if they are a sample of it.
    """

    labels: Sequence[int]
    predicted: Sequence[int]
    probabilities: np.ndarray
    label_names: tuple[str, ...]
    inputs: str = "texts"
    rows: Sequence[int] = ()


def classification_metrics(
    labels: Sequence[int], predicted: Sequence[int], counts: Sequence[int] | None = None
) -> dict[str, float]:
    """Return accuracy and the macro and weighted averages of precision, recall, and F1 (0 to 1).

    The precision of a class that was never predicted is 0. `counts` has the number of examples per
    pair of labels (by default 1).
    """
    metrics = {"accuracy": float(accuracy_score(labels, predicted, sample_weight=counts))}
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = precision_recall_fscore_support(
            labels, predicted, average=average, sample_weight=counts, zero_division=0
        )
        metrics |= {
            f"{average}_precision": float(precision),
            f"{average}_recall": float(recall),
            f"{average}_f1": float(f1),
        }
    return metrics
