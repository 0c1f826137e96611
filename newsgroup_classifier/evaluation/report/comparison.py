"""Compare runs on the same test rows: differences of metrics, and rows that changed sides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import binomtest

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.evaluation.report.evidence import read_predictions

FORMAT = 1  # of report.json
METRICS = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "weighted_f1")
Predictions = Mapping[int, tuple[str, str]]  # the label and the predicted one by row


@dataclass(frozen=True)
class Run:
    """A training job: its name, the figures of its report, and its predictions."""

    name: str
    figures: Mapping[str, Any]
    predictions: Predictions

    def metric(self, name: str) -> float:
        """Return a headline metric."""
        return float(self.figures["metrics"][name]["value"])


@dataclass(frozen=True)
class Comparison:
    """A run compared with the first one on the rows that both have.

    `only_first` and `only_second` are the rows, from 1, that only one of both classified correctly.
    `p_value` is that of McNemar's exact test: how likely a split of these rows at least as uneven
    is if both runs are equally good.
    """

    first: Run
    second: Run
    rows: int
    only_first: list[int]
    only_second: list[int]
    p_value: float

    @property
    def differences(self) -> dict[str, float]:
        """The metrics of the second run less those of the first."""
        return {name: self.second.metric(name) - self.first.metric(name) for name in METRICS}


def evenly(rows: Sequence[int], most: int) -> list[int]:
    """Return at most so many of some rows, at even distances, since channels may be sorted."""
    count = min(len(rows), most)
    return [rows[place * len(rows) // count] for place in range(count)]


def parse_run(name: str, figures: bytes, predictions: bytes) -> Run:
    """Return a run by the content of its files; raise ValueError if they are of other code."""
    content = json.loads(figures)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"report.json does not have the format {FORMAT}")
    return Run(name, content, read_predictions(predictions))


def check_comparable(runs: Sequence[Run]) -> None:
    """Raise DataError unless all runs were tested on the same channel."""
    first = runs[0]
    for run in runs:
        digest = run.figures["data"]["test"]["sha256"]
        if not digest:
            raise DataError(
                f"job {run.name} read its test channel through pipes, so its content is unknown; "
                "compare jobs with the input mode File"
            )
        if digest != first.figures["data"]["test"]["sha256"]:
            raise DataError(
                f"the test channels of {first.name} and {run.name} differ; compare jobs that were "
                "tested on the same data"
            )


def compare(first: Run, second: Run) -> Comparison:
    """Compare two runs on the rows that both have.

    Source: McNemar (1947), "Note on the sampling error of the difference between correlated
    proportions or percentages"; the exact binomial form.
    """
    rows = first.predictions.keys() & second.predictions.keys()
    rights = [
        {row for row in rows if len(set(run.predictions[row])) == 1} for run in (first, second)
    ]
    only_first, only_second = sorted(rights[0] - rights[1]), sorted(rights[1] - rights[0])
    split = len(only_first) + len(only_second)
    p_value = float(binomtest(len(only_first), split, 0.5).pvalue) if split else 1.0
    return Comparison(first, second, len(rows), only_first, only_second, p_value)
