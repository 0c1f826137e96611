"""Posts through the HTTP API in front of an endpoint, and to the endpoint itself."""

import http.client
import json
import os
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from benchmarks import account
from benchmarks.measure import figures, spread
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from scripts.account.local_aws import local_aws

RECIPE = "newsgroups-naive-bayes"
_ROUNDS, _CALLS = 5, 200
_JSON = "application/json"
# The API must not throttle the measurement.
_LIMITS = ("--rate", "10000", "--burst", "5000")


def rows() -> list[dict[str, Any]]:
    """Return a row per size of a request: the time of a direct call divided by that of the API."""
    posts = load_newsgroups().test["data"].tolist()
    with local_aws() as url:
        os.environ["AWS_ENDPOINT_URL"] = url
        account.script("setup")
        account.script("upload_data", "--recipe", RECIPE)
        account.script("train", "--recipe", RECIPE, "--approve")
        deployed = account.script("deploy", "--recipe", RECIPE, "--with-api", *_LIMITS)
        runtime = account.client("sagemaker-runtime")

        def direct(body: bytes) -> bytes:
            response = runtime.invoke_endpoint(
                EndpointName=deployed["endpoint_name"], ContentType=_JSON, Accept=_JSON, Body=body
            )
            return bytes(response["Body"].read())

        address = urlsplit(deployed["api_url"])
        with closing(http.client.HTTPConnection(address.netloc)) as connection:

            def through_api(body: bytes) -> bytes:
                connection.request("POST", f"{address.path}/predict", body, {"content-type": _JSON})
                return connection.getresponse().read()

            return [_row(direct, through_api, posts, size) for size in (1, 100)]


def _row(
    direct: Callable[[bytes], bytes],
    through_api: Callable[[bytes], bytes],
    posts: list[str],
    size: int,
) -> dict[str, Any]:
    """Return the row of a size of requests, whose responses must be equal on both ways."""
    bodies = [
        json.dumps({"instances": posts[start : start + size]}).encode()
        for start in range(0, len(posts), len(posts) // (_CALLS // size + 1))
    ]
    ways = (direct, through_api)
    for body in bodies[:10]:
        if json.loads(direct(body)) != json.loads(through_api(body)):
            raise AssertionError("the API and the endpoint returned different predictions")
    ratios: list[float] = []
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        taken: tuple[list[float], list[float]] = ([], [])
        for body in bodies:
            for way, times in zip(ways, taken, strict=True):
                began = time.perf_counter()
                way(body)
                times.append(time.perf_counter() - began)
        ratios.append(statistics.median(taken[0]) / statistics.median(taken[1]))
        for times, more in zip(seconds, taken, strict=True):
            times.extend(more)
    medians = [statistics.median(times) * 1e3 for times in seconds]
    return {
        "measurement": f"{'one post' if size == 1 else f'{size} posts'} through the HTTP API in "
        "front of an endpoint",
        "compared with": "a direct call of the endpoint with boto3",
        "data": "20 Newsgroups (bydate)",
        **figures(spread(ratios)),
        "baseline": f"median {medians[0]:.1f} ms",
        "this project": f"median {medians[1]:.1f} ms, {medians[1] - medians[0]:.1f} ms more",
    }
