"""Expected improvement by a Gaussian process of the losses seen so far (scikit-learn's).

A candidate that still runs counts as if it had the loss that the process expects of it, so that
candidates of the same moment differ.
"""

import warnings
from collections.abc import Sequence
from typing import Any

Point = list[float]
_NOISE = 1e-4  # of a loss, as a part of the variance of all


def most_promising(
    candidates: Sequence[Point],
    observed: Sequence[tuple[Point, float]],
    running: Sequence[Point],
    seed: int,
) -> int:
    """Return the place of the candidate of which most improvement is expected."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # matrices so small only wait for each other's threads
        return int(_expected_improvement(candidates, observed, running, seed).argmax())


def _expected_improvement(
    candidates: Sequence[Point],
    observed: Sequence[tuple[Point, float]],
    running: Sequence[Point],
    seed: int,
) -> Any:
    """Return by how much each candidate is expected to be better than the best so far."""
    import numpy as np
    from scipy.stats import norm

    points = np.array([point for point, _ in observed])
    losses = np.array([loss for _, loss in observed])
    process = _fitted(points, losses, seed)
    if running:
        waiting = np.array(running)
        points = np.vstack([points, waiting])
        losses = np.concatenate([losses, process.predict(waiting)])
        process = _refitted(process, points, losses)
    mean, deviation = process.predict(np.array(candidates), return_std=True)
    deviation = np.maximum(deviation, 1e-12)
    gain = losses.min() - mean
    score = gain / deviation
    return gain * norm.cdf(score) + deviation * norm.pdf(score)


def _fitted(points: Any, losses: Any, seed: int) -> Any:
    """Return a process whose length scales, one a coordinate, are those that fit best."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    scales = [0.5] * points.shape[1]
    kernel = Matern(scales, (0.05, 10.0), nu=2.5) + WhiteKernel(_NOISE, (1e-8, 0.1))
    process = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=1, random_state=seed
    )
    with warnings.catch_warnings():  # a scale at its bound is an answer like any other
        warnings.simplefilter("ignore", ConvergenceWarning)
        return process.fit(points, losses)


def _refitted(process: Any, points: Any, losses: Any) -> Any:
    """Return a process of the same scales over more points."""
    from sklearn.gaussian_process import GaussianProcessRegressor

    again = GaussianProcessRegressor(process.kernel_, optimizer=None, normalize_y=True)
    return again.fit(points, losses)
