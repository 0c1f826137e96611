"""Measure where the time of one request goes: client, front end, stage 1, handover, stage 2.

Each part is the difference of two medians, of calls that enter the path at different points, all
measured in turns in one run.
"""

import http.client
import statistics
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from benchmarks.account import client
from benchmarks.measure import timed
from benchmarks.serving.endpoints import Endpoints
from inference_pipeline import predict, preprocess
from inference_pipeline.content_types import FEATURES
from inference_pipeline.feature_rows import encode_features, read_features

_ROUNDS = 400
_PROGRAMS = ("inference_pipeline.preprocess", "inference_pipeline.predict")


def table(endpoints: Endpoints) -> list[dict[str, Any]]:
    """Return a row for each part of the path: its milliseconds and its share."""
    taken = _medians(_calls(endpoints)).values()
    whole, front, first, second, transform, encode, decode, score = taken
    parts = {
        "client: boto3 signs, sends and reads": whole - front,
        "front end: HTTP, routing, and calling the containers": front - first - second,
        "stage 1: gunicorn, Flask, reading the text": first - transform - encode,
        "stage 1: the model's own work (clean, count, weigh)": transform,
        "handover: writing and reading the features": encode + decode,
        "stage 2: gunicorn, Flask, writing the answer": second - decode - score,
        "stage 2: the model's own work (labels, probabilities)": score,
        "whole": whole,
    }
    return [
        {"part": name, "ms": round(seconds * 1e3, 2), "share": f"{seconds / whole:.0%}"}
        for name, seconds in parts.items()
    ]


def _calls(endpoints: Endpoints) -> dict[str, Callable[[], object]]:
    runtime = client("sagemaker-runtime")
    post = endpoints.posts[0]
    path = f"/endpoints/{endpoints.ours}/invocations"
    features = endpoints.transformers.transform([post])
    body = encode_features(features)
    ports = _ports(endpoints)
    return {
        "boto3": lambda: endpoints.invoke_ours(runtime, post),
        "front": _poster(urlsplit(endpoints.url).port, path, post.encode(), "text/plain"),
        "stage 1": _poster(ports[0], "/invocations", post.encode(), "text/plain"),
        "stage 2": _poster(ports[1], "/invocations", body, FEATURES),
        "transform": lambda: endpoints.transformers.transform(
            preprocess.input_fn(post, "text/plain").texts
        ),
        "encode": lambda: encode_features(features),
        "decode": lambda: read_features(body),
        "predict": lambda: predict.predict_fn(predict.Features(features), endpoints.classifier),
    }


def _poster(port: int | None, path: str, body: bytes, content_type: str) -> Callable[[], None]:
    """Return a function that posts one body, always on the same connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Content-Type": content_type, "Accept": "*/*"}

    def post() -> None:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise AssertionError(f"{path} answered {response.status}")

    return post


def _ports(endpoints: Endpoints) -> list[int]:
    """Return the ports of our endpoint's two containers, in order."""
    environments = [environment for _, environment in endpoints.processes()]
    ports = {each["SAGEMAKER_PROGRAM"]: each["SAGEMAKER_BIND_TO_PORT"] for each in environments}
    return [int(ports[program]) for program in _PROGRAMS]


def _medians(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each call, made in turns; the first quarter warms up."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS + _ROUNDS // 4):
        for name, call in calls.items():
            taken[name].append(timed(call)[0])
    return {name: statistics.median(seconds[-_ROUNDS:]) for name, seconds in taken.items()}
