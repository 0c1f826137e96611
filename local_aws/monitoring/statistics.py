"""Statistics of the data of a metric, including the percentiles that moto lacks."""

import copy
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import (
    CloudWatchBackend,
    Dimension,
    MetricAggregatedDatum,
    MetricDatumBase,
    Statistics,
)

_GET_STATISTICS = CloudWatchBackend.get_metric_statistics
_GET_METRIC_DATA = CloudWatchBackend.get_metric_data
_GET_FOR_TYPE = Statistics.get_statistics_for_type
_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)")
_NAMES = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


def is_reproduced(name: str) -> bool:
    """Return whether a statistic of CloudWatch is one that is computed here."""
    return name in _NAMES or _PERCENTILE.fullmatch(name) is not None


def statistic(data: Sequence[MetricDatumBase], name: str) -> float | None:
    """Return a statistic, such as Average or p99.9, or None without any data for it."""
    match = _PERCENTILE.fullmatch(name)
    if match is not None:
        return _percentile(_counts(data), float(match[1]))
    if not data:
        return None
    statistics = Statistics([name], datetime.min)
    statistics.metric_data = list(data)
    value = _GET_FOR_TYPE(statistics, name)
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


def correct_statistics() -> None:
    """Make moto compare all dimensions of a metric, in any order, compute percentiles, and round.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
    """
    backend: Any = CloudWatchBackend
    backend.get_metric_statistics = _get_metric_statistics
    backend.get_metric_data = _get_metric_data
    summary: Any = Statistics
    summary.get_statistics_for_type = lambda self, name: statistic(self.metric_data, name)
    dimension: Any = Dimension
    dimension.__lt__ = lambda self, other: (self.name, self.value) < (other.name, other.value)


def _get_metric_statistics(self: Any, namespace: str, *arguments: Any, **named: Any) -> Any:
    """Return the statistics of exactly the metric that has the dimensions."""
    wanted = [Dimension(item["Name"], item["Value"]) for item in named["dimensions"]]
    view = copy.copy(self)
    view.metric_data = [
        datum
        for datum in list(self.metric_data)
        if datum.namespace == namespace and same_dimensions(datum.dimensions, wanted)
    ]
    name, start, end, period, *rest = arguments
    start = _rounded_down(start, period)
    return _GET_STATISTICS(view, namespace, name, start, end, period, *rest, **named)


def _get_metric_data(
    self: Any, queries: list[dict[str, Any]], start: datetime, *rest: Any, **named: Any
) -> Any:
    periods = [int(query["MetricStat"]["Period"]) for query in queries if "MetricStat" in query]
    start = _rounded_down(start, min(periods, default=60))
    return _GET_METRIC_DATA(self, queries, start, *rest, **named)


def _rounded_down(start: datetime, period: int) -> datetime:
    """Return the whole minute in which a query starts, or the part of it in a short period."""
    step = min(period, 60)
    return start.replace(second=start.second // step * step, microsecond=0)
