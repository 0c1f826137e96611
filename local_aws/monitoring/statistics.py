"""Statistics of the data of a metric, including the percentiles that moto lacks."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from moto.cloudwatch.models import Dimension, MetricAggregatedDatum, MetricDatumBase, Statistics

_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)")
NAMES = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")  # other than percentiles


def is_reproduced(name: str) -> bool:
    """Return whether a statistic of CloudWatch is one that is computed here."""
    return name in NAMES or _PERCENTILE.fullmatch(name) is not None


def statistic(data: Sequence[MetricDatumBase], name: str) -> float | None:
    """Return a statistic, such as Average or p99.9, or None without any data for it."""
    match = _PERCENTILE.fullmatch(name)
    if match is not None:
        return _percentile(_counts(data), float(match[1]))
    if not data:
        return None
    statistics = Statistics([name], datetime.min)
    statistics.metric_data = list(data)
    value = statistics.get_statistics_for_type(name)
    return None if value is None else float(value)


def _counts(data: Sequence[MetricDatumBase]) -> Counter[float]:
    """Return how often each value occurs; a summary without them counts only if all are equal."""
    counts: Counter[float] = Counter()
    for datum in data:
        if not isinstance(datum, MetricAggregatedDatum):
            counts[getattr(datum, "value", 0.0)] += 1
        elif known := getattr(datum, "counts", None):
            counts.update(known)
        elif datum.min == datum.max:
            counts[datum.min] += int(datum.sample_count)
    return counts


def _percentile(counts: Counter[float], percent: float) -> float | None:
    """Return the smallest value that at least a percentage of all values do not exceed."""
    rank, seen = percent / 100 * counts.total(), 0
    value = None
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    return value


def same_dimensions(left: Sequence[Dimension], right: Sequence[Dimension]) -> bool:
    """Return whether two metrics have the same dimensions, in whatever order."""
    return {(item.name, item.value) for item in left} == {(item.name, item.value) for item in right}


def utc(seconds: float) -> datetime:
    """Return a moment in seconds since the epoch as moto writes it."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
