"""When a training job of a tuning job is stopped early: SageMaker's rule of the median."""

import statistics
from collections.abc import Sequence


def is_hopeless(values: Sequence[float], others: Sequence[Sequence[float]], maximize: bool) -> bool:
    """Tell whether the last of a job's objective values is worse than the jobs before it did.

    `values` has one value for each epoch so far. What it is compared with is the median, over
    those of the `others` that came as far, of the mean of their values up to the same epoch.
    """
    epoch = len(values)
    reached = [other for other in others if len(other) >= epoch > 0]
    means = [statistics.fmean(other[:epoch]) for other in reached]
    if not means:
        return False
    median = statistics.median(means)
    return values[-1] < median if maximize else values[-1] > median
