"""Expected improvement by a Gaussian process (scikit-learn's) of the losses observed so far.

A candidate that is still running counts as if it had the loss that the process predicts for it, so
that candidates proposed at the same time differ.
"""

import warnings
from collections.abc import Sequence
from typing import Any

Point = list[float]
_NOISE = 1e-4  # of a loss, relative to the variance of all losses


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
