"""Compare batch transform of all newsgroup posts, on one and two instances, with memory.

    python -m benchmarks transforms

Each container has one worker, so an instance gives each of them at most one core. Shares and the
equality of the outputs are checked, not only printed.
"""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.account import client, script, trained
from benchmarks.measure import row, spread, timed
from inference_pipeline import predict, preprocess
from newsgroup_classifier.datasets.newsgroups import load_newsgroups

RECIPE = "newsgroups-naive-bayes"
_FILES = 8
_REPEATS = 3
_GROUP = "/aws/sagemaker/TransformJobs"
_MARK = "local AWS: "


@dataclass(frozen=True)
class Timed:
    """One transform: outputs, seconds of the job and of the command, share of each instance."""

    outputs: dict[str, bytes]
    seconds: float
    with_start: float
    shares: tuple[int, ...]


def rows() -> list[dict[str, Any]]:
    """Return a transform's time over that of the model in memory, and over two instances'."""
    dataset = load_newsgroups()
    posts = [*dataset.train["data"], *dataset.test["data"]]
    with trained(RECIPE) as ours:
        model, files = str(ours.unpack_model()), ours.folder / "posts"
        write_posts(posts, files)
        taken = [_once(posts, model, files) for _ in range(_REPEATS)]
    return _rows(taken, len(posts), dataset.source)


def write_posts(posts: Sequence[str], folder: Path) -> None:
    """Write posts as JSON lines, into files of equal size."""
    folder.mkdir()
    for number in range(_FILES):
        part = posts[number * len(posts) // _FILES : (number + 1) * len(posts) // _FILES]
        lines = "".join(json.dumps(post) + "\n" for post in part)
        (folder / f"posts-{number}.jsonl").write_text(lines, encoding="utf-8")


def _once(posts: Sequence[str], model: str, files: Path) -> tuple[float, Timed, Timed]:
    """Return the seconds in memory, and the transforms on one and on two instances."""
    memory = _in_memory(posts, model)
    one, two = (transform(files, count) for count in (1, 2))
    if one.outputs != two.outputs or len(one.outputs) != _FILES:
        raise AssertionError("two instances wrote something different from one")
    if len(two.shares) != 2 or not all(two.shares) or sum(two.shares) != len(posts):
        raise AssertionError(f"the shares of two instances are {two.shares}")
    return memory, one, two


def _in_memory(posts: Sequence[str], model: str) -> float:
    """Return the seconds in which the model scores all posts on one core."""
    transformers, classifier = preprocess.model_fn(model), predict.model_fn(model)

    def score() -> Any:
        return predict.predict_fn(predict.Features(transformers.transform(posts)), classifier)

    seconds, predictions = timed(score)
    if len(predictions) != len(posts):
        raise AssertionError(f"{len(predictions)} predictions of {len(posts)} posts")
    return seconds


def transform(files: Path, instances: int) -> Timed:
    """Transform the files with one worker for each container."""
    where = ("--recipe", RECIPE, "--input", str(files), "--workers", "1")
    command = partial(script, "transform", *where, "--instance-count", str(instances))
    whole, result = timed(command)
    outputs, shares = _outputs(result["output"]), _shares(result["transform_job_name"])
    return Timed(outputs, result["job_seconds"], whole, shares)


def _outputs(uri: str) -> dict[str, bytes]:
    s3 = client("s3")
    bucket, root = uri.removeprefix("s3://").split("/", 1)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=root)["Contents"]]
    return {
        key.removeprefix(root): s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys
    }


def _shares(job: str) -> tuple[int, ...]:
    """Return how many records each instance scored, according to its data log."""
    logs = client("logs")
    streams = logs.describe_log_streams(logGroupName=_GROUP, logStreamNamePrefix=f"{job}/")
    names = [item["logStreamName"] for item in streams["logStreams"]]
    shares = []
    for name in (name for name in names if name.endswith("/data-log")):
        page = logs.get_log_events(logGroupName=_GROUP, logStreamName=name, startFromHead=True)
        lines = [event["message"] for event in page["events"]]
        done = [line.rpartition(": ")[2] for line in lines if line.startswith(_MARK)]
        shares.append(sum(int(text.split()[0]) for text in done))
    return tuple(shares)


def _rate(posts: int, seconds: Sequence[float]) -> str:
    return f"{posts / statistics.median(seconds):,.0f} posts per second"


def _rows(
    taken: Sequence[tuple[float, Timed, Timed]], posts: int, source: str
) -> list[dict[str, Any]]:
    memory = _rate(posts, [seconds for seconds, _, _ in taken])
    one = _rate(posts, [job.seconds for _, job, _ in taken])
    shares = " and ".join(f"{share:,}" for share in taken[0][2].shares)
    what = f"transform of {posts:,} posts, 1 instance"
    return [
        row(
            "the model in memory, one core, all posts in one batch",
            f"{what} (limit: 3)",
            source,
            spread([job.seconds / seconds for seconds, job, _ in taken]),
            (one, memory),
        ),
        row(
            "transform on 2 instances, same bytes",
            f"{what}, one worker per container",
            source,
            spread([job.seconds / two.seconds for _, job, two in taken]),
            ("", f"shares of {shares} posts"),
        ),
        row(
            f"{what}, started containers",
            "with their start, the command and its count",
            source,
            spread([job.with_start / job.seconds for _, job, _ in taken]),
        ),
    ]
