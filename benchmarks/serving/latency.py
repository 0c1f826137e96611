"""One post at a time through both endpoints, in turn: latency, and how often each is right."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.measure import figures, spread
from benchmarks.serving.endpoints import Endpoints

_ROUNDS = 3
_STEP = 10  # every tenth test post is asked
_BLOCK = 50  # posts in a row to one endpoint, then to the other: each finds its caches as in use
_CLIENTS, _WARM_UP = 8, 10  # at once, and requests of each


def rows(found: Endpoints) -> list[dict[str, Any]]:
    """Return one row: the usual way's median latency over ours, round by round."""
    runtime = found.client("sagemaker-runtime")
    posts, groups = found.posts[::_STEP], found.groups[::_STEP]
    asks: tuple[Callable[[Any, str], str], ...] = (found.ask_ours, found.ask_usual)
    for ask in asks:
        _warm_up(found, ask, posts)
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
            **figures(spread(ratios)),
            "theirs": _figures(seconds[1], right[1] / asked),
            "ours": _figures(seconds[0], right[0] / asked),
        }
    ]


def _warm_up(found: Endpoints, ask: Callable[[Any, str], str], posts: list[str]) -> None:
    """Ask from several clients at once, so that every worker has loaded its model."""
    with ThreadPoolExecutor(max_workers=_CLIENTS) as pool:
        clients = [found.client("sagemaker-runtime") for _ in range(_CLIENTS)]
        list(pool.map(ask, clients * _WARM_UP, posts[: _CLIENTS * _WARM_UP]))


def _figures(seconds: list[float], accuracy: float) -> str:
    percentile = statistics.quantiles(seconds, n=100)[98]
    return (
        f"median {statistics.median(seconds) * 1e3:.1f} ms, 99th percentile "
        f"{percentile * 1e3:.1f} ms, accuracy {accuracy:.3f} on {len(seconds) // _ROUNDS} posts"
    )
