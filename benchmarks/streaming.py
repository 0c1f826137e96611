"""Train from pipes on corpora of three sizes: peak memory, and the cost per post.

    python -m benchmarks.streaming              (20,000 and 200,000 posts)
    python -m benchmarks.streaming --largest    (also 2 million: about 8 minutes more)

Posts are generated while they are read, so neither disk nor memory holds them. The cost is the CPU
time of the training process minus that of a job on a few posts, which covers startup and plots.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import write_corpus
from benchmarks.measure import process_cost, row, spread

SIZES, LARGEST = (20_000, 200_000), 2_000_000
MOST_MEGABYTES = 1000
_FEW, _TEST_POSTS = 500, 2_000
_PASSES = 2
_PROGRAM = "newsgroup_classifier.training.train_sklearn"
_CONFIG = {name: {"TrainingInputMode": "Pipe"} for name in ("train", "test")}


@dataclass(frozen=True)
class Job:
    """The resources that training on a number of posts took."""

    posts: int
    cpu_seconds: float
    peak_megabytes: float
    accuracy: float


def run_job(posts: int, recipe: str = "newsgroups-naive-bayes", *flags: str) -> Job:
    """Train in a process whose channels come through pipes."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        places = {name: Path(folder, name) for name in ("train", "test", "model", "data")}
        for name, count, seed in (("train", posts, 0), ("test", _TEST_POSTS, 1)):
            _start_pipes(places[name], count, seed)
        command = [sys.executable, "-m", _PROGRAM, "--recipe", recipe, "--reading", "stream"]
        variables = {
            "SM_INPUT_DATA_CONFIG": json.dumps(_CONFIG),
            "SM_CHANNEL_TRAIN": str(places["train"]),
            "SM_CHANNEL_TEST": str(places["test"]),
            "SM_MODEL_DIR": str(places["model"]),
            "SM_OUTPUT_DATA_DIR": str(places["data"]),
        }
        seconds, megabytes = process_cost([*command, *flags], variables)
        metrics = json.loads((places["data"] / "metrics.json").read_text(encoding="utf-8"))
    return Job(posts, seconds, megabytes, metrics["accuracy"])


def _start_pipes(base: Path, posts: int, seed: int) -> None:
    """Create the pipes of a channel, and write the same corpus to one after another."""
    pipes = [base.with_name(f"{base.name}_{number}") for number in range(_PASSES)]
    for pipe in pipes:
        os.mkfifo(pipe)

    def feed() -> None:
        for pipe in pipes:
            with pipe.open("w", encoding="utf-8") as file:
                write_corpus(posts, file, seed)

    threading.Thread(target=feed, daemon=True).start()  # the job may end early


def measure(sizes: Sequence[int] = SIZES) -> list[dict[str, Any]]:
    """Return the cost per post and the peak memory at each size; raise if it is too high."""
    start = run_job(_FEW)
    lines = []
    for posts in sizes:
        job = run_job(posts)
        if job.peak_megabytes > MOST_MEGABYTES:
            raise AssertionError(f"{job.peak_megabytes:.0f} MB at {posts} posts")
        cost = (job.cpu_seconds - start.cpu_seconds) / (posts - _FEW)
        lines.append({**asdict(job), "microseconds per post": 1e6 * cost})
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def rows(sizes: Sequence[int] = (*SIZES, LARGEST)) -> list[dict[str, Any]]:
    """Return a row per larger corpus: its cost per post divided by that of the smallest."""
    smallest, *larger = measure(sizes)
    what, cost = f"one of {smallest['posts']:,} streamed posts, one run", "microseconds per post"
    return [
        row(
            what,
            f"one of {job['posts']:,}",
            "generated corpus",
            spread([job[cost] / smallest[cost]]),
            (_figures(job), _figures(smallest)),
        )
        for job in larger
    ]


def _figures(job: dict[str, Any]) -> str:
    return f"{job['microseconds per post']:.0f} µs of CPU, peak {job['peak_megabytes']:.0f} MB"


def main() -> int:
    """Measure, and print the results as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", action="store_true", help=f"also measure {LARGEST:,} posts")
    arguments = parser.parse_args()
    sizes = (*SIZES, LARGEST) if arguments.largest else SIZES
    print(json.dumps(measure(sizes), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
