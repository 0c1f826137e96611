"""Clean both splits and train, as the tutorials do and as the recipe does.

python -m benchmarks.training   (our side, in its own process; `make bench` compares)
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from scipy.sparse import load_npz, save_npz

from benchmarks.measure import figures, spread
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recipes.newsgroups_naive_bayes import NAIVE_BAYES

_REPEATS = 3
_TOLERANCE = 1e-12
_OURS, _BASELINE = "benchmarks.training", "benchmarks.baseline.newsgroups"


def rows() -> list[dict[str, Any]]:
    """Return one row: the baseline's seconds divided by ours, each in its own process.

    It needs the real posts and NLTK's tokenizer, both from DATASETS_DIR.
    """
    ratios = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        matrices = [Path(folder) / name for name in ("ours.npz", "baseline.npz")]
        for _ in range(_REPEATS):
            ours = _run(_OURS, matrices[0])
            baseline = _run(_BASELINE, matrices[1])
            ratios.append(baseline["seconds"] / ours["seconds"])
        difference = abs(load_npz(matrices[0]) - load_npz(matrices[1])).max()
    if difference > _TOLERANCE:
        raise AssertionError(f"the two matrices differ by {difference}")
    return [
        {
            "measurement": "cleaning both splits and training",
            "compared with": "data frames, regular expressions, word_tokenize",
            "data": "20 Newsgroups (bydate)",
            **figures(spread(ratios)),
        }
    ]


def _run(module: str, matrix: Path) -> dict[str, float]:
    command = [sys.executable, "-m", module, "--matrix", str(matrix)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(finished.stdout)
    return result


def main() -> int:
    """Print the seconds of our cleaning and training, without loading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrix", type=Path, required=True, help="file for the matrix")
    arguments = parser.parse_args()
    dataset = load_newsgroups()
    train, test = dataset.train["data"].tolist(), dataset.test["data"].tolist()
    labels = dataset.train["label"].tolist()
    pipeline = NAIVE_BAYES.build(NAIVE_BAYES.defaults)
    began = time.perf_counter()
    matrix = pipeline[:-1].fit_transform(train)
    pipeline[-1].fit(matrix, labels)
    pipeline[:-1].transform(test)
    seconds = time.perf_counter() - began
    save_npz(arguments.matrix, matrix)
    print(json.dumps({"seconds": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
