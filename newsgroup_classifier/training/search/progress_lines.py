"""How far a search is: a bar for a person at a terminal, a line a candidate in a job's log."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import fmean
from typing import Any, Protocol

from newsgroup_classifier.training.search.fits import Fit


class Progress(Protocol):
    """What a search tells while it goes on."""

    def kept(self, fits: int, compared: Sequence[Sequence[Fit]]) -> None:
        """So many fits were done before, and with them all those of some candidates."""

    def fitted(self, fits: int) -> None:
        """So many more fits are done."""

    def compared(self, candidate: Mapping[str, Any], fits: Sequence[Fit]) -> None:
        """All fits of a candidate are done."""


class Lines:
    """A line a candidate on stdout, where a training job's log is read."""

    def __init__(self, title: str, candidates: int) -> None:
        self._title, self._candidates, self._compared = title, candidates, 0

    def kept(self, fits: int, compared: Sequence[Sequence[Fit]]) -> None:
        """Count the candidates."""
        self._compared = len(compared)

    def fitted(self, fits: int) -> None:
        """Say nothing of single fits."""

    def compared(self, candidate: Mapping[str, Any], fits: Sequence[Fit]) -> None:
        """Print the candidate with its means."""
        self._compared += 1
        seconds = fmean(fit.seconds for fit in fits)
        print(
            f"{self._title} {self._compared} of {self._candidates}: {said(candidate)}: accuracy "
            f"{mean_accuracy(fits):.4f} ({seconds:.2f} s a fit)",
            flush=True,
        )


class Bar:
    """A bar on stderr that moves with every fit, and names the best accuracy so far."""

    def __init__(self, bar: Any) -> None:
        self._bar, self._best = bar, 0.0

    def kept(self, fits: int, compared: Sequence[Sequence[Fit]]) -> None:
        """Begin behind them, so that they are not taken for quick ones."""
        self._bar.n = self._bar.initial = fits
        self._best = max(map(mean_accuracy, compared), default=0.0)

    def fitted(self, fits: int) -> None:
        """Move the bar."""
        self._bar.update(fits)

    def compared(self, candidate: Mapping[str, Any], fits: Sequence[Fit]) -> None:
        """Show the best accuracy so far."""
        self._best = max(self._best, mean_accuracy(fits))
        self._bar.set_postfix_str(f"best {self._best:.4f}", refresh=False)


def mean_accuracy(fits: Sequence[Fit]) -> float:
    """Return the mean accuracy of a candidate's fits."""
    return fmean(fit.accuracy for fit in fits)


def said(candidate: Mapping[str, Any]) -> str:
    """Return a candidate in one line."""
    return " ".join(f"{name}={value}" for name, value in candidate.items())


@contextmanager
def telling(title: str, candidates: int, fits: int) -> Iterator[Progress]:
    """Give what tells how far so many candidates and fits are."""
    if not sys.stderr.isatty():
        yield Lines(title, candidates)
        return
    from tqdm import tqdm  # the training image has none, and no terminal either

    with tqdm(total=fits, desc=title, unit="fit", file=sys.stderr) as bar:
        yield Bar(bar)
