"""predictions.csv: the label and the prediction of each test row, without texts.

A label that a spreadsheet would run as a formula has an apostrophe before it, and so has a label
that begins with an apostrophe, so that reading gives the labels that were written.
"""

import csv
import io
from pathlib import Path

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.evaluation.report.evidence import Evidence

PREDICTIONS = "predictions.csv"
COLUMNS = ("row", "label", "predicted", "probability")
_MARK = "'"
_MARKED = ("=", "+", "-", "@", "\t", "\r", _MARK)


def write_predictions(evidence: Evidence, path: Path) -> None:
    """Write a row per test example, or per example of the sample of a stream."""
    scores = evidence.scores
    names = [_MARK * name.startswith(_MARKED) + name for name in scores.label_names]
    with atomic_write(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        # With fewer quotes, a lone carriage return would not be quoted.
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow(COLUMNS)
        pairs = zip(scores.labels, scores.predicted, strict=True)
        for number, (label, guess) in enumerate(pairs):
            probability = float(f"{scores.probabilities[number, guess]:.6g}")
            writer.writerow((evidence.row(number), names[label], names[guess], probability))


def read_predictions(content: bytes) -> dict[int, tuple[str, str]]:
    """Return the label and the predicted one by row, from 1; raise ValueError if it is broken."""
    try:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        if tuple(header) != COLUMNS:
            raise ValueError(f"columns other than {', '.join(COLUMNS)}")
        return {
            int(row): (label.removeprefix(_MARK), predicted.removeprefix(_MARK))
            for row, label, predicted, _ in rows
        }
    except (csv.Error, ValueError) as error:
        raise ValueError(f"{PREDICTIONS} is broken") from error
