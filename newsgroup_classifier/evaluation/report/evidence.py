"""What a report shows: scores and what is known about the training; and predictions.csv.

That file has the label and the prediction of each test row, without texts.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.csv_files import read_rows, write_rows
from newsgroup_classifier.evaluation.metrics import Scores
from newsgroup_classifier.evaluation.report import PREDICTIONS
from newsgroup_classifier.explanations.explanation import Explanation

WORDS = 5  # of the explanation of a mistake
COLUMNS = ("row", "label", "predicted", "probability")  # of predictions.csv
Explain = Callable[[Sequence[str], Sequence[int]], list[Explanation]]


@dataclass(frozen=True)
class Evidence:
    """What a report shows, apart from the origin of the model.

    Attributes:
        scores: the labels and probabilities of the test examples.
        train_labels: the number of train examples of each label.
        texts: the texts of the test examples, or none.
        images: the images of the test examples, uint8 (n, 28, 28), or None.
        is_ink: whether they are light ink on black, which a report shows dark on white.
        lengths: the characters of the texts of each channel.
        words: how many train texts of each label have a word, by label.
        sizes: the accuracy on the test examples by the number of train examples.
        no_sizes: why there are none.
        history: the metrics of each epoch, and `saved`, the number of the epoch that is used.
        suspects: rows of the train channel that probably have a wrong label.
        explain: returns the words that matter most for labels (their numbers) of texts.
        is_exact: whether explanations are exact, for which a text of any length is read once.
        cloud: the word cloud, a PNG.

    """

    scores: Scores
    train_labels: Counter[int]
    texts: Sequence[str] = ()
    images: np.ndarray | None = None
    is_ink: bool = True
    lengths: Mapping[str, Sequence[int]] = field(default_factory=dict)
    words: Sequence[Mapping[str, int]] = ()
    sizes: Mapping[int, float] = field(default_factory=dict)
    no_sizes: str = ""
    history: Sequence[Mapping[str, float]] = ()
    saved: int = 0
    suspects: Sequence[Any] = ()
    explain: Explain | None = None
    is_exact: bool = False
    cloud: bytes = b""

    def answers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the confidence of each valid prediction, and whether it is right (n each)."""
        valid = self.scores.valid
        return self.scores.confidence[valid], self.scores.right[valid]

    def row(self, number: int) -> int:
        """Return the number of a test example in its channel, from 1."""
        return int(self.scores.rows[number] if len(self.scores.rows) else number) + 1


def write_predictions(evidence: Evidence, path: Path) -> None:
    """Write a row per test example, or per example of the sample of a stream."""
    scores = evidence.scores
    rows: list[tuple[object, ...]] = [COLUMNS]
    columns = (scores.labels, scores.predicted, scores.confidence)
    for number, (label, guess, probability) in enumerate(zip(*columns, strict=True)):
        names = scores.label_names[label], scores.label_names[guess]
        rows.append((evidence.row(number), *names, float(f"{probability:.6g}")))
    write_rows(path, rows)


def read_predictions(content: bytes) -> dict[int, tuple[str, str]]:
    """Return the label and the predicted one by row, from 1; raise ValueError if it is broken."""
    return {row: (label, predicted) for row, label, predicted, _ in _read(content)}


def right_predictions(content: bytes) -> dict[int, tuple[str, float]]:
    """Return the label and its probability of the right predictions by row, or else of all."""
    rows = _read(content)
    right = [row for row in rows if row[1] == row[2]] or rows
    return {row: (predicted, probability) for row, _, predicted, probability in right}


def _read(content: bytes) -> list[tuple[int, str, str, float]]:
    try:
        header, *rows = read_rows(content)
        if tuple(header) != COLUMNS:
            raise ValueError(f"columns other than {', '.join(COLUMNS)}")
        return [
            (int(row), label, predicted, float(probability))
            for row, label, predicted, probability in rows
        ]
    except ValueError as error:
        raise ValueError(f"{PREDICTIONS} is broken") from error
