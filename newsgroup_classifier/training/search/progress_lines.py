"""The progress of a search: a bar on a terminal, or one log line per candidate."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import fmean
from typing import Any

from newsgroup_classifier.training.output import log_line
from newsgroup_classifier.training.search.fits import Fit


class Lines:
    """One line per candidate on stdout, the log of a training job."""

    def __init__(self, title: str, candidates: int) -> None:
        self._title, self._candidates, self._compared = title, candidates, 0

    def resumed(self, fits: int, compared: Sequence[Sequence[Fit]]) -> None:
        """Count the complete candidates in a checkpoint with a number of fits."""
        self._compared = len(compared)

    def fitted(self, fits: int) -> None:
        """Print nothing about single fits."""

    def compared(self, candidate: Mapping[str, Any], fits: Sequence[Fit]) -> None:
        """Print the candidate with its mean accuracy and time."""
        self._compared += 1
        values = " ".join(f"{name}={value}" for name, value in candidate.items())
        log_line(
            f"{self._title} {self._compared} of {self._candidates}: {values}: accuracy "
            f"{_mean_accuracy(fits):.4f} ({fmean(fit.seconds for fit in fits):.2f} s per fit)"
        )


class Bar:
    """A bar on stderr that counts fits and shows the best accuracy so far."""

    def __init__(self, bar: Any) -> None:
        self._bar, self._best = bar, 0.0

    def resumed(self, fits: int, compared: Sequence[Sequence[Fit]]) -> None:
        """Start after the fits in the checkpoint, so that they do not count as fast ones."""
        self._bar.n = self._bar.initial = fits
        self._best = max(map(_mean_accuracy, compared), default=0.0)

    def fitted(self, fits: int) -> None:
        """Advance the bar."""
        self._bar.update(fits)

    def compared(self, candidate: Mapping[str, Any], fits: Sequence[Fit]) -> None:
        """Show the best accuracy so far."""
        self._best = max(self._best, _mean_accuracy(fits))
        self._bar.set_postfix_str(f"best {self._best:.4f}", refresh=False)


def _mean_accuracy(fits: Sequence[Fit]) -> float:
    return fmean(fit.accuracy for fit in fits)


@contextmanager
def show_progress(title: str, candidates: int, fits: int) -> Iterator[Lines | Bar]:
    """Give the progress display of a search with these numbers of candidates and fits."""
    if not sys.stderr.isatty():
        yield Lines(title, candidates)
        return
    from tqdm import tqdm  # missing in the training image, which has no terminal

    with tqdm(total=fits, desc=title, unit="fit", file=sys.stderr) as bar:
        yield Bar(bar)
