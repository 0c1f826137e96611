"""How a tuning job chooses its next candidate: by walking a grid, at random, or by what it saw."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from local_aws.sagemaker.tuning.bayesian import most_promising
from local_aws.sagemaker.tuning.ranges import (
    Candidate,
    Numbers,
    Space,
    combinations,
    draw,
    encode,
    every,
)

_TRIES = 50  # draws of what was tried before, until what is left is listed
_MOST_LISTED = 100_000
_AT_RANDOM = 3  # candidates at random before anything is learnt from


@dataclass(frozen=True)
class History:
    """What was tried: with a loss (lower is better), still running, and altogether."""

    observed: Sequence[tuple[Candidate, float]] = ()
    running: Sequence[Candidate] = ()
    tried: Sequence[Candidate] = field(default=())

    def has(self, candidate: Mapping[str, str]) -> bool:
        """Tell whether a candidate was tried before."""
        return any(tried == candidate for tried in self.tried)


class Sampler(Protocol):
    """Chooses candidates, one at a time."""

    def propose(self, history: History) -> Candidate | None:
        """Return a candidate that was not tried, or None where there is no more."""


class GridSampler:
    """Every combination, in order."""

    def __init__(self, space: Space) -> None:
        self._left = iter(every(space))

    def propose(self, history: History) -> Candidate | None:
        """Return the next combination."""
        return next(self._left, None)


class RandomSampler:
    """Candidates drawn independently of what came before."""

    def __init__(self, space: Space, seed: int) -> None:
        self._space = space
        self._chooser = random.Random(seed)  # noqa: S311 (nothing secret)

    def propose(self, history: History) -> Candidate | None:
        """Return a candidate at random."""
        return fresh(self._space, history, self._chooser)


class BayesianSampler:
    """Candidates that a Gaussian process of those observed expects most improvement of."""

    def __init__(self, space: Space, seed: int) -> None:
        self._space = space
        self._chooser = random.Random(seed)  # noqa: S311 (nothing secret)

    def propose(self, history: History) -> Candidate | None:
        """Return the most promising of many candidates, or one at random to begin with."""
        if len(history.observed) < _AT_RANDOM:
            return fresh(self._space, history, self._chooser)
        candidates = self._candidates(history)
        if not candidates:
            return None
        chosen = most_promising(
            [encode(self._space, candidate) for candidate in candidates],
            [(encode(self._space, candidate), loss) for candidate, loss in history.observed],
            [encode(self._space, candidate) for candidate in history.running],
            self._chooser.randrange(2**31),
        )
        return candidates[chosen]

    def _candidates(self, history: History, count: int = 500) -> list[Candidate]:
        """Return candidates at random, and neighbours of the best: it is sharp near them."""
        found = [draw(self._space, self._chooser) for _ in range(count)]
        ranked = sorted(history.observed, key=lambda pair: pair[1])
        for candidate, _ in ranked[:3]:
            found += [self._neighbour(candidate) for _ in range(count // 5)]
        seen = {tuple(sorted(candidate.items())) for candidate in history.tried}
        kept: dict[tuple[tuple[str, str], ...], Candidate] = {}
        for candidate in found:
            key = tuple(sorted(candidate.items()))
            if key not in seen:
                kept[key] = candidate
        if not kept:  # few are left of a small space
            last = fresh(self._space, history, self._chooser)
            return [last] if last else []
        return list(kept.values())

    def _neighbour(self, candidate: Mapping[str, str]) -> Candidate:
        """Return a candidate with one hyperparameter moved a little, or drawn anew."""
        moved = dict(candidate)
        dimension = self._chooser.choice(self._space)
        text = candidate[dimension.name]
        if isinstance(dimension, Numbers):
            (place,) = dimension.encode(text)
            near = min(max(self._chooser.gauss(place, 0.05), 0.0), 1.0)
            moved[dimension.name] = dimension.decode(near)
        else:
            moved[dimension.name] = dimension.draw(self._chooser)
        return moved


def fresh(space: Space, history: History, chooser: random.Random) -> Candidate | None:
    """Return a candidate at random that was not tried, or None where all were."""
    for _ in range(_TRIES):
        candidate = draw(space, chooser)
        if not history.has(candidate):
            return candidate
    if combinations(space) > _MOST_LISTED:
        return None
    left = [candidate for candidate in every(space) if not history.has(candidate)]
    return chooser.choice(left) if left else None


def new_sampler(strategy: str, space: Space, seed: int) -> Sampler:
    """Return the sampler of a strategy."""
    if strategy == "Grid":
        return GridSampler(space)
    return RandomSampler(space, seed) if strategy == "Random" else BayesianSampler(space, seed)
