"""Fit many pipelines on many splits, on all cores, without fitting anything twice.

The shared steps of a split are fitted first, and their output goes to the candidates that continue
them. Work is done in processes rather than threads, because fitting a small network mostly runs
Python code. joblib gives each process its share of the cores for linear algebra.
"""

import os
import threading
import time
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import joblib
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.training.groups import Groups, group_parameters, own_groups
from newsgroup_classifier.training.scikit_learn.servable import mark_fitted
from newsgroup_classifier.training.search.folds import Split
from newsgroup_classifier.training.search.sharing import Branch, Candidate, branches, skips

_LIFELINE_SECONDS = 0.5  # between checks
Rows = Any  # a list of texts, a matrix, or a data frame
Place = tuple[int, int]  # a candidate's number, a split's number
_Start = tuple[Branch, int, Candidate, Split]


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
class _Task:
    branch: Branch
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
    shared: list[_Start] = []
    alone: list[_Start] = []
    for number, split in enumerate(splits):
        pending = [each for each in candidates if (each.number, number) not in done]
        for first, branch in _starts(pending):
            starts = shared if branch.after else alone
            starts.append((branch, number, first, split))
    alone.sort(key=lambda start: (start[0].candidate, start[1]))
    for _, _, first, _ in [*shared, *alone]:
        rows.after(first)
    # A wave holds only as much shared output as all cores need to be busy.
    size = max(workers, len(splits))
    waves = [shared[start : start + size] for start in range(0, len(shared), size)]
    for wave in [*waves, alone] if alone else waves:
        tasks = (
            _Task(branch, number, rows.parts(first, split)) for branch, number, first, split in wave
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
            yield from _fit_branches(parallel, tasks)


def _starts(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Branch]]:
    """Yield the branches after the steps that need no fitting, with one candidate of each."""

    def prepared(candidate: Candidate) -> tuple[str, ...]:
        return candidate.keys[: candidate.stateless]

    for keys, group in groupby(sorted(candidates, key=prepared), key=prepared):
        members = list(group)
        for branch in branches(members, len(keys)):
            yield members[0], branch


def _fit_branches(parallel: Any, first: Iterable[_Task]) -> Iterator[tuple[Place, Fit]]:
    """Run tasks, and those that continue them, until every candidate is fitted."""
    tasks: Iterable[_Task] = first
    while tasks:
        following: list[_Task] = []
        for branch, split, result in parallel(joblib.delayed(_run)(task) for task in tasks):
            if isinstance(result, Fit):
                yield (branch.candidate, split), result
            else:
                following += [_Task(after, split, result) for after in branch.after]
        # Sorted by candidate, so that each one is complete as early as possible.
        tasks = sorted(following, key=lambda task: (task.branch.candidate, task.split))


def _end_with(program: int) -> None:
    """End this worker process when its parent, `program`, is gone.

    A killed program cannot stop its workers, and joblib's would wait minutes for more work.
    """

    def watch() -> None:
        while os.getppid() == program:
            time.sleep(_LIFELINE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run(task: _Task) -> tuple[Branch, int, Parts | Fit]:
    # Steps that a pipeline skips are not estimators: "passthrough" and None.
    steps = [(name, clone(step, safe=False)) for name, step in task.branch.steps]
    with warnings.catch_warnings():
        # A candidate that does not converge is compared as it is; the final fit shows the warning.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if task.branch.after:
            return task.branch, task.split, _transform(steps, task.parts)
        parts = _transform(steps[:-1], task.parts)
        model = steps[-1][1]
        train, test = map(feature_matrix, (parts.train, parts.test))  # as the final fit
        groups = own_groups(model, parts.train_groups)
        began = time.process_time()  # does not depend on other work of the machine
        model.fit(train, parts.train_labels, **groups)
        seconds = time.process_time() - began
        # Not its score(), which may be of another kind, as of a GridSearchCV with scoring="f1".
        accuracy = accuracy_score(parts.test_labels, model.predict(test))
    return task.branch, task.split, Fit(float(accuracy), seconds)


def _transform(steps: list[tuple[str, Any]], parts: Parts) -> Parts:
    if not steps:
        return parts
    pipeline = Pipeline(steps)
    groups = group_parameters(steps, parts.train_groups)
    train = pipeline.fit_transform(parts.train, parts.train_labels, **groups)
    mark_fitted(pipeline)
    return replace(parts, train=train, test=pipeline.transform(parts.test))
