"""Fit many pipelines on many splits, on all cores, without fitting anything twice.

Two steps are equal if they have the same class and parameters. Fitted on the same rows, they give
the same output, so fitting one of them is enough. The shared steps of a split are fitted first, and
their output goes to the candidates that continue them. Steps that need no fitting run once.

Work is done in processes rather than threads, because fitting a small network mostly runs Python
code. joblib gives each process its share of the cores for linear algebra.
"""

import os
import threading
import time
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import joblib
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, get_tags

from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.training.scikit_learn.servable import mark_fitted
from newsgroup_classifier.training.search.folds import Groups, Split, group_parameters, own_groups

_LIFELINE_SECONDS = 0.5  # between checks
Rows = Any  # a list of texts, a matrix, or a data frame
Place = tuple[int, int]  # a candidate's number, a split's number
Step = tuple[str, Any]


@dataclass(frozen=True)
class Fit:
    """The accuracy of a candidate on a split, and the CPU seconds to fit its last step."""

    accuracy: float
    seconds: float


@dataclass(frozen=True)
class Parts:
    """The rows of a split after some steps, their labels, and the groups of those to fit on."""

    train: Rows
    test: Rows
    train_labels: Sequence[int]
    test_labels: Sequence[int]
    train_groups: Groups = None


@dataclass(frozen=True)
class Candidate:
    """The steps of a pipeline, with keys that are equal for equal steps."""

    number: int
    steps: tuple[Step, ...]
    keys: tuple[str, ...]
    stateless: int  # number of first steps that need no fitting


def candidate_of(number: int, pipeline: Pipeline) -> Candidate:
    """Return the candidate of a pipeline."""
    steps = tuple(pipeline.steps)
    last = len(steps) - 1
    keys = tuple(
        joblib.hash((index == last, _description(step))) for index, (_, step) in enumerate(steps)
    )
    stateless = 0
    while stateless < last and not needs_fit(steps[stateless][1]):
        stateless += 1
    return Candidate(number, steps, keys, stateless)


def _description(step: Any) -> Any:
    return None if skips(step) else (type(step), sorted(step.get_params(deep=False).items()))


def skips(step: Any) -> bool:
    """Return whether a pipeline leaves out a step, which is "passthrough" or None."""
    return step is None or isinstance(step, str)


def needs_fit(step: Any) -> bool:
    """Return whether a step learns from texts, according to its tags."""
    return not skips(step) and bool(get_tags(step).requires_fit)


@dataclass(frozen=True)
class _Task:
    """Candidates that are alike up to some step, and the rows of a split after `depth` steps."""

    candidates: Sequence[Candidate]
    depth: int
    split: int
    parts: Parts


class PreparedRows:
    """All rows after the steps that need no fitting; equal steps run once."""

    def __init__(self, texts: Rows, labels: Sequence[int], groups: Groups = None) -> None:
        self._labels, self._groups = labels, groups
        self._after: dict[tuple[str, ...], Rows] = {(): texts}

    def after(self, candidate: Candidate) -> Rows:
        """Return the rows after a candidate's first steps."""
        rows = self._after[()]
        for index in range(candidate.stateless):
            keys = candidate.keys[: index + 1]
            if keys not in self._after:
                step = candidate.steps[index][1]
                self._after[keys] = rows if skips(step) else step.transform(rows)
            rows = self._after[keys]
        return rows

    def parts(self, candidate: Candidate, split: Split) -> Parts:
        """Return the rows of a split after a candidate's first steps."""
        rows = self.after(candidate)
        train, test = (_safe_indexing(rows, numbers) for numbers in split)
        groups = self._groups and [self._groups[number] for number in split[0]]
        train_labels, test_labels = (_safe_indexing(self._labels, each) for each in split)
        return Parts(train, test, train_labels, test_labels, groups)


def fit_all(
    candidates: Sequence[Candidate],
    rows: PreparedRows,
    splits: Sequence[Split],
    done: Collection[Place],
    workers: int,
) -> Iterator[tuple[Place, Fit]]:
    """Yield the fit of every candidate on every split that is not done, as soon as it is ready.

    The candidates must be distinct.
    """
    starts = [
        (group, number)
        for number in range(len(splits))
        for group in _alike([each for each in candidates if (each.number, number) not in done])
    ]
    for group, _ in starts:
        rows.after(group[0])
    shared = [start for start in starts if len(start[0]) > 1]
    alone = [start for start in starts if len(start[0]) == 1]
    alone.sort(key=lambda start: (start[0][0].number, start[1]))
    # A wave holds only as much shared output as all cores need to be busy.
    size = max(workers, len(splits))
    waves = [shared[start : start + size] for start in range(0, len(shared), size)]
    for wave in [*waves, alone] if alone else waves:
        tasks = (
            _Task(group, group[0].stateless, number, rows.parts(group[0], splits[number]))
            for group, number in wave
        )
        # Each wave has its own pool of the same processes, because the shared memory of a pool is
        # freed at its end.
        with joblib.Parallel(
            workers,
            return_as="generator_unordered",
            batch_size=1,
            mmap_mode="c",
            initializer=_end_with,
            initargs=(os.getpid(),),
        ) as parallel:
            yield from _fit_tasks(parallel, tasks)


def _alike(candidates: Iterable[Candidate], depth: int | None = None) -> list[list[Candidate]]:
    """Return groups of candidates with equal steps up to that at `depth`, or the first to fit."""
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for each in candidates:
        last = each.stateless if depth is None else depth
        groups.setdefault(each.keys[: last + 1], []).append(each)
    return list(groups.values())


def _fit_tasks(parallel: Any, first: Iterable[_Task]) -> Iterator[tuple[Place, Fit]]:
    """Run tasks, and those that continue them, until every candidate is fitted."""
    tasks: Iterable[_Task] = first
    while tasks:
        following: list[_Task] = []
        for group, depth, split, result in parallel(joblib.delayed(_run)(task) for task in tasks):
            if isinstance(result, Fit):
                yield (group[0].number, split), result
            else:
                following += [_Task(each, depth, split, result) for each in _alike(group, depth)]
        # Sorted by candidate, so that each one is complete as early as possible.
        tasks = sorted(following, key=lambda task: (task.candidates[0].number, task.split))


def _end_with(program: int) -> None:
    """End this worker process when its parent, `program`, is gone.

    A killed program cannot stop its workers, and joblib's would wait minutes for more work.
    """

    def watch() -> None:
        while os.getppid() == program:
            time.sleep(_LIFELINE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run(task: _Task) -> tuple[Sequence[Candidate], int, int, Parts | Fit]:
    """Fit the steps that all candidates of a task share, or all steps of a single candidate.

    Return the candidates, the number of their steps that are fitted, the split, and the result.
    """
    group, split = task.candidates, task.split
    end = len(group[0].steps)
    while any(each.keys[:end] != group[0].keys[:end] for each in group):
        end -= 1
    # Steps that a pipeline skips are not estimators: "passthrough" and None.
    steps = [(name, clone(step, safe=False)) for name, step in group[0].steps[task.depth : end]]
    with warnings.catch_warnings():
        # A candidate that does not converge is compared as it is; the final fit shows the warning.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if len(group) > 1:
            return group, end, split, _transform(steps, task.parts)
        parts = _transform(steps[:-1], task.parts)
        model = steps[-1][1]
        train, test = map(feature_matrix, (parts.train, parts.test))  # as the final fit
        groups = own_groups(model, parts.train_groups)
        began = time.process_time()  # does not depend on other work of the machine
        model.fit(train, parts.train_labels, **groups)
        seconds = time.process_time() - began
        # Not its score(), which may be of another kind, as of a GridSearchCV with scoring="f1".
        accuracy = accuracy_score(parts.test_labels, model.predict(test))
    return group, end, split, Fit(float(accuracy), seconds)


def _transform(steps: list[tuple[str, Any]], parts: Parts) -> Parts:
    if not steps:
        return parts
    pipeline = Pipeline(steps)
    groups = group_parameters(steps, parts.train_groups)
    train = pipeline.fit_transform(parts.train, parts.train_labels, **groups)
    mark_fitted(pipeline)
    return replace(parts, train=train, test=pipeline.transform(parts.test))
