"""One post at a time through both endpoints, in turn: latency, and how often each is right."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.endpoints import Endpoints

_ROUNDS = 3
_STEP = 10  # every tenth test post is asked
_BLOCK = 50  # posts in a row to one endpoint, then to the other: each finds its caches as in use
_WARM_UP = 40  # requests, so that every worker has loaded its model


def rows(found: Endpoints) -> list[dict[str, Any]]:
    """Return one row: the usual way's median latency over ours, round by round."""
    runtime = found.client("sagemaker-runtime")
    posts, groups = found.posts[::_STEP], found.groups[::_STEP]
    asks: tuple[Callable[[Any, str], str], ...] = (found.ask_ours, found.ask_usual)
    for ask in asks:
        for post in posts[:_WARM_UP]:
            ask(runtime, post)
    seconds: tuple[list[float], list[float]] = ([], [])
    right = [0, 0]
    ratios = []
    for _ in range(_ROUNDS):
        taken: tuple[list[float], list[float]] = ([], [])
        for start in range(0, len(posts), _BLOCK):
            for side, ask in enumerate(asks):
                block = zip(posts[start:][:_BLOCK], groups[start:][:_BLOCK], strict=True)
                for post, group in block:
                    began = time.perf_counter()
                    label = ask(runtime, post)
                    taken[side].append(time.perf_counter() - began)
                    right[side] += label == group
        ratios.append(statistics.median(taken[1]) / statistics.median(taken[0]))
        for side in (0, 1):
            seconds[side].extend(taken[side])
    asked = _ROUNDS * len(posts)
    return [
        {
            "what": "one post through an endpoint",
            "against": "a vectorizer made for each request, no IDF, no cleaning",
            "data": "20 Newsgroups (bydate)",
            "times slower than ours": f"{statistics.median(ratios):.1f} "
            f"({min(ratios):.1f} to {max(ratios):.1f})",
            "median": statistics.median(ratios),
            "theirs": _figures(seconds[1], right[1] / asked),
            "ours": _figures(seconds[0], right[0] / asked),
        }
    ]


def _figures(seconds: list[float], accuracy: float) -> str:
    percentile = statistics.quantiles(seconds, n=100)[98]
    return (
        f"median {statistics.median(seconds) * 1e3:.1f} ms, 99th percentile "
        f"{percentile * 1e3:.1f} ms, accuracy {accuracy:.3f} on {len(seconds) // _ROUNDS} posts"
    )
