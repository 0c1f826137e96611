"""Train with a report and without one, in turns: what a report costs a job.

    python -m benchmarks report

Both jobs draw the same plots. The cost is the CPU time of the training process.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import process_cost, row, spread
from newsgroup_classifier.channels.texts import TEST_FILE, TRAIN_FILE, write_channel
from newsgroup_classifier.datasets.newsgroups import load_newsgroups

_REPEATS = 5
_PROGRAM = "newsgroup_classifier.training.train_sklearn"
_RECIPE = "newsgroups-naive-bayes"


def rows() -> list[dict[str, Any]]:
    """Return one row: the CPU time with the report divided by that without it."""
    dataset, ratios = load_newsgroups(), []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        for channel, file in (("train", TRAIN_FILE), ("test", TEST_FILE)):
            (folder / channel).mkdir()
            write_channel(getattr(dataset, channel), folder / channel / file)
        for repeat in range(_REPEATS):
            order = ("yes", "no") if repeat % 2 else ("no", "yes")
            seconds = {report: _seconds(folder, report) for report in order}
            ratios.append(seconds["yes"] / seconds["no"])
    what, against = "training without a report", "the same with one (CPU time)"
    return [row(what, against, f"{_RECIPE}, 20 Newsgroups (bydate)", spread(ratios))]


def _seconds(folder: Path, report: str) -> float:
    variables = {
        "SM_CHANNEL_TRAIN": str(folder / "train"),
        "SM_CHANNEL_TEST": str(folder / "test"),
        "SM_MODEL_DIR": str(folder / report / "model"),
        "SM_OUTPUT_DATA_DIR": str(folder / report / "data"),
    }
    command = [sys.executable, "-m", _PROGRAM, "--recipe", _RECIPE, "--report", report]
    return process_cost(command, variables)[0]
