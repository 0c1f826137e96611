"""Measure many posts per request, and many concurrent clients."""

import json
import statistics
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.account import client, invoke
from benchmarks.measure import ratio, row, spread, timed
from benchmarks.serving.endpoints import Endpoints

_POSTS = 100
_CLIENTS, _REQUESTS = 8, 500
_ROUNDS = 3
_DATA = "20 Newsgroups (bydate)"


def rows(endpoints: Endpoints) -> list[dict[str, Any]]:
    """Return a row for 100 posts per request, and one for concurrent clients."""
    return [_many_posts(endpoints), _many_clients(endpoints)]


def _many_posts(endpoints: Endpoints) -> dict[str, Any]:
    runtime, posts = client("sagemaker-runtime"), endpoints.posts[:_POSTS]
    body = json.dumps({"instances": posts}).encode()

    def through_the_endpoint() -> list[Any]:
        response = invoke(runtime, endpoints.ours, body, "application/json")
        labels: list[Any] = json.loads(response)["predictions"]
        return labels

    taken = ratio(through_the_endpoint, lambda: endpoints.predict(posts))
    what = f"{_POSTS} posts in one request, boto3 and JSON included"
    return row(what, "the model in memory, in this process", _DATA, taken)


def _many_clients(endpoints: Endpoints) -> dict[str, Any]:
    """Send each post from several concurrent clients; compare every response with the model's."""
    posts = endpoints.posts[:_REQUESTS]
    expected = [prediction.label for prediction in endpoints.predict(posts)]

    def invoke_all(_: int) -> int:
        runtime = client("sagemaker-runtime")
        return sum(
            endpoints.invoke_ours(runtime, post) == label
            for post, label in zip(posts, expected, strict=True)
        )

    def correct_of(clients: int) -> int:
        with ThreadPoolExecutor(max_workers=clients) as pool:
            return sum(pool.map(invoke_all, range(clients)))

    ratios, rates = [], []
    count = _CLIENTS * _REQUESTS
    correct_of(_CLIENTS)  # every worker has loaded its model
    for _ in range(_ROUNDS):
        seconds_alone, alone = timed(lambda: correct_of(1))
        seconds_together, together = timed(lambda: correct_of(_CLIENTS))
        if (alone, together) != (_REQUESTS, count):
            raise AssertionError(f"{count - together} of {count} responses are not the model's")
        rates.append(count / seconds_together)
        ratios.append(rates[-1] / (_REQUESTS / seconds_alone))
    largest = max(process.memory_info().rss for process, _ in endpoints.processes()) / 2**20
    what = f"{_CLIENTS} concurrent clients, {_REQUESTS} posts each, all correct"
    rate = f"{statistics.median(rates):.0f} requests per second"
    sides = "", f"{rate}; the largest serving process has {largest:.0f} MB"
    return row(what, "the same requests from one client", _DATA, spread(ratios), sides)
