"""Search a recipe's space on the train channel: which candidates, on which rows, and the best.

The accuracies, their ranks and the best candidate are those of scikit-learn's GridSearchCV and
HalvingGridSearchCV with the same folds.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.pipeline import Pipeline

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.search_space import Candidate as Values
from newsgroup_classifier.search_space import check_space, draw, grid
from newsgroup_classifier.training.checkpoints import digest
from newsgroup_classifier.training.search.fits import Fit, PreparedRows, fit_all
from newsgroup_classifier.training.search.folds import (
    Split,
    check_parts,
    part_of,
    stratified_folds,
)
from newsgroup_classifier.training.search.halving import (
    FACTOR,
    Round,
    halving_rounds,
    survivors,
)
from newsgroup_classifier.training.search.kept import KeptFits
from newsgroup_classifier.training.search.progress_lines import telling
from newsgroup_classifier.training.search.sharing import Candidate, candidate_of
from newsgroup_classifier.training.search.table import Row, ranked, scored

Build = Callable[[Mapping[str, Value]], Pipeline]


@dataclass(frozen=True)
class Task:
    """What is searched: a recipe's pipelines, and the labelled texts they are compared on.

    `further` are digests of the other files that the pipelines are fitted with, by name.
    """

    recipe: Recipe
    hyperparameters: Mapping[str, Value]
    build: Build
    texts: list[str]
    labels: list[int]
    label_names: Sequence[str]
    further: Mapping[str, str] = field(default_factory=dict)

    @property
    def folds(self) -> int:
        """The folds that candidates are compared on."""
        return int(self.hyperparameters.get("folds", 0))

    def identity(self) -> dict[str, str]:
        """Return what fits that were kept must agree with."""
        given = {f"hyperparameter {name}": str(v) for name, v in self.hyperparameters.items()}
        return {
            "recipe": self.recipe.name,
            "space": repr(self.recipe.space),
            "train channel": digest(self.texts, self.labels, self.label_names),
            **self.further,
        } | given


@dataclass(frozen=True)
class Found:
    """The best candidate, its mean accuracy, all of them as a table, and the search in numbers."""

    best: Values
    accuracy: float
    table: list[Row]
    about: dict[str, Any]


def candidates_of(recipe: Recipe, hyperparameters: Mapping[str, Value]) -> list[Values]:
    """Return the candidates that a search is to compare, one without values for search none."""
    search = hyperparameters.get("search", "none")
    if search == "none":
        return [{}]
    if not recipe.space:
        raise HyperparameterError(
            f"hyperparameter search is {search!r}, and recipe {recipe.name} has no space to "
            "search; expected none."
        )
    check_space(recipe.space, recipe.hyperparameters)
    if search == "random":
        seed = int(hyperparameters.get("seed", 0))
        return draw(recipe.space, int(hyperparameters["candidates"]), seed)
    return grid(recipe.space)


def search(task: Task, kept_in: Path | None = None, workers: int | None = None) -> Found:
    """Compare the candidates; what was kept in a folder is not fitted again.

    Every core is used, unless `workers` says how many; a single candidate takes one.
    """
    values = candidates_of(task.recipe, task.hyperparameters)
    splits = stratified_folds(task.labels, task.label_names, task.folds)
    kept, told = KeptFits.read(kept_in, task.identity())
    if told:
        print(told, flush=True)
    if kept.fits:
        print(f"going on from {sum(map(len, kept.fits.values()))} fits that are kept", flush=True)
    if workers is None:
        # A process takes longer to start than most single candidates to fit.
        workers = joblib.cpu_count() if len(values) > 1 else 1
    return _Search(task, values, splits, kept, workers).run()


class _Search:
    """One search: its candidates, each that differs from all before it, and what is kept."""

    def __init__(
        self, task: Task, values: list[Values], splits: list[Split], kept: KeptFits, workers: int
    ) -> None:
        self._task, self._values, self._splits = task, values, splits
        self._kept, self._workers = kept, workers
        self._rows = PreparedRows(task.texts, task.labels)
        self._distinct: dict[tuple[str, ...], Candidate] = {}
        self._same: list[int] = []  # for each candidate the first one with equal steps
        for number, each in enumerate(values):
            found = candidate_of(number, task.build({**task.hyperparameters, **each}))
            self._same.append(self._distinct.setdefault(found.keys, found).number)

    def run(self) -> Found:
        """Compare the candidates in one round, or in those of successive halving."""
        halved = self._task.hyperparameters.get("search") == "halving"
        rounds = self._rounds() if halved else [Round(len(self._distinct), len(self._task.texts))]
        left, scores = sorted(set(self._same)), {}
        for number, each in enumerate(rounds):
            fits = self._fit(left, number, each if halved else None)
            accuracies = np.array([[fit.accuracy for fit in fits[place]] for place in left])
            means, deviations = np.average(accuracies, axis=1), accuracies.std(axis=1)
            named = {"round": number + 1, "rows": each.rows} if halved else {}
            for place, mean, deviation in zip(left, means, deviations, strict=True):
                seconds = float(np.mean([fit.seconds for fit in fits[place]]))
                folds = len(fits[place])
                scores[place] = named | scored(float(mean), float(deviation), folds, seconds)
            best = left[int(np.argmax(means))]
            left = [left[at] for at in survivors(means.tolist(), ceil(len(left) / FACTOR))]
        return self._found(scores, best, rounds)

    def _rounds(self) -> list[Round]:
        labels = len(set(self._task.labels))
        return halving_rounds(len(self._distinct), len(self._task.texts), self._task.folds, labels)

    def _fit(self, places: list[int], number: int, part: Round | None) -> dict[int, list[Fit]]:
        """Return the fits of some candidates, one a split, on all rows or a round's part."""
        splits = self._splits
        if part is not None:
            splits = part_of(splits, part.rows / len(self._task.texts))
            check_parts(splits, self._task.labels, part.rows)
        candidates = [each for each in self._distinct.values() if each.number in places]
        done = self._kept.fits.setdefault(number, {})
        new = fit_all(candidates, self._rows, splits, done, self._workers)
        title = f"search round {number + 1}," if part is not None else "search"
        counts = Counter(candidate for candidate, _ in done)

        def whole(place: int) -> list[Fit]:
            return [done[place, split] for split in range(len(splits))]

        with telling(title, len(candidates), len(candidates) * len(splits)) as progress:
            before = [whole(place) for place in counts if counts[place] == len(splits)]
            progress.kept(len(done), before)
            for place, fit in new:
                self._kept.add(number, place, fit)
                progress.fitted(1)
                counts[place[0]] += 1
                if counts[place[0]] == len(splits):
                    progress.compared(self._values[place[0]], whole(place[0]))
        return {place: whole(place) for place in places}

    def _found(self, scores: dict[int, Row], best: int, rounds: list[Round]) -> Found:
        # Which candidate it is, and which of those with equal steps was fitted.
        table = ranked(
            {**values, "candidate": place + 1, "fitted_as": self._same[place] + 1}
            | scores[self._same[place]]
            for place, values in enumerate(self._values)
        )
        fits = [fit for each in self._kept.fits.values() for fit in each.values()]
        about = {
            "search": self._task.hyperparameters.get("search", "none"),
            "candidates": len(self._values),
            "different": len(self._distinct),
            "folds": len(self._splits),
            "rounds": [[each.candidates, each.rows] for each in rounds],
            "fits": len(fits),
            "fit_seconds": sum(fit.seconds for fit in fits),
            "accuracy": scores[best]["accuracy"],
            "standard_error": scores[best]["standard_error"],
        }
        return Found(self._values[best], scores[best]["accuracy"], table, about)
