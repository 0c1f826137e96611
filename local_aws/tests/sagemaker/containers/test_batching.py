"""Batching in the model server, without TensorFlow."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from local_model_server.servables import Batcher
from local_model_server.settings import BatchingOptions
from local_model_server.status import Status

from local_aws.tests.account import eventually

SECOND = 1_000_000  # microseconds, the unit of the options


class Model:
    """Doubles its input once `go` is set; fails if a row is negative."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.sizes: list[int] = []

    def run(self, arrays: dict[str, Any]) -> dict[str, Any]:
        self.sizes.append(len(arrays["x"]))
        self.go.wait(60)
        if (arrays["x"] < 0).any():
            raise Status("INVALID_ARGUMENT", "a row is negative")
        return {"y": arrays["x"] * 2}


def batcher(model: Model, size: int, wait: int = 0, threads: int = 1, queue: int = 10) -> Batcher:
    return Batcher(model.run, BatchingOptions(size, wait, threads, queue))


def rows(*values: float) -> dict[str, Any]:
    return {"x": np.array(values)}


def test_failed_batch_fails_all_its_requests_and_no_later_ones():
    model = Model()
    model.go.set()
    queue = batcher(model, size=2, wait=30 * SECOND)

    def outcome(value: float) -> str:
        try:
            return str(queue.run(rows(value))["y"].tolist())
        except Status as error:
            return error.text

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(outcome, (1.0, -1.0))) == ["a row is negative"] * 2
        assert sorted(pool.map(outcome, (1.0, 2.0))) == ["[2.0]", "[4.0]"]
    assert model.sizes == [2, 2]


def test_full_queue_rejects_with_503_and_continues_to_serve():
    model = Model()
    queue = batcher(model, size=1, queue=1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(queue.run, rows(1.0))
        eventually(lambda: model.sizes == [1])  # it is running, and no longer in the queue
        second = pool.submit(queue.run, rows(2.0))
        eventually(lambda: queue._waiting == 1)
        with pytest.raises(Status, match="task was submitted is full") as rejection:
            queue.run(rows(3.0))
        assert rejection.value.http == 503
        model.go.set()
        assert (first.result(60)["y"], second.result(60)["y"]) == ([2.0], [4.0])


def test_concurrent_requests_each_get_their_own_rows():
    model = Model()
    model.go.set()
    queue = batcher(model, size=7, wait=2000, threads=3, queue=100)
    requests = [[float(number)] * (number % 7 + 1) for number in range(60)]
    with ThreadPoolExecutor(20) as pool:
        outputs = list(pool.map(lambda values: queue.run(rows(*values))["y"].tolist(), requests))
    assert outputs == [[value * 2 for value in values] for values in requests]
    assert sum(model.sizes) == sum(map(len, requests))
    assert max(model.sizes) <= 7


def test_batch_that_is_closed_by_a_full_batch_runs_immediately():
    model = Model()
    queue = batcher(model, size=4, wait=600 * SECOND, threads=2)
    with ThreadPoolExecutor(2) as pool:
        short = pool.submit(queue.run, rows(1.0, 2.0, 3.0))
        eventually(lambda: queue._open is not None)
        full = pool.submit(queue.run, rows(1.0, 2.0, 3.0, 4.0))
        assert eventually(lambda: sorted(model.sizes) == [3, 4])  # both are running
        model.go.set()
        assert len(short.result(60)["y"]) + len(full.result(60)["y"]) == 7
