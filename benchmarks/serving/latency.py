"""Send one post at a time to both endpoints, in turns: latency and accuracy."""

import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from benchmarks.account import client
from benchmarks.measure import row, spread, timed
from benchmarks.serving.endpoints import Endpoints

_ROUNDS = 3
_STEP = 10  # every tenth test post is sent
_BLOCK = 50  # posts in a row to one endpoint, then to the other, so that caches are warm
_CLIENTS, _WARM_UP = 8, 10  # concurrent clients, and requests per client


def rows(endpoints: Endpoints) -> list[dict[str, Any]]:
    """Return one row: the baseline's median latency divided by ours, round by round."""
    runtime = client("sagemaker-runtime")
    posts, groups = endpoints.posts[::_STEP], endpoints.groups[::_STEP]
    invocations: tuple[Callable[[Any, str], str], ...] = (
        endpoints.invoke_ours,
        endpoints.invoke_baseline,
    )
    for invoke in invocations:
        _warm_up(invoke, posts)
    seconds: tuple[list[float], list[float]] = ([], [])
    right = [0, 0]
    ratios = []
    for _ in range(_ROUNDS):
        taken: tuple[list[float], list[float]] = ([], [])
        for start in range(0, len(posts), _BLOCK):
            for side, invoke in enumerate(invocations):
                block = zip(posts[start:][:_BLOCK], groups[start:][:_BLOCK], strict=True)
                for post, group in block:
                    duration, label = timed(partial(invoke, runtime, post))
                    taken[side].append(duration)
                    right[side] += label == group
        ratios.append(statistics.median(taken[1]) / statistics.median(taken[0]))
        for side in (0, 1):
            seconds[side].extend(taken[side])
    ours, baseline = (_figures(seconds[side], right[side]) for side in (0, 1))
    return [
        row(
            "one post through an endpoint",
            "a vectorizer created for each request, no IDF, no cleaning",
            "20 Newsgroups (bydate)",
            spread(ratios),
            (baseline, ours),
        )
    ]


def _warm_up(invoke: Callable[[Any, str], str], posts: list[str]) -> None:
    """Send requests from several concurrent clients, so that every worker has loaded its model."""
    with ThreadPoolExecutor(max_workers=_CLIENTS) as pool:
        clients = [client("sagemaker-runtime") for _ in range(_CLIENTS)]
        list(pool.map(invoke, clients * _WARM_UP, posts[: _CLIENTS * _WARM_UP]))


def _figures(seconds: list[float], right: int) -> str:
    percentile = statistics.quantiles(seconds, n=100)[98]
    return (
        f"median {statistics.median(seconds) * 1e3:.1f} ms, 99th percentile "
        f"{percentile * 1e3:.1f} ms, accuracy {right / len(seconds):.3f} on "
        f"{len(seconds) // _ROUNDS} posts"
    )
