"""Many posts in a request, and many clients at once."""

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


def rows(found: Endpoints) -> list[dict[str, Any]]:
    """Return a row for 100 posts in a request, and one for clients at once."""
    return [_many_posts(found), _many_clients(found)]


def _many_posts(found: Endpoints) -> dict[str, Any]:
    runtime = found.client("sagemaker-runtime")
    posts = found.posts[:_POSTS]
    body = json.dumps({"instances": posts}).encode()

    def through_the_endpoint() -> list[Any]:
        answer = runtime.invoke_endpoint(
            EndpointName=found.ours, Body=body, ContentType="application/json"
        )
        labels: list[Any] = json.load(answer["Body"])["predictions"]
        return labels

    def in_memory() -> Any:
        return predict.predict_fn(
            predict.Features(found.transformers.transform(posts)), found.classifier
        )

    taken = ratio(through_the_endpoint, in_memory)
    return {
        "what": f"{_POSTS} posts in one request, boto3 and JSON included",
        "against": "the model in memory, in this process",
        "data": "20 Newsgroups (bydate)",
        **figures(taken),
    }


def _many_clients(found: Endpoints) -> dict[str, Any]:
    """Ask each post from several clients at once; every answer is compared with the model's."""
    posts = found.posts[:_REQUESTS]
    predictions = predict.predict_fn(
        predict.Features(found.transformers.transform(posts)), found.classifier
    )
    expected = [prediction.label for prediction in predictions]

    def ask_all(client: int) -> int:
        runtime = found.client("sagemaker-runtime")
        return sum(
            found.ask_ours(runtime, post) == label
            for post, label in zip(posts, expected, strict=True)
        )

    def right_of(clients: int) -> tuple[int, float]:
        began = time.perf_counter()
        with ThreadPoolExecutor(max_workers=clients) as pool:
            right = sum(pool.map(ask_all, range(clients)))
        return right, time.perf_counter() - began

    ratios, rates = [], []
    asked = _CLIENTS * _REQUESTS
    right_of(_CLIENTS)  # every worker has loaded its model
    for _ in range(_ROUNDS):
        alone, seconds_alone = right_of(1)
        together, seconds_together = right_of(_CLIENTS)
        if (alone, together) != (_REQUESTS, asked):
            raise AssertionError(f"{asked - together} of {asked} answers are not the model's")
        rates.append(asked / seconds_together)
        ratios.append(rates[-1] / (_REQUESTS / seconds_alone))
    return {
        "what": f"{_CLIENTS} clients at once, {_REQUESTS} posts each, every answer right",
        "against": "the same requests by one client",
        "data": "20 Newsgroups (bydate)",
        **figures(spread(ratios)),
        "ours": f"{statistics.median(rates):.0f} requests a second; the largest serving process "
        f"has {_largest_process(found.ours) / 2**20:.0f} MB",
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
