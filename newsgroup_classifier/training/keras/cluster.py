"""The machines of a training job: one, or several under MultiWorkerMirroredStrategy.

SageMaker names them in TF_CONFIG. The first is the chief, which alone writes what the job leaves.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.training.peers import PeerWatch, read_workers
from newsgroup_classifier.training.program import tell_failure

# What TensorFlow raises in a step that another worker does not take.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)


@dataclass(frozen=True)
class Cluster:
    """So many workers, which of them this process is (from 0), and what joins them."""

    workers: int
    number: int
    strategy: tf.distribute.Strategy
    watch: PeerWatch | None = None

    @property
    def is_chief(self) -> bool:
        """Tell whether this worker writes what the job leaves."""
        return self.number == 0

    def total(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of every worker's values, on every worker."""
        if self.workers == 1:
            return values
        summed = _all_reduce(self.strategy, tf.constant(values))
        return np.asarray(summed)

    def from_chief(self, values: np.ndarray) -> np.ndarray:
        """Return the chief's values on every worker, which all give an array of that shape."""
        # Workers add up no unsigned numbers, which the states of the dropouts are.
        kind = "int64" if values.dtype.kind == "u" else values.dtype
        given = values.astype(kind) if self.is_chief else np.zeros(values.shape, kind)
        return self.total(given).astype(values.dtype)

    def meet(self) -> None:
        """Wait for every worker: one that ends while others work looks like a dead one."""
        self.total(np.zeros(1))
        if self.watch is not None:
            self.watch.stop()


@tf.function(reduce_retracing=True)
def _all_reduce(strategy: tf.distribute.Strategy, values: tf.Tensor) -> tf.Tensor:
    # strategy.reduce() of a value that is not distributed multiplies it by the workers.
    def add(value: tf.Tensor) -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        here = tf.identity(value)  # an argument of a graph is on no device, which all_reduce needs
        return context.all_reduce(tf.distribute.ReduceOp.SUM, here)

    return strategy.run(add, args=(values,))


def join_cluster(environ: Mapping[str, str]) -> Cluster:
    """Return the cluster in TF_CONFIG, joined, or that of this process alone.

    To be called before TensorFlow does anything else. A worker of several is ended when another
    one is gone: TensorFlow may wait for it for ever.
    """
    addresses, number = read_workers(environ.get("TF_CONFIG", ""))
    if len(addresses) < 2:
        return Cluster(1, 0, tf.distribute.get_strategy())
    others = [address for place, address in enumerate(addresses) if place != number]
    watch = PeerWatch(others, lambda reason: _end(reason, environ))
    watch.start()
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError) as error:
        raise TrainingError(
            f"worker {number + 1} of {len(addresses)} cannot join the others at "
            f"{', '.join(others)}: {error}"
        ) from error
    return Cluster(len(addresses), number, strategy, watch)


def _end(reason: str, environ: Mapping[str, str]) -> None:
    """End the process, whatever it waits for: nothing can be raised into TensorFlow's own code."""
    tell_failure(reason, environ)
    os._exit(1)


@contextmanager
def told_plainly(cluster: Cluster) -> Iterator[None]:
    """Turn TensorFlow's errors about another worker into a plain one."""
    try:
        yield
    except _LOST as error:
        if cluster.workers == 1:
            raise
        first = _reason(str(error))
        raise TrainingError(
            "another worker of this job has ended or cannot be reached; its own log says why. "
            f"Start the job again: it goes on from its checkpoints. (TensorFlow: {first})"
        ) from error


def _reason(message: str) -> str:
    """Return the line of TensorFlow's message that says why, not where in the graph."""
    places = ("Graph execution error", "Detected at node", "<stack traces")
    lines = [line.strip() for line in message.splitlines()]
    return next((line for line in lines if line and not line.startswith(places)), "no reason")
