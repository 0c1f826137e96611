"""What pipelines have in common: steps that need no fitting, and steps that begin alike.

Two steps are equal if they are of one class and have equal parameters. Fitted with the same rows
they give the same output, so one of them is enough.
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
    """A pipeline by its steps, and what says whether a step equals another's."""

    number: int
    steps: tuple[Step, ...]
    keys: tuple[str, ...]
    stateless: int  # how many of the first steps need no fitting


@dataclass(frozen=True)
class Branch:
    """Steps that one or more candidates share, and how they go on; the last step is a model."""

    steps: tuple[Step, ...]
    candidate: int = -1  # the one that ends here
    after: tuple["Branch", ...] = ()


def candidate_of(number: int, pipeline: Pipeline) -> Candidate:
    """Return a pipeline as a candidate."""
    steps = tuple(pipeline.steps)
    last = len(steps) - 1
    keys = tuple(
        joblib.hash((place == last, type(step), _parameters(step)))
        for place, (_, step) in enumerate(steps)
    )
    stateless = 0
    while stateless < last and _needs_no_fit(steps[stateless][1]):
        stateless += 1
    return Candidate(number, steps, keys, stateless)


def _parameters(step: Any) -> Any:
    return step if isinstance(step, str) else sorted(step.get_params(deep=False).items())


def _needs_no_fit(step: Any) -> bool:
    return step == "passthrough" or not get_tags(step).requires_fit


def branches(candidates: Sequence[Candidate], depth: int) -> list[Branch]:
    """Return the candidates from a depth on, each run of common steps once."""
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
