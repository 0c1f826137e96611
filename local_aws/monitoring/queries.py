"""Queries of metrics: GetMetricStatistics and GetMetricData.

moto ignores percentiles, other namespaces, and wrong statistics, and begins the periods of a query
with its first datum. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ValidationError,
)
from moto.cloudwatch.models import CloudWatchBackend, Dimension, MetricDatumBase
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from local_aws.monitoring.statistics import NAMES, is_reproduced, same_dimensions, statistic

Point = tuple[datetime, Sequence[MetricDatumBase]]
_SHORT_PERIODS = (1, 5, 10, 20, 30)  # seconds
_MOST_POINTS = 1_440  # of GetMetricStatistics


def install() -> None:
    """Make moto answer queries of metrics as CloudWatch does."""
    responses: Any = CloudWatchResponse
    responses.get_metric_statistics = _get_metric_statistics
    backend: Any = CloudWatchBackend
    backend.get_metric_data = _get_metric_data


def points(
    data: Sequence[MetricDatumBase], start: datetime, end: datetime, period: int
) -> list[Point]:
    """Return the data of each period that has any, with the moment at which the period starts."""
    start = _rounded_down(start, period)
    periods: dict[int, list[MetricDatumBase]] = defaultdict(list)
    for datum in data:
        if start <= datum.timestamp < end:
            periods[int((datum.timestamp - start).total_seconds() // period)].append(datum)
    return [(start + timedelta(seconds=n * period), periods[n]) for n in sorted(periods)]


def _rounded_down(start: datetime, period: int) -> datetime:
    """Return the whole minute in which a query starts, or the part of it in a short period."""
    step = min(period, 60)
    return start.replace(second=start.second // step * step, microsecond=0)


def _select(backend: CloudWatchBackend, metric: Mapping[str, Any], unit: str | None) -> Any:
    """Return the data of exactly the metric that has the dimensions, in any order."""
    wanted = [Dimension(item["Name"], item["Value"]) for item in metric.get("Dimensions") or []]
    return [
        datum
        for datum in backend.get_all_metrics()
        if (datum.namespace, datum.name) == (metric["Namespace"], metric["MetricName"])
        and unit in (None, datum.unit)
        and same_dimensions(datum.dimensions, wanted)
    ]


def _get_metric_statistics(self: Any) -> ActionResult:
    query = self._get_params()
    plain, extended = query.get("Statistics") or [], query.get("ExtendedStatistics") or []
    start, end, period = query["StartTime"], query["EndTime"], int(query["Period"])
    if not plain and not extended:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    if wrong := [name for name in plain if name not in NAMES]:
        raise ValidationError(
            f"1 validation error detected: Value '[{', '.join(wrong)}]' at 'statistics' failed to "
            f"satisfy constraint: Member must satisfy enum value set: [{', '.join(NAMES)}]"
        )
    _check_statistics(extended)
    _check_period(period)
    if start >= end:
        raise InvalidParameterValue(
            "The parameter StartTime must be less than the parameter EndTime."
        )
    if (count := int((end - start).total_seconds() // period)) > _MOST_POINTS:
        raise InvalidParameterCombination(
            f"You have requested up to {count:,} datapoints, which exceeds the limit of "
            f"{_MOST_POINTS:,}. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range."
        )
    data = _select(self.cloudwatch_backend, query, query.get("Unit"))
    datapoints = []
    for moment, inside in points(data, start, end, period):
        datapoint: dict[str, Any] = {"Timestamp": moment, "Unit": inside[-1].unit or "None"}
        datapoint |= {name: statistic(inside, name) for name in plain}
        if extended:
            datapoint["ExtendedStatistics"] = {
                name: statistic(inside, name) or 0.0 for name in extended
            }
        datapoints.append(datapoint)
    return ActionResult({"Label": query["MetricName"], "Datapoints": datapoints})


def _get_metric_data(
    self: Any,
    queries: Sequence[Mapping[str, Any]],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampDescending",
) -> list[dict[str, Any]]:
    if start_time >= end_time:
        raise ValidationError("The parameter EndTime must be greater than StartTime.")
    results = []
    for query in queries:
        if "Expression" in query:
            raise ValidationError(
                "The local AWS does not reproduce expressions in GetMetricData; found "
                f"{query['Expression']!r}. Query the metrics, and compute it from their values."
            )
        stat, name = query["MetricStat"], query["MetricStat"]["Stat"]
        _check_statistics([name])
        _check_period(int(stat["Period"]))
        data = _select(self, stat["Metric"], stat.get("Unit"))
        found = [
            (moment, value)
            for moment, inside in points(data, start_time, end_time, int(stat["Period"]))
            if (value := statistic(inside, name)) is not None
        ]
        if scan_by == "TimestampDescending":
            found.reverse()
        if query.get("ReturnData") is not False:
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or stat["Metric"]["MetricName"],
                    "Timestamps": [moment for moment, _ in found],
                    "Values": [value for _, value in found],
                    "StatusCode": "Complete",
                }
            )
    return results


def _check_statistics(names: Sequence[str]) -> None:
    for name in names:
        if not is_reproduced(name):
            raise InvalidParameterValue(f"The local AWS does not reproduce the statistic {name}.")


def _check_period(period: int) -> None:
    if period not in _SHORT_PERIODS and period % 60:
        raise InvalidParameterValue(
            "The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60."
        )
