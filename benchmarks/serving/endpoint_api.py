"""Posts through the HTTP API in front of an endpoint, and to the endpoint itself."""

import http.client
import json
import statistics
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from benchmarks.account import client, invoke, trained
from benchmarks.measure import row, spread, timed
from newsgroup_classifier.datasets.newsgroups import load_newsgroups

RECIPE = "newsgroups-naive-bayes"
_ROUNDS, _CALLS = 5, 200
_JSON = "application/json"
# The API must not throttle the measurement.
_LIMITS = ("--rate", "10000", "--burst", "5000")
Way = Callable[[bytes], bytes]


def rows() -> list[dict[str, Any]]:
    """Return a row per size of a request: the time of a direct call divided by that of the API."""
    posts = load_newsgroups().test["data"].tolist()
    with trained(RECIPE) as ours:
        deployed, runtime = ours.deploy("--with-api", *_LIMITS), client("sagemaker-runtime")
        direct = partial(invoke, runtime, deployed["endpoint_name"], content_type=_JSON)
        address = urlsplit(deployed["api_url"])
        with closing(http.client.HTTPConnection(address.netloc)) as connection:

            def through_api(body: bytes) -> bytes:
                connection.request("POST", f"{address.path}/predict", body, {"content-type": _JSON})
                return connection.getresponse().read()

            return [_row((direct, through_api), posts, size) for size in (1, 100)]


def _row(ways: tuple[Way, Way], posts: list[str], size: int) -> dict[str, Any]:
    """Return the row of a size of requests, whose responses must be equal on both ways."""
    bodies = [
        json.dumps({"instances": posts[start : start + size]}).encode()
        for start in range(0, len(posts), len(posts) // (_CALLS // size + 1))
    ]
    for body in bodies[:10]:
        direct, through_api = (json.loads(way(body)) for way in ways)
        if direct != through_api:
            raise AssertionError("the API and the endpoint returned different predictions")
    ratios: list[float] = []
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        taken = [[timed(partial(way, body))[0] for way in ways] for body in bodies]
        rounds = list(zip(*taken, strict=True))
        ratios.append(statistics.median(rounds[0]) / statistics.median(rounds[1]))
        for times, more in zip(seconds, rounds, strict=True):
            times.extend(more)
    before, after = (statistics.median(times) * 1e3 for times in seconds)
    what = "one post" if size == 1 else f"{size} posts"
    return row(
        f"{what} through the HTTP API in front of an endpoint",
        "a direct call of the endpoint with boto3",
        "20 Newsgroups (bydate)",
        spread(ratios),
        (f"median {before:.1f} ms", f"median {after:.1f} ms, {after - before:.1f} ms more"),
    )
