"""Measure where the time of one request goes: client, front end, stage 1, handover, stage 2.

Each part is the difference of two medians, of calls that enter the path at different points, all
measured in turns in one run.
"""

import http.client
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psutil

from benchmarks.serving.endpoints import Endpoints
from inference_pipeline import predict, preprocess
from inference_pipeline.content_types import FEATURES
from inference_pipeline.sparse_rows import decode_rows, encode_rows

_ROUNDS = 400
_PROGRAMS = ("inference_pipeline.preprocess", "inference_pipeline.predict")


def table(endpoints: Endpoints) -> list[dict[str, Any]]:
    """Return a row for each part of the path: its milliseconds and its share."""
    medians = _medians(_calls(endpoints))
    parts = {
        "client: boto3 signs, sends and reads": medians["boto3"] - medians["front"],
        "front end: HTTP, routing, and calling the containers": medians["front"]
        - medians["stage 1"]
        - medians["stage 2"],
        "stage 1: gunicorn, Flask, reading the text": medians["stage 1"]
        - medians["transform"]
        - medians["encode"],
        "stage 1: the model's own work (clean, count, weigh)": medians["transform"],
        "handover: writing and reading the features": medians["encode"] + medians["decode"],
        "stage 2: gunicorn, Flask, writing the answer": medians["stage 2"]
        - medians["decode"]
        - medians["predict"],
        "stage 2: the model's own work (labels, probabilities)": medians["predict"],
    }
    whole = medians["boto3"]
    rows = [
        {"part": name, "ms": round(seconds * 1e3, 2), "share": f"{seconds / whole:.0%}"}
        for name, seconds in parts.items()
    ]
    return [*rows, {"part": "whole", "ms": round(whole * 1e3, 2), "share": "100%"}]


def _calls(endpoints: Endpoints) -> dict[str, Callable[[], object]]:
    runtime = endpoints.client("sagemaker-runtime")
    post = endpoints.posts[0]
    path = f"/endpoints/{endpoints.ours}/invocations"
    features = endpoints.transformers.transform([post])
    body = encode_rows(features)
    ports = _ports(endpoints.ours)
    return {
        "boto3": lambda: endpoints.invoke_ours(runtime, post),
        "front": _Poster(urlsplit(endpoints.url).port, path, post.encode(), "text/plain"),
        "stage 1": _Poster(ports[0], "/invocations", post.encode(), "text/plain"),
        "stage 2": _Poster(ports[1], "/invocations", body, FEATURES),
        "transform": lambda: endpoints.transformers.transform(
            preprocess.input_fn(post, "text/plain").texts
        ),
        "encode": lambda: encode_rows(features),
        "decode": lambda: decode_rows(body),
        "predict": lambda: predict.predict_fn(predict.Features(features), endpoints.classifier),
    }


class _Poster:
    """Post one body repeatedly on one connection."""

    def __init__(self, port: int | None, path: str, body: bytes, content_type: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._path, self._body = path, body
        self._headers = {"Content-Type": content_type, "Accept": "*/*"}

    def __call__(self) -> bytes:
        self._connection.request("POST", self._path, self._body, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise AssertionError(f"{self._path} answered {response.status}")
        return content


def _ports(endpoint: str) -> list[int]:
    """Return the ports of an endpoint's two containers, in order."""
    ports: dict[str, int] = {}
    for process in psutil.process_iter():
        try:
            env = process.environ()
        except psutil.Error:  # it ended, or is another user's
            continue
        if f"/{endpoint}/" in env.get("SAGEMAKER_BASE_DIR", ""):
            ports[env["SAGEMAKER_PROGRAM"]] = int(env["SAGEMAKER_BIND_TO_PORT"])
    return [ports[program] for program in _PROGRAMS]


def _medians(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each call, made in turns."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(_ROUNDS + _ROUNDS // 4):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if number >= _ROUNDS // 4:  # the first ones warm up
                taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
