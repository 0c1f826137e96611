"""Fit many pipelines on many splits, on all cores, with nothing fitted twice.

A split's shared steps are fitted first, and what they give goes to the candidates behind them.
Processes, not threads: what most of a small network's fit does is Python's own. joblib gives each
as many threads of linear algebra as there are cores left for it.
"""

import os
import time
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import joblib
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline

from newsgroup_classifier.training.search.folds import Split
from newsgroup_classifier.training.search.lifeline import end_with
from newsgroup_classifier.training.search.sharing import Branch, Candidate, branches

Rows = Any  # a list of texts, or a matrix
Place = tuple[int, int]  # a candidate's number, a split's number
_Start = tuple[Branch, int, Candidate, Split]


@dataclass(frozen=True)
class Fit:
    """How accurate a candidate is on a split, and the CPU seconds of its last step's fit."""

    accuracy: float
    seconds: float


@dataclass(frozen=True)
class Parts:
    """The rows of a split as they are after some steps, and their labels."""

    train: Rows
    test: Rows
    train_labels: Sequence[int]
    test_labels: Sequence[int]


@dataclass(frozen=True)
class _Task:
    branch: Branch
    split: int
    parts: Parts


class PreparedRows:
    """All rows after the steps that need no fitting, each distinct run of which is taken once."""

    def __init__(self, texts: Rows, labels: Sequence[int]) -> None:
        self._labels = labels
        self._after: dict[tuple[str, ...], Rows] = {(): texts}

    def after(self, candidate: Candidate) -> Rows:
        """Return the rows after a candidate's first steps."""
        rows = self._after[()]
        for place in range(candidate.stateless):
            keys = candidate.keys[: place + 1]
            if keys not in self._after:
                step = candidate.steps[place][1]
                self._after[keys] = rows if isinstance(step, str) else step.transform(rows)
            rows = self._after[keys]
        return rows

    def parts(self, candidate: Candidate, split: Split) -> Parts:
        """Return the rows of a split after a candidate's first steps."""
        rows = self.after(candidate)
        train, test = (_chosen(rows, numbers) for numbers in split)
        return Parts(train, test, *(_chosen(self._labels, numbers) for numbers in split))


def _chosen(rows: Rows, numbers: Iterable[int]) -> Rows:
    return [rows[number] for number in numbers] if isinstance(rows, list) else rows[numbers]


def fit_all(
    candidates: Sequence[Candidate],
    rows: PreparedRows,
    splits: Sequence[Split],
    done: Collection[Place],
    workers: int,
) -> Iterator[tuple[Place, Fit]]:
    """Fit every candidate on every split, but for what is done; give each as it is ready.

    The candidates are distinct.
    """
    shared: list[_Start] = []
    alone: list[_Start] = []
    for number, split in enumerate(splits):
        left = [candidate for candidate in candidates if (candidate.number, number) not in done]
        for first, branch in _starts(left):
            starts = shared if branch.after else alone
            starts.append((branch, number, first, split))
    alone.sort(key=lambda start: (start[0].candidate, start[1]))
    for _, _, first, _ in [*shared, *alone]:
        rows.after(first)
    # No more shared output is held at once than keeps all cores busy with one split's.
    size = max(workers, len(splits))
    waves = [shared[start : start + size] for start in range(0, len(shared), size)]
    for wave in [*waves, alone] if alone else waves:
        tasks = (
            _Task(branch, number, rows.parts(first, split)) for branch, number, first, split in wave
        )
        # Each has a pool of its own, of the same processes: what a pool has put into shared memory
        # stays there until its end.
        with joblib.Parallel(
            workers,
            return_as="generator_unordered",
            batch_size=1,
            mmap_mode="c",
            initializer=end_with,
            initargs=(os.getpid(),),
        ) as parallel:
            yield from _grown(parallel, tasks)


def _starts(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Branch]]:
    """Return the branches behind the steps that need no fitting, and one candidate of each."""

    def prepared(candidate: Candidate) -> tuple[str, ...]:
        return candidate.keys[: candidate.stateless]

    for keys, group in groupby(sorted(candidates, key=prepared), key=prepared):
        members = list(group)
        for branch in branches(members, len(keys)):
            yield members[0], branch


def _grown(parallel: Any, first: Iterable[_Task]) -> Iterator[tuple[Place, Fit]]:
    """Run tasks, and those that follow from them, until every candidate has its fit."""
    tasks: Iterable[_Task] = first
    while tasks:
        following: list[_Task] = []
        for branch, split, found in parallel(joblib.delayed(_run)(task) for task in tasks):
            if isinstance(found, Fit):
                yield (branch.candidate, split), found
            else:
                following += [_Task(after, split, found) for after in branch.after]
        # By candidates, so that one after the other is compared with all of its folds.
        tasks = sorted(following, key=lambda task: (task.branch.candidate, task.split))


def _run(task: _Task) -> tuple[Branch, int, Parts | Fit]:
    steps = [(name, clone(step)) for name, step in task.branch.steps]
    with warnings.catch_warnings():
        # A candidate that has its most iterations is compared as it is; the best one's is shown.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if task.branch.after:
            return task.branch, task.split, _through(steps, task.parts)
        parts = _through(steps[:-1], task.parts)
        model = steps[-1][1]
        began = time.process_time()  # what else the machine does is no part of it
        model.fit(parts.train, parts.train_labels)
        seconds = time.process_time() - began
        accuracy = model.score(parts.test, parts.test_labels)
    return task.branch, task.split, Fit(float(accuracy), seconds)


def _through(steps: list[tuple[str, Any]], parts: Parts) -> Parts:
    if not steps:
        return parts
    pipeline = Pipeline(steps)
    train = pipeline.fit_transform(parts.train, parts.train_labels)
    return Parts(train, pipeline.transform(parts.test), parts.train_labels, parts.test_labels)
