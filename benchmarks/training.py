"""Clean both splits and train, as the tutorials do and as the recipe does.

python -m benchmarks.training FILE   (our side, in its own process; `make bench` compares)
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from scipy.sparse import load_npz, save_npz

from benchmarks.account import run_module
from benchmarks.measure import row, spread
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recipes.newsgroups import NAIVE_BAYES

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
            ours = run_module(_OURS, str(matrices[0]))
            baseline = run_module(_BASELINE, str(matrices[1]))
            ratios.append(baseline["seconds"] / ours["seconds"])
        difference = abs(load_npz(matrices[0]) - load_npz(matrices[1])).max()
    if difference > _TOLERANCE:
        raise AssertionError(f"the two matrices differ by {difference}")
    against = "data frames, regular expressions, word_tokenize"
    what = "cleaning both splits and training"
    return [row(what, against, "20 Newsgroups (bydate)", spread(ratios))]


def main() -> None:
    """Print the seconds of our cleaning and training, without loading; save the matrix."""
    dataset = load_newsgroups()
    train, test = dataset.train["data"].tolist(), dataset.test["data"].tolist()
    labels = dataset.train["label"].tolist()
    pipeline = NAIVE_BAYES.build(NAIVE_BAYES.defaults)
    began = time.perf_counter()
    matrix = pipeline[:-1].fit_transform(train)
    pipeline[-1].fit(matrix, labels)
    pipeline[:-1].transform(test)
    seconds = time.perf_counter() - began
    save_npz(sys.argv[1], matrix)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
