"""The steps that pipelines share: those that need no fitting, and equal first steps.

Two steps are equal if they have the same class and parameters. Fitted on the same rows, they give
the same output, so fitting one of them is enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import joblib
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

Step = tuple[str, Any]


@dataclass(frozen=True)
class Candidate:
    """The steps of a pipeline, with keys that are equal for equal steps."""

    number: int
    steps: tuple[Step, ...]
    keys: tuple[str, ...]
    stateless: int  # number of first steps that need no fitting


@dataclass(frozen=True)
class Branch:
    """Steps that one or more candidates share, and the branches that continue them."""

    steps: tuple[Step, ...]
    candidate: int = -1  # the number of the candidate that ends here
    after: tuple["Branch", ...] = ()


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


def branches(candidates: Sequence[Candidate], depth: int) -> list[Branch]:
    """Return the steps of the candidates from a depth on, with shared steps only once."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.keys[depth], []).append(candidate)
    return [_branch(group, depth) for group in groups.values()]


def _branch(group: Sequence[Candidate], depth: int) -> Branch:
    first, *others = group
    if not others:
        return Branch(first.steps[depth:], first.number)
    end = depth + 1
    while all(candidate.keys[end] == first.keys[end] for candidate in others):
        end += 1
    return Branch(first.steps[depth:end], after=tuple(branches(group, end)))
