"""Measure many posts per request, and many concurrent clients."""

import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

from benchmarks.measure import figures, ratio, spread
from benchmarks.serving.endpoints import Endpoints
from inference_pipeline import predict

_POSTS = 100
_CLIENTS, _REQUESTS = 8, 500
_ROUNDS = 3


def rows(endpoints: Endpoints) -> list[dict[str, Any]]:
    """Return a row for 100 posts per request, and one for concurrent clients."""
    return [_many_posts(endpoints), _many_clients(endpoints)]


def _many_posts(endpoints: Endpoints) -> dict[str, Any]:
    runtime = endpoints.client("sagemaker-runtime")
    posts = endpoints.posts[:_POSTS]
    body = json.dumps({"instances": posts}).encode()

    def through_the_endpoint() -> list[Any]:
        response = runtime.invoke_endpoint(
            EndpointName=endpoints.ours, Body=body, ContentType="application/json"
        )
        labels: list[Any] = json.load(response["Body"])["predictions"]
        return labels

    def in_memory() -> Any:
        return predict.predict_fn(
            predict.Features(endpoints.transformers.transform(posts)), endpoints.classifier
        )

    taken = ratio(through_the_endpoint, in_memory)
    return {
        "measurement": f"{_POSTS} posts in one request, boto3 and JSON included",
        "compared with": "the model in memory, in this process",
        "data": "20 Newsgroups (bydate)",
        **figures(taken),
    }


def _many_clients(endpoints: Endpoints) -> dict[str, Any]:
    """Send each post from several concurrent clients; compare every response with the model's."""
    posts = endpoints.posts[:_REQUESTS]
    predictions = predict.predict_fn(
        predict.Features(endpoints.transformers.transform(posts)), endpoints.classifier
    )
    expected = [prediction.label for prediction in predictions]

    def invoke_all(client: int) -> int:
        runtime = endpoints.client("sagemaker-runtime")
        return sum(
            endpoints.invoke_ours(runtime, post) == label
            for post, label in zip(posts, expected, strict=True)
        )

    def correct_of(clients: int) -> tuple[int, float]:
        began = time.perf_counter()
        with ThreadPoolExecutor(max_workers=clients) as pool:
            correct = sum(pool.map(invoke_all, range(clients)))
        return correct, time.perf_counter() - began

    ratios, rates = [], []
    count = _CLIENTS * _REQUESTS
    correct_of(_CLIENTS)  # every worker has loaded its model
    for _ in range(_ROUNDS):
        alone, seconds_alone = correct_of(1)
        together, seconds_together = correct_of(_CLIENTS)
        if (alone, together) != (_REQUESTS, count):
            raise AssertionError(f"{count - together} of {count} responses are not the model's")
        rates.append(count / seconds_together)
        ratios.append(rates[-1] / (_REQUESTS / seconds_alone))
    return {
        "measurement": f"{_CLIENTS} concurrent clients, {_REQUESTS} posts each, all correct",
        "compared with": "the same requests from one client",
        "data": "20 Newsgroups (bydate)",
        **figures(spread(ratios)),
        "this project": f"{statistics.median(rates):.0f} requests per second; the largest serving "
        f"process has {_largest_process(endpoints.ours) / 2**20:.0f} MB",
    }


def _largest_process(endpoint: str) -> int:
    """Return the resident bytes of the largest process behind an endpoint."""
    sizes = [0]
    for process in psutil.process_iter():
        try:
            if f"/{endpoint}/" in process.environ().get("SAGEMAKER_BASE_DIR", ""):
                sizes.append(process.memory_info().rss)
        except psutil.Error:  # it ended, or is another user's
            continue
    return max(sizes)
