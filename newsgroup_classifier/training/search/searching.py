"""Search a recipe's space on the train channel for the candidate with the best accuracy.

The accuracies, their ranks, and the best candidate are the same as those of scikit-learn's
GridSearchCV and HalvingGridSearchCV on the same folds.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import fmean
from typing import Any

import joblib
import numpy as np
from sklearn.pipeline import Pipeline

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.search_space import Candidate as Values
from newsgroup_classifier.search_space import check_space, draw, grid
from newsgroup_classifier.training.checkpoints import digest, job_identity
from newsgroup_classifier.training.output import log_line
from newsgroup_classifier.training.search.checkpoint import SearchCheckpoint
from newsgroup_classifier.training.search.fits import (
    Candidate,
    Fit,
    PreparedRows,
    candidate_of,
    fit_all,
)
from newsgroup_classifier.training.search.folds import (
    FACTOR,
    Groups,
    Round,
    Split,
    check_parts,
    groups_of,
    halving_rounds,
    part_of,
    stratified_folds,
    survivors,
)
from newsgroup_classifier.training.search.table import Row, ranked, scored

Build = Callable[[Hyperparameters], Pipeline]


@dataclass(frozen=True)
class Task:
    """A recipe whose space is searched, and the labeled texts on which candidates are compared.

    `file_digests` are the digests of other files that the pipelines are fitted with, by name.
    `subjects` are the groups of the texts, which matter with grouped=yes.
    """

    recipe: Recipe
    hyperparameters: Hyperparameters
    build: Build
    texts: list[str]
    labels: list[int]
    label_names: Sequence[str]
    file_digests: Mapping[str, str] = field(default_factory=dict)
    subjects: Sequence[str] = ()

    @property
    def groups(self) -> Groups:
        """The group of each text, if folds keep groups together."""
        return groups_of(self.subjects, self.hyperparameters)

    @property
    def method(self) -> str:
        """The value of the hyperparameter `search`."""
        return str(self.hyperparameters.get("search", "none"))

    @property
    def folds(self) -> int:
        """The number of folds on which candidates are compared."""
        return int(self.hyperparameters.get("folds", 0))

    def identity(self) -> dict[str, str]:
        """Return the values that identify a job; a checkpoint must match them."""
        channel = digest(self.texts, self.labels, self.label_names, *filter(None, [self.groups]))
        data = {"space": repr(self.recipe.space), "train channel": channel, **self.file_digests}
        return job_identity(self.recipe.name, self.hyperparameters, data)


@dataclass(frozen=True)
class SearchResult:
    """The best candidate, its mean accuracy, the table of all candidates, and a summary."""

    best: Values
    accuracy: float
    table: list[Row]
    about: dict[str, Any]


def candidates_of(recipe: Recipe, hyperparameters: Hyperparameters) -> list[Values]:
    """Return the candidates of a search; without a search, one candidate without values."""
    search = hyperparameters.get("search", "none")
    if search == "none":
        return [{}]
    if not recipe.space:
        raise HyperparameterError(
            f"hyperparameter search is {search!r}, but recipe {recipe.name} has no search space; "
            "expected none."
        )
    check_space(recipe.space, recipe.hyperparameters)
    if search == "random":
        seed = int(hyperparameters.get("seed", 0))
        return draw(recipe.space, int(hyperparameters["candidates"]), seed)
    return grid(recipe.space)


def search(task: Task, checkpoints: Path | None = None, workers: int | None = None) -> SearchResult:
    """Compare the candidates, and resume from the checkpoint in a folder if there is one.

    By default, `workers` is the number of cores, or 1 for a single candidate.
    """
    values = candidates_of(task.recipe, task.hyperparameters)
    splits = stratified_folds(task.labels, task.folds, task.groups)
    checkpoint, warning = SearchCheckpoint.read(checkpoints, task.identity())
    if warning is not None:
        log_line(warning)
    if checkpoint.fits:
        log_line(f"resuming from {sum(map(len, checkpoint.fits.values()))} fits in a checkpoint")
    if workers is None:
        # Starting a process takes longer than fitting most candidates once.
        workers = joblib.cpu_count() if len(values) > 1 else 1
    return _Search(task, values, splits, checkpoint, workers).run()


class _Search:
    """A search over candidates, of which those with equal steps are fitted only once."""

    def __init__(
        self,
        task: Task,
        values: list[Values],
        splits: list[Split],
        checkpoint: SearchCheckpoint,
        workers: int,
    ) -> None:
        self._task, self._values, self._splits = task, values, splits
        self._checkpoint, self._workers = checkpoint, workers
        self._rows = PreparedRows(task.texts, task.labels, task.groups)
        self._distinct: dict[tuple[str, ...], Candidate] = {}
        self._fitted_as: list[int] = []  # for each candidate, the first one with equal steps
        for number, each in enumerate(values):
            candidate = candidate_of(number, task.build({**task.hyperparameters, **each}))
            first = self._distinct.setdefault(candidate.keys, candidate)
            self._fitted_as.append(first.number)

    def run(self) -> SearchResult:
        """Compare the candidates in one round, or in the rounds of successive halving."""
        halving, task, count = self._task.method == "halving", self._task, len(self._distinct)
        rounds = [Round(count, len(task.texts))]
        if halving:
            rounds = halving_rounds(count, len(task.texts), task.folds, len(set(task.labels)))
        remaining, scores = sorted(set(self._fitted_as)), {}
        for number, each in enumerate(rounds):
            fits = self._fit(remaining, number, each if halving else None)
            accuracies = np.array([[fit.accuracy for fit in fits[place]] for place in remaining])
            means, deviations = np.average(accuracies, axis=1), accuracies.std(axis=1)
            columns = {"round": number + 1, "rows": each.rows} if halving else {}
            for place, mean, deviation in zip(remaining, means, deviations, strict=True):
                seconds = float(np.mean([fit.seconds for fit in fits[place]]))
                folds = len(fits[place])
                scores[place] = columns | scored(float(mean), float(deviation), folds, seconds)
            best = remaining[int(np.argmax(means))]
            keep = ceil(len(remaining) / FACTOR)
            remaining = [remaining[index] for index in survivors(means.tolist(), keep)]
        return self._result(scores, best, rounds)

    def _fit(self, places: list[int], number: int, part: Round | None) -> dict[int, list[Fit]]:
        """Return the fits of candidates on all splits, with all rows or with those of a round."""
        splits = self._splits
        if part is not None:
            splits = part_of(splits, part.rows / len(self._task.texts))
            check_parts(splits, self._task.labels, part.rows)
        candidates = [each for each in self._distinct.values() if each.number in places]
        done = self._checkpoint.fits.setdefault(number, {})
        title = f"search round {number + 1}," if part is not None else "search"
        counts = Counter(candidate for candidate, _ in done)

        def fits_of(place: int) -> list[Fit]:
            return [done[place, split] for split in range(len(splits))]

        def mean_accuracy(place: int) -> float:
            return fmean(fit.accuracy for fit in fits_of(place))

        compared = [mean_accuracy(place) for place in counts if counts[place] == len(splits)]
        with _progress_bar(title, len(done), len(candidates) * len(splits)) as bar:
            new = fit_all(candidates, self._rows, splits, done, self._workers)
            for (place, split), fit in new:
                self._checkpoint.add(number, (place, split), fit)
                counts[place] += 1
                if counts[place] == len(splits):
                    compared.append(mean_accuracy(place))
                    if bar is None:
                        seconds = fmean(fit.seconds for fit in fits_of(place))
                        values = " ".join(f"{name}={v}" for name, v in self._values[place].items())
                        log_line(
                            f"{title} {len(compared)} of {len(candidates)}: {values}: accuracy "
                            f"{compared[-1]:.4f} ({seconds:.2f} s per fit)"
                        )
                    else:
                        bar.set_postfix_str(f"best {max(compared):.4f}", refresh=False)
                if bar is not None:
                    bar.update()
        return {place: fits_of(place) for place in places}

    def _result(self, scores: dict[int, Row], best: int, rounds: list[Round]) -> SearchResult:
        table = ranked(
            {**values, "candidate": place + 1, "fitted_as": self._fitted_as[place] + 1}
            | scores[self._fitted_as[place]]
            for place, values in enumerate(self._values)
        )
        fits = [fit for each in self._checkpoint.fits.values() for fit in each.values()]
        about = {
            "search": self._task.method,
            "candidates": len(self._values),
            "different": len(self._distinct),
            "folds": len(self._splits),
            "rounds": [[each.candidates, each.rows] for each in rounds],
            "fits": len(fits),
            "fit_seconds": sum(fit.seconds for fit in fits),
            "accuracy": scores[best]["accuracy"],
            "standard_error": scores[best]["standard_error"],
        }
        return SearchResult(self._values[best], scores[best]["accuracy"], table, about)


@contextmanager
def _progress_bar(title: str, done: int, fits: int) -> Iterator[Any]:
    """Give a bar on stderr that counts fits, or None without a terminal, as in a training job."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # missing in the training image

    with tqdm(total=fits, initial=done, desc=title, unit="fit", file=sys.stderr) as bar:
        yield bar
