"""Send one post at a time to two endpoints, in turns: latency and accuracy."""

import json
import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from benchmarks.account import client, invoke, trained
from benchmarks.baseline import deployment
from benchmarks.measure import row, spread, timed
from newsgroup_classifier.datasets.newsgroups import load_newsgroups

_ROUNDS = 3
_STEP = 10  # every tenth test post is sent
_BLOCK = 50  # posts in a row to one endpoint, then to the other, so that caches are warm
_CLIENTS, _WARM_UP = 8, 10  # concurrent clients, and requests per client
Predict = Callable[[Any, str], str]  # sends one post with a client


def rows() -> list[dict[str, Any]]:
    """Return one row: the baseline's median latency divided by ours."""
    dataset = load_newsgroups()
    with trained("newsgroups-naive-bayes") as made:
        ours = made.deploy()["endpoint_name"]
        deployment.deploy(made, dataset)

        def predict(runtime: Any, post: str) -> str:
            label: str = json.loads(invoke(runtime, ours, post.encode()))["predictions"][0]["label"]
            return label

        posts, groups = (dataset.test[name].tolist()[::_STEP] for name in ("data", "label_names"))
        return [_compare((predict, _predict_baseline), posts, groups)]


def _predict_baseline(runtime: Any, post: str) -> str:
    return invoke(runtime, deployment.NAME, post.encode(), "text/csv").decode()


def _compare(
    functions: tuple[Predict, Predict], posts: list[str], groups: list[str]
) -> dict[str, Any]:
    """Return the row of our function and the baseline's, round by round."""
    runtime = client("sagemaker-runtime")
    for predict in functions:
        _warm_up(predict, posts)
    seconds: tuple[list[float], list[float]] = ([], [])
    right = [0, 0]
    ratios = []
    for _ in range(_ROUNDS):
        taken: tuple[list[float], list[float]] = ([], [])
        for start in range(0, len(posts), _BLOCK):
            for side, predict in enumerate(functions):
                block = zip(posts[start:][:_BLOCK], groups[start:][:_BLOCK], strict=True)
                for post, group in block:
                    duration, label = timed(partial(predict, runtime, post))
                    taken[side].append(duration)
                    right[side] += label == group
        ratios.append(statistics.median(taken[1]) / statistics.median(taken[0]))
        for side in (0, 1):
            seconds[side].extend(taken[side])
    ours, baseline = (_figures(seconds[side], right[side]) for side in (0, 1))
    return row(
        "one post through an endpoint",
        "a vectorizer created for each request, no IDF, no cleaning",
        "20 Newsgroups (bydate)",
        spread(ratios),
        (baseline, ours),
    )


def _warm_up(predict: Predict, posts: list[str]) -> None:
    """Send requests from several concurrent clients, so that every worker has loaded its model."""
    with ThreadPoolExecutor(max_workers=_CLIENTS) as pool:
        clients = [client("sagemaker-runtime") for _ in range(_CLIENTS)]
        list(pool.map(predict, clients * _WARM_UP, posts[: _CLIENTS * _WARM_UP]))


def _figures(seconds: list[float], right: int) -> str:
    percentile = statistics.quantiles(seconds, n=100)[98]
    return (
        f"median {statistics.median(seconds) * 1e3:.1f} ms, 99th percentile "
        f"{percentile * 1e3:.1f} ms, accuracy {right / len(seconds):.3f} on "
        f"{len(seconds) // _ROUNDS} posts"
    )
