"""Join concurrent requests to one signature into batches, as TensorFlow Serving does.

A batch runs when it is full or when its first request has waited for the timeout.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from local_model_server.settings import BatchingOptions
from local_model_server.status import Status, invalid

Run = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class _Task:
    arrays: dict[str, Any]
    size: int
    done: threading.Event = field(default_factory=threading.Event)
    outputs: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None


@dataclass
class _Batch:
    deadline: float
    tasks: list[_Task] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(task.size for task in self.tasks)


class Batcher:
    """The queue of one signature and the threads that run its batches."""

    def __init__(self, run: Run, options: BatchingOptions) -> None:
        self._run_model, self._options = run, options
        self._open: _Batch | None = None
        self._closed: deque[_Batch] = deque()
        self._changed = threading.Condition()
        for _ in range(options.num_batch_threads):
            threading.Thread(target=self._work, name="batch", daemon=True).start()

    def run(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Run a request's arrays as part of a batch; return its rows of the outputs."""
        task = _Task(arrays, _rows(arrays))
        if task.size > self._options.max_batch_size:
            raise invalid(
                f"Task size {task.size} is larger than maximum input batch size "
                f"{self._options.max_batch_size}"
            )
        with self._changed:
            self._add(task)
            self._changed.notify_all()  # two batches may have been closed
        task.done.wait()
        if task.error is not None:
            raise task.error
        return task.outputs

    def _add(self, task: _Task) -> None:
        if self._open is not None and self._open.size + task.size > self._options.max_batch_size:
            self._close()
        if self._open is None:
            if len(self._closed) >= self._options.max_enqueued_batches:
                raise Status(
                    "UNAVAILABLE",
                    "The batch scheduling queue to which this task was submitted is full",
                )
            timeout = self._options.batch_timeout_micros / 1e6
            self._open = _Batch(time.monotonic() + timeout)
        self._open.tasks.append(task)
        if self._open.size == self._options.max_batch_size:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._closed.append(self._open)
            self._open = None

    def _work(self) -> None:
        while True:
            tasks = self._next().tasks
            try:
                _split(tasks, self._run_model(_merge(tasks)))
            except Exception as error:  # each request of the batch raises it
                for task in tasks:
                    task.error = error
            for task in tasks:
                task.done.set()

    def _next(self) -> _Batch:
        with self._changed:
            while not self._closed:
                timeout = None if self._open is None else self._open.deadline - time.monotonic()
                if timeout is not None and timeout <= 0:
                    self._close()
                else:
                    self._changed.wait(timeout)
            return self._closed.popleft()


def _rows(arrays: dict[str, Any]) -> int:
    sizes = set()
    for array in arrays.values():
        if not array.ndim:
            raise invalid("Batching Run() input tensors must have at least one dimension")
        sizes.add(array.shape[0])
    if len(sizes) != 1:
        raise invalid("Batching Run() input tensors must have equal 0th-dimension size")
    return int(sizes.pop())


def _merge(tasks: list[_Task]) -> dict[str, Any]:
    if len(tasks) == 1:
        return tasks[0].arrays
    merged = {}
    for name in tasks[0].arrays:
        parts = [task.arrays[name] for task in tasks]
        if len({part.shape[1:] for part in parts}) != 1:
            raise Status(
                "FAILED_PRECONDITION",
                f"Tensors with name '{name}' from different tasks have different shapes and "
                "padding is turned off. Set pad_variable_length_inputs to true, or ensure that "
                "all tensors with the same name have equal dimensions starting with the first dim.",
            )
        merged[name] = np.concatenate(parts)
    return merged


def _split(tasks: list[_Task], outputs: dict[str, Any]) -> None:
    total = sum(task.size for task in tasks)
    for output in outputs.values():
        if not output.ndim or output.shape[0] != total:
            raise Status(
                "FAILED_PRECONDITION",
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension "
                "sizes of the input tensors",
            )
    begin = 0
    for task in tasks:
        end = begin + task.size
        task.outputs = {name: output[begin:end] for name, output in outputs.items()}
        begin = end
