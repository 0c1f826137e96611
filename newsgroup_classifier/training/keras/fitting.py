"""Fit a network with the same training loop on one machine and on several.

Keras's fit() fails under MultiWorkerMirroredStrategy (keras issue 20585), and does not specify the
order of the rows, which a resumed job must repeat.
"""

import json
import math
import sys
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.training.checkpoints import (
    Arrays,
    Checkpoints,
    Epoch,
    FitPlan,
    Progress,
    State,
)
from newsgroup_classifier.training.examples import Labeled, Rows, batches
from newsgroup_classifier.training.keras.cluster import Cluster
from newsgroup_classifier.training.output import log_line

_PREDICTION_BATCH = 1000


class Steps:
    """The training and validation steps of a network as graphs; all workers take them together."""

    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy) -> None:
        self.model = model
        loss = keras.losses.get(model.loss)
        self.loss = getattr(loss, "call", loss)  # an object's call() gives the loss of each row
        self.replicas = strategy.num_replicas_in_sync
        inputs = input_signature(model)
        labels, rows = tf.TensorSpec([None], tf.int64), tf.TensorSpec([], tf.float32)
        self.train = tf.function(
            lambda *batch: strategy.run(self._train, args=batch), [inputs, labels, rows]
        )
        self.validate = tf.function(
            lambda *batch: strategy.run(self._validate, args=batch), [inputs, labels]
        )

    def _train(self, inputs: dict[str, tf.Tensor], labels: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """Step along the mean loss over the rows of all workers; return this worker's sums.

        The penalties of layers with regularizers are part of the step, but not of the sums.
        """
        with tf.GradientTape() as tape:
            probabilities = self.model(inputs, training=True)
            losses = self.loss(labels, probabilities)
            mean = tf.reduce_sum(losses) / rows + sum(self.model.losses) / self.replicas
        weights = self.model.trainable_variables
        gradients = tape.gradient(mean, [weight.value for weight in weights])
        self.model.optimizer.apply(gradients, weights)  # sums the gradients of all workers
        return _sums(losses, labels, probabilities)

    def _validate(self, inputs: dict[str, tf.Tensor], labels: tf.Tensor) -> tf.Tensor:
        probabilities = self.model(inputs, training=False)
        return _sums(self.loss(labels, probabilities), labels, probabilities)


def _sums(losses: tf.Tensor, labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    """Return the sum of the losses, and the number of correct predictions."""
    right = tf.cast(tf.argmax(probabilities, axis=-1) == labels, tf.float32)
    return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(right)])


class Fit:
    """The fit of a network, epoch by epoch."""

    def __init__(self, model: keras.Model, plan: FitPlan, cluster: Cluster) -> None:
        self.model, self.plan, self.cluster = model, plan, cluster
        with cluster.strategy.scope():
            model.optimizer.build(model.trainable_variables)
        self.steps = Steps(model, cluster.strategy)
        self.progress = Progress()
        self.best = values_of(model.weights)

    def run(self, train: Labeled, validation: Labeled, checkpoints: Checkpoints) -> Progress:
        """Fit with a checkpoint after each epoch; leave the network with the weights to save."""
        self._resume(checkpoints)
        while not self.progress.finished(self.plan):
            number = self.progress.epoch + 1
            fitted = self._train_epoch(train, number)
            self._share_statistics()
            validated = self._validate_epoch(validation)
            epoch = _named("train", fitted) | _named("validation", validated)
            if self.progress.add(epoch, self.plan.min_delta) or self.plan.keep == "last":
                self.best = values_of(self.model.weights)
            # A job that is killed here prints an epoch twice, instead of leaving one out.
            log_line(f"epoch {number} of {self.plan.epochs}")
            for name, value in epoch.items():
                log_line(f"{name}={value!r}")
            _check_loss(number, epoch)
            if self.cluster.is_chief:
                checkpoints.write(self._state())
        assign(self.model.weights, self.best)
        return self.progress

    def _train_epoch(self, train: Labeled, number: int) -> np.ndarray:
        # The order depends only on the seed and the epoch.
        order = np.random.default_rng([self.plan.seed, number]).permutation(len(train.labels))
        parts = self._parts(order, self.plan.batch_size)
        bar = keras.utils.Progbar(len(parts)) if sys.stdout.isatty() else None
        sums = []
        for step, (mine, rows) in enumerate(parts, start=1):
            batch = train.rows.take(mine), train.labels[mine]
            sums.append(self.steps.train(*batch, np.float32(rows)))
            if bar is not None:
                bar.update(step)
        return self._mean(sums, sum(rows for _, rows in parts))

    def _share_statistics(self) -> None:
        """Average the statistics of normalization layers, which TensorFlow does not do."""
        if self.cluster.workers > 1:
            statistics = self.model.non_trainable_weights
            totals = [self.cluster.total(each) for each in values_of(statistics)]
            assign(statistics, [total / self.cluster.workers for total in totals])

    def _validate_epoch(self, validation: Labeled) -> np.ndarray:
        count = len(validation.labels)
        mine = np.array_split(np.arange(count), self.cluster.workers)[self.cluster.number]
        sums = [
            self.steps.validate(validation.rows.take(numbers), validation.labels[numbers])
            for numbers in np.split(mine, range(_PREDICTION_BATCH, len(mine), _PREDICTION_BATCH))
            if len(numbers)
        ]
        return self._mean(sums, count)

    def _parts(self, order: np.ndarray, size: int) -> list[tuple[np.ndarray, int]]:
        """Return this worker's rows of each step, and the number of rows of all workers.

        A last step with fewer rows than workers is skipped, because every worker must take part.
        Raises TrainingError if that is every step.
        """
        workers = self.cluster.workers
        if min(size, len(order)) < workers:
            raise TrainingError(
                f"batch_size is {size}, the rows to train on are {len(order)}, and the job has "
                f"{workers} instances; expected a row for each of them in every step. Raise "
                "batch_size, upload more rows, or train on fewer instances."
            )
        steps = np.split(order, range(size, len(order), size))
        return [
            (np.array_split(step, workers)[self.cluster.number], len(step))
            for step in steps
            if len(step) >= workers
        ]

    def _mean(self, sums: Sequence[Any], rows: int) -> np.ndarray:
        mine = np.sum([np.asarray(values) for values in sums], axis=0, dtype="float64")
        total: np.ndarray = self.cluster.total(np.asarray(mine + np.zeros(2))) / rows
        return total

    def _state(self) -> State:
        return State(self.progress, values_of(self._variables()), self.best)

    def _variables(self) -> list[keras.Variable]:
        """Return everything that changes: weights, states of dropout layers, and the optimizer."""
        return [*self.model.variables, *self.model.optimizer.variables]

    def _resume(self, checkpoints: Checkpoints) -> None:
        """Resume from the newest checkpoint, if any, which the chief reads for all workers."""
        state, warnings = checkpoints.read(self._state()) if self.cluster.is_chief else (None, [])
        for line in warnings:
            log_line(line)
        if not self.cluster.from_chief(np.array(int(state is not None))):
            return
        shared = self._from_chief(state or self._state())
        assign(self._variables(), shared.arrays)
        self.progress, self.best = shared.progress, shared.best
        log_line(f"resuming after epoch {self.progress.epoch} from a checkpoint")

    def _from_chief(self, state: State) -> State:
        share = self.cluster.from_chief
        about = json.dumps(state.progress.as_json()).encode()
        length = int(share(np.array(len(about))))
        text = share(np.frombuffer(about.ljust(length)[:length], "uint8").astype("int32"))
        progress = Progress.from_json(json.loads(text.astype("uint8").tobytes()))
        arrays, best = ([share(array) for array in a] for a in (state.arrays, state.best))
        return State(progress, arrays, best)


def _check_loss(number: int, epoch: Epoch) -> None:
    """Raise TrainingError if a loss is not finite, because its weights are useless."""
    losses = [epoch[f"{kind}:loss"] for kind in ("train", "validation")]
    if not all(map(math.isfinite, losses)):
        raise TrainingError(
            f"the loss after epoch {number} is {losses[0]:g} in training and {losses[1]:g} in "
            "validation; expected finite numbers. Lower learning_rate."
        )


def _named(kind: str, values: np.ndarray) -> Epoch:
    return {f"{kind}:loss": float(values[0]), f"{kind}:accuracy": float(values[1])}


def values_of(variables: Sequence[keras.Variable]) -> Arrays:
    """Return copies of the values of variables."""
    return [np.array(variable.numpy()) for variable in variables]


def assign(variables: Sequence[keras.Variable], arrays: Arrays) -> None:
    """Set variables to the result of `values_of`."""
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def predict(model: keras.Model, rows: Rows) -> np.ndarray:
    """Return the probabilities of all rows."""
    run = tf.function(lambda inputs: model(inputs, training=False), [input_signature(model)])
    parts = [np.asarray(run(batch)) for batch in batches(rows, _PREDICTION_BATCH)]
    return np.concatenate(parts)


def input_signature(model: keras.Model) -> dict[str, tf.TensorSpec]:
    """Return the shapes and data types of a network's inputs by name."""
    return {tensor.name: tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in model.inputs}
