"""What training prints while it fits: one metric a line, and a bar when a person watches."""

import sys

import keras

from newsgroup_classifier.training.progress import Epoch


def tell(line: str) -> None:
    """Print a line at once: a container's log is read while the job runs."""
    print(line, flush=True)


def tell_epoch(number: int, epochs: int, epoch: Epoch) -> None:
    """Print the number of an epoch and its metrics."""
    tell(f"epoch {number} of {epochs}")
    for name, value in epoch.items():
        tell(f"{name}={value!r}")


class StepBar:
    """A bar over the steps of an epoch, on a terminal only."""

    def __init__(self, steps: int) -> None:
        self.bar = keras.utils.Progbar(steps) if sys.stdout.isatty() else None

    def step(self, number: int) -> None:
        """Say that so many steps are done."""
        if self.bar is not None:
            self.bar.update(number)
