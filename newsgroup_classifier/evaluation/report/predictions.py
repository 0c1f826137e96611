"""predictions.csv: the label and the prediction of each test row, without texts."""

from pathlib import Path

from newsgroup_classifier.csv_files import read_rows, write_rows
from newsgroup_classifier.evaluation.report import PREDICTIONS
from newsgroup_classifier.evaluation.report.evidence import Evidence

COLUMNS = ("row", "label", "predicted", "probability")


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
