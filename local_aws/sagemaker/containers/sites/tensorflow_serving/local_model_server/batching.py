"""Join concurrent requests to one signature into batches, as TensorFlow Serving does.

A batch runs when it is full or when its first request has waited for the timeout.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np

from local_model_server.settings import BatchingOptions
from local_model_server.status import Status, invalid

Arrays = dict[str, Any]


class _Batch:
    """The requests of a batch, their rows together, and the outputs for all of them."""

    def __init__(self) -> None:
        self.requests: list[Arrays] = []
        self.size = 0
        self.is_closed = threading.Event()
        self.outputs: Future[Arrays] = Future()


class Batcher:
    """Joins the requests to one signature; the thread of the first request runs a batch."""

    def __init__(self, run: Callable[[Arrays], Arrays], options: BatchingOptions) -> None:
        self._run_model, self._options = run, options
        self._open: _Batch | None = None
        self._waiting = 0  # batches that have not begun to run
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(options.num_batch_threads)

    def run(self, arrays: Arrays) -> Arrays:
        """Run a request's arrays as part of a batch; return its rows of the outputs."""
        size, limit = _rows(arrays), self._options.max_batch_size
        if size > limit:
            raise invalid(f"Task size {size} is larger than maximum input batch size {limit}")
        with self._lock:
            batch = self._batch_for(size)
            begin, is_first = batch.size, not batch.requests
            batch.requests.append(arrays)
            batch.size += size
            if batch.size == limit:
                self._close(batch)
        if is_first:
            batch.is_closed.wait(self._options.batch_timeout_micros / 1e6)
            self._run(batch)
        outputs = batch.outputs.result()
        return {name: output[begin : begin + size] for name, output in outputs.items()}

    def _batch_for(self, size: int) -> _Batch:
        """Return the open batch, or a new one if the rows do not fit."""
        if self._open is not None and self._open.size + size > self._options.max_batch_size:
            self._close(self._open)
        if self._open is None:
            if self._waiting >= self._options.max_enqueued_batches:
                raise Status(
                    "UNAVAILABLE",
                    "The batch scheduling queue to which this task was submitted is full",
                )
            self._open = _Batch()
            self._waiting += 1
        return self._open

    def _close(self, batch: _Batch) -> None:
        batch.is_closed.set()
        if self._open is batch:
            self._open = None

    def _run(self, batch: _Batch) -> None:
        with self._lock:
            self._close(batch)
        with self._slots:
            with self._lock:
                self._waiting -= 1
            try:
                outputs = self._run_model(_merge(batch.requests))
                _check_rows(outputs, batch.size)
                batch.outputs.set_result(outputs)
            except Exception as error:  # each request of the batch raises it
                batch.outputs.set_exception(error)


def _rows(arrays: Arrays) -> int:
    sizes = {array.shape[:1] for array in arrays.values()}
    if len(sizes) != 1 or () in sizes:
        raise invalid("Batching Run() input tensors must have equal 0th-dimension size")
    return int(sizes.pop()[0])


def _merge(requests: list[Arrays]) -> Arrays:
    merged = {}
    for name in requests[0]:
        parts = [arrays[name] for arrays in requests]
        if len({part.shape[1:] for part in parts}) != 1:
            raise Status(
                "FAILED_PRECONDITION",
                f"Tensors with name '{name}' from different tasks have different shapes and "
                "padding is turned off. Set pad_variable_length_inputs to true, or ensure that "
                "all tensors with the same name have equal dimensions starting with the first dim.",
            )
        merged[name] = np.concatenate(parts)
    return merged


def _check_rows(outputs: Arrays, size: int) -> None:
    if any(output.shape[:1] != (size,) for output in outputs.values()):
        raise Status(
            "FAILED_PRECONDITION",
            "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension "
            "sizes of the input tensors",
        )
