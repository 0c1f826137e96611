"""The metrics of a classifier, with the names under which training prints and stores them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from newsgroup_classifier.evaluation.ranking import Ranking, rank_classes

Integers = Sequence[int] | np.ndarray


@dataclass(frozen=True)
class Scores:
    """True and predicted labels (n) and probabilities (n, k) of n test examples.

    `inputs` is the kind of the examples: texts or images. If they are a sample of the test channel,
    `rows` are their numbers in it, from 0, and `all_pairs` is the confusion matrix of all its rows.
    """

    labels: Sequence[int]
    predicted: Sequence[int]
    probabilities: np.ndarray
    label_names: tuple[str, ...]
    inputs: str = "texts"
    rows: Sequence[int] = ()
    all_pairs: np.ndarray | None = None

    def confusion(self) -> np.ndarray:
        """Return the number of rows of the test channel by true and predicted label (k, k)."""
        if self.all_pairs is not None:
            return self.all_pairs
        numbers = range(len(self.label_names))
        return np.asarray(confusion_matrix(self.labels, self.predicted, labels=numbers))

    @property
    def valid(self) -> np.ndarray:
        """Whether the probabilities of each test example are numbers: bool (n)."""
        return np.asarray(np.isfinite(self.probabilities).all(axis=1))

    @property
    def confidence(self) -> np.ndarray:
        """The probability of each predicted label (n).

        It may not be the largest one, because predict() may choose a label by something else.
        """
        return np.asarray(self.probabilities[np.arange(len(self.predicted)), self.predicted])

    @property
    def right(self) -> np.ndarray:
        """Whether each predicted label is the true one: bool (n)."""
        return np.equal(self.labels, self.predicted)

    @cached_property
    def rankings(self) -> dict[int, Ranking]:
        """The curves of each class against the rest, over the valid examples, by label."""
        valid = self.valid
        return rank_classes(np.asarray(self.labels, int)[valid], self.probabilities[valid])


def classification_metrics(
    labels: Integers, predicted: Integers, counts: Integers | None = None
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


def metrics_of_pairs(confusion: np.ndarray) -> dict[str, float]:
    """Return the metrics of a confusion matrix (k, k), whose rows are true labels."""
    true, guesses = np.nonzero(confusion)
    return classification_metrics(true, guesses, confusion[true, guesses])
