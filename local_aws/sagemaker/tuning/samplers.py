"""The strategies by which a tuning job chooses candidates: Grid, Random, and Bayesian."""

import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.sagemaker.tuning.ranges import (
    Candidate,
    Numbers,
    Space,
    combinations,
    draw,
    encode,
    every,
)

_DRAWS = 50  # random draws of untried candidates before the ones that remain are listed
_MAX_LISTED = 100_000
_RANDOM_STARTS = 3  # random candidates before the first Bayesian one
Point = list[float]
_NOISE = 1e-4  # of a loss, relative to the variance of all losses


@dataclass(frozen=True)
class History:
    """The candidates that have a loss (lower is better), that are running, and all of them."""

    observed: Sequence[tuple[Candidate, float]] = ()
    running: Sequence[Candidate] = ()
    tried: Sequence[Candidate] = ()


class RandomSampler:
    """Candidates drawn independently of earlier ones."""

    def __init__(self, space: Space, seed: int) -> None:
        self._space = space
        self._chooser = random.Random(seed)  # noqa: S311 (nothing secret)

    def propose(self, history: History) -> Candidate | None:
        """Return a random candidate that has not been tried."""
        # A parent of a warm start with the same seed has drawn the same candidates.
        for _ in range(_DRAWS + len(history.tried)):
            candidate = draw(self._space, self._chooser)
            if candidate not in history.tried:
                return candidate
        if combinations(self._space) > _MAX_LISTED:
            return None
        untried = [one for one in every(self._space) if one not in history.tried]
        return self._chooser.choice(untried) if untried else None


class BayesianSampler(RandomSampler):
    """Candidates with the greatest improvement expected by a Gaussian process."""

    def propose(self, history: History) -> Candidate | None:
        """Return the most promising of many candidates, or a random one at the beginning."""
        if len(history.observed) < _RANDOM_STARTS:
            return super().propose(history)
        candidates = self._candidates(history)
        if not candidates:
            return super().propose(history)  # a small space may have few untried candidates
        index = most_promising(
            [encode(self._space, candidate) for candidate in candidates],
            [(encode(self._space, candidate), loss) for candidate, loss in history.observed],
            [encode(self._space, candidate) for candidate in history.running],
            self._chooser.randrange(2**31),
        )
        return candidates[index]

    def _candidates(self, history: History, count: int = 500) -> list[Candidate]:
        """Return untried candidates: random ones, and neighbors of the best three."""
        candidates = [draw(self._space, self._chooser) for _ in range(count)]
        ranked = sorted(history.observed, key=lambda pair: pair[1])
        for best, _ in ranked[:3]:
            candidates += [self._neighbor(best) for _ in range(count // 5)]
        untried = {tuple(sorted(candidate.items())): candidate for candidate in candidates}
        for candidate in history.tried:
            untried.pop(tuple(sorted(candidate.items())), None)
        return list(untried.values())

    def _neighbor(self, candidate: Mapping[str, str]) -> Candidate:
        """Return a candidate with one hyperparameter moved a little, or drawn again."""
        moved = dict(candidate)
        dimension = self._chooser.choice(self._space)
        text = candidate[dimension.name]
        if isinstance(dimension, Numbers):
            (position,) = dimension.encode(text)
            near = min(max(self._chooser.gauss(position, 0.05), 0.0), 1.0)
            moved[dimension.name] = dimension.decode(near)
        else:
            moved[dimension.name] = dimension.draw(self._chooser)
        return moved


def new_sampler(strategy: str, space: Space, seed: int) -> Callable[[History], Candidate | None]:
    """Return a function that proposes one untried candidate after another, and then None."""
    if strategy == "Grid":
        remaining = iter(every(space))
        return lambda _: next(remaining, None)
    return (RandomSampler if strategy == "Random" else BayesianSampler)(space, seed).propose


def most_promising(
    candidates: Sequence[Point],
    observed: Sequence[tuple[Point, float]],
    running: Sequence[Point],
    seed: int,
) -> int:
    """Return the index of the candidate with the greatest expected improvement."""
    import numpy as np
    from scipy.stats import norm
    from sklearn.gaussian_process import GaussianProcessRegressor
    from threadpoolctl import threadpool_limits

    points = np.array([point for point, _ in observed])
    losses = np.array([loss for _, loss in observed])
    with threadpool_limits(1, "blas"):  # with such small matrices, threads only cost time
        process = _fit(points, losses, seed)
        if running:
            pending = np.array(running)
            losses = np.concatenate([losses, process.predict(pending)])
            process = GaussianProcessRegressor(process.kernel_, optimizer=None, normalize_y=True)
            process.fit(np.vstack([points, pending]), losses)
        mean, deviation = process.predict(np.array(candidates), return_std=True)
    deviation = np.maximum(deviation, 1e-12)
    gain = losses.min() - mean
    score = gain / deviation
    return int((gain * norm.cdf(score) + deviation * norm.pdf(score)).argmax())


def _fit(points: Any, losses: Any, seed: int) -> Any:
    """Return a process with the best length scale for each coordinate."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    scales = [0.5] * points.shape[1]
    kernel = Matern(scales, (0.05, 10.0), nu=2.5) + WhiteKernel(_NOISE, (1e-8, 0.1))
    process = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=1, random_state=seed
    )
    with warnings.catch_warnings():  # a scale at its bound is a valid result
        warnings.simplefilter("ignore", ConvergenceWarning)
        return process.fit(points, losses)
