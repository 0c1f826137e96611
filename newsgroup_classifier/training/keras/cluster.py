"""The machines of a training job: one, or several under MultiWorkerMirroredStrategy.

SageMaker lists them in TF_CONFIG. Only the first one, the chief, writes the results of the job.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.training.peers import PeerWatch, read_workers
from newsgroup_classifier.training.program import report_failure

# What TensorFlow raises in a step that another worker does not take.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)


@dataclass(frozen=True)
class Cluster:
    """The number of workers, the index of this one, and the strategy that connects them."""

    workers: int
    number: int
    strategy: tf.distribute.Strategy
    watch: PeerWatch | None = None

    @property
    def is_chief(self) -> bool:
        """Return whether this worker writes the results of the job."""
        return self.number == 0

    def total(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of the values of all workers, on every worker."""
        if self.workers == 1:
            return values
        return np.asarray(_all_reduce(self.strategy, tf.constant(values)))

    def from_chief(self, values: np.ndarray) -> np.ndarray:
        """Return the chief's values on every worker; all workers pass arrays of the same shape."""
        # Workers cannot sum unsigned integers, such as the states of dropout layers.
        kind = "int64" if values.dtype.kind == "u" else values.dtype
        term = values.astype(kind) if self.is_chief else np.zeros(values.shape, kind)
        return self.total(term).astype(values.dtype)

    def meet(self) -> None:
        """Wait for every worker, because one that ends early would seem to be lost."""
        self.total(np.zeros(1))
        if self.watch is not None:
            self.watch.stop()


@tf.function(reduce_retracing=True)
def _all_reduce(strategy: tf.distribute.Strategy, values: tf.Tensor) -> tf.Tensor:
    # strategy.reduce() of a value that is not distributed multiplies it by the number of workers.
    def add(value: tf.Tensor) -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        # all_reduce needs a tensor on a device, which an argument of a graph is not.
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(value))

    return strategy.run(add, args=(values,))


def join_cluster(environ: Mapping[str, str]) -> Cluster:
    """Return the joined cluster in TF_CONFIG, or a cluster of this process only.

    Call this before TensorFlow does anything else. The process ends when another worker is lost,
    because TensorFlow may wait for that worker forever.
    """
    addresses, number = read_workers(environ.get("TF_CONFIG", ""))
    if len(addresses) < 2:
        return Cluster(1, 0, tf.distribute.get_strategy())
    others = [address for index, address in enumerate(addresses) if index != number]
    watch = PeerWatch(others, lambda reason: _exit(reason, environ))
    watch.start()
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError) as error:
        raise TrainingError(
            f"worker {number + 1} of {len(addresses)} cannot join the others at "
            f"{', '.join(others)}: {error}"
        ) from error
    return Cluster(len(addresses), number, strategy, watch)


def _exit(reason: str, environ: Mapping[str, str]) -> None:
    """End the process at once, because no exception can reach TensorFlow's own threads."""
    report_failure(reason, environ)
    os._exit(1)


@contextmanager
def lost_worker_errors(cluster: Cluster) -> Iterator[None]:
    """Turn TensorFlow's errors about a lost worker into a TrainingError."""
    try:
        yield
    except _LOST as error:
        if cluster.workers == 1:
            raise
        raise TrainingError(
            "another worker of this job has ended or cannot be reached. See its log, and start the "
            "job again to resume from the checkpoints. (TensorFlow: "
            f"{_reason(str(error))})"
        ) from error


def _reason(message: str) -> str:
    """Return the line of TensorFlow's message with the reason instead of a place in the graph."""
    places = ("Graph execution error", "Detected at node", "<stack traces")
    lines = [line.strip() for line in message.splitlines()]
    return next((line for line in lines if line and not line.startswith(places)), "no reason")
