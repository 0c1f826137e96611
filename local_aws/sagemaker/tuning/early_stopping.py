"""Early stopping of training jobs: SageMaker's median rule."""

import statistics
from collections.abc import Sequence


def is_hopeless(values: Sequence[float], others: Sequence[Sequence[float]], maximize: bool) -> bool:
    """Return whether the last of a job's objective values is worse than those of earlier jobs.

    `values` has one value per epoch. The last one is compared with the median of the others' means
    up to the same epoch, for those that reached it.
    """
    epoch = len(values)
    reached = [other for other in others if len(other) >= epoch > 0]
    means = [statistics.fmean(other[:epoch]) for other in reached]
    if not means:
        return False
    median = statistics.median(means)
    return values[-1] < median if maximize else values[-1] > median
