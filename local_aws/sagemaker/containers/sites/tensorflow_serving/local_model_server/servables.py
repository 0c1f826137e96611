"""The served models, by name and version, and the batches of concurrent requests to them.

A batch runs when it is full or when its first request has waited for the timeout.
"""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np

from local_model_server.json_requests import read_examples, read_request
from local_model_server.json_responses import (
    INPUT,
    columns_body,
    inference_results,
    outputs_for,
    result_body,
    rows_body,
)
from local_model_server.settings import BatchingOptions
from local_model_server.status import Status, invalid, not_found

Arrays = dict[str, Any]
_DEFAULT = "serving_default"


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


class Servable:
    """One version of a model."""

    def __init__(
        self, name: str, version: int, model: Any, batching: BatchingOptions | None
    ) -> None:
        self.name, self.version, self._model = name, version, model
        self._runs = {
            signature: function.run if batching is None else Batcher(function.run, batching).run
            for signature, function in model.signatures.items()
        }

    def predict(self, body: bytes) -> bytes:
        """Answer the body of a predict request."""
        request = read_request(body, lambda name: self._signature(name).inputs)
        outputs = self._runs[request.signature or _DEFAULT](request.arrays)
        return rows_body(outputs) if request.in_rows else columns_body(outputs)

    def infer(self, method: str, body: bytes) -> bytes:
        """Answer the body of a classify or regress request."""
        name, examples = read_examples(body)
        names = outputs_for(method, self._signature(name))
        rows = np.array([self._model.serialized(example) for example in examples], np.object_)
        outputs = self._runs[name or _DEFAULT]({INPUT: rows})
        chosen = {output: outputs[output] for output in names}
        return result_body("results", inference_results(method, chosen, len(examples)))

    def _signature(self, name: str) -> Any:
        signature = self._model.signatures.get(name or _DEFAULT)
        if signature is None:
            raise invalid(
                f'Serving signature name: "{name or _DEFAULT}" not found in signature def'
            )
        return signature

    def metadata(self) -> bytes:
        """Return the description of the signatures."""
        spec = {"name": self.name, "signature_name": "", "version": str(self.version)}
        definitions = {"signature_def": {"signature_def": self._model.definitions}}
        return json.dumps({"model_spec": spec, "metadata": definitions}, indent=1).encode()


class Servables:
    """All versions of all served models."""

    def __init__(self, servables: list[Servable]) -> None:
        self._versions: dict[str, dict[int, Servable]] = {}
        for servable in servables:
            self._versions.setdefault(servable.name, {})[servable.version] = servable

    def find(self, name: str, version: int | None) -> Servable:
        """Return the given or the newest version of a model; raise Status (404)."""
        versions = self._versions.get(name, {})
        number = max(versions, default=None) if version is None else version
        if number is None or number not in versions:
            target = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise not_found(f"Servable not found for request: {target}")
        return versions[number]

    def status(self, name: str, version: int | None) -> bytes:
        """Return the state of a model's versions; every served version is available."""
        versions = self._versions.get(name, {})
        if version is not None and version not in versions:
            raise not_found(f"Could not find version {version} of model {name}")
        if not versions:
            raise not_found(f"Could not find any versions of model {name}")
        numbers = sorted(versions, reverse=True) if version is None else [version]
        states = [
            {
                "version": str(number),
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
            for number in numbers
        ]
        return json.dumps({"model_version_status": states}, indent=1).encode()
