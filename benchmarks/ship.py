"""Ship a file of 200 rows to an endpoint and to a function of a new account, three times.

    python -m benchmarks ship

Each time the local AWS is new. Its start and the installation of the foundation are included.
"""

import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import account
from benchmarks.measure import row, spread
from newsgroup_classifier.datasets.spooky import load_spooky
from scripts.account.local_aws import local_aws

LIMIT = 60.0  # seconds
_ROWS, _REPEATS = 200, 3


def write_rows(path: Path) -> None:
    """Write the first rows of the Spooky train channel as a CSV file with two columns."""
    train = load_spooky().train.head(_ROWS)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "author"))
        writer.writerows(zip(train["data"], train["label_names"], strict=True))


def rows() -> list[dict[str, Any]]:
    """Return one row: the limit divided by the seconds of the whole command."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        path = Path(folder, "authors.csv")
        write_rows(path)
        seconds = [_ship(path) for _ in range(_REPEATS)]
    taken = spread([LIMIT / each for each in seconds])
    what = f"ship {_ROWS} rows to an endpoint and a function of a new account"
    sides = f"{LIMIT:.0f} s", f"median {LIMIT / taken.median:.0f} s"
    return [row(what, "the limit", "Spooky", taken, sides)]


def _ship(path: Path) -> float:
    """Return the seconds from the start of the local AWS until endpoint and function answer."""
    began = time.monotonic()
    with local_aws() as url:
        os.environ["AWS_ENDPOINT_URL"] = url
        shipped = account.script("ship", str(path), "--target", "both", "--yes")
        seconds = time.monotonic() - began
    for step in ("invoke", "lambda_invoke"):
        if not shipped["steps"][step]["predictions"]:
            raise AssertionError(f"{step} answered without a prediction")
    return seconds
