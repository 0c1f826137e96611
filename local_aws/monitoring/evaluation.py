"""The state of an alarm, computed from the data of its metric as CloudWatch does."""

import json
import operator
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from moto.cloudwatch.models import Alarm, MetricDatumBase

from local_aws.monitoring.statistics import same_dimensions, statistic

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
# More periods than an alarm evaluates are read, in case some lack data. AWS publishes no number;
# the examples of its documentation have two.
EXTRA_PERIODS = 2
OPERATORS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


def new_state(
    breaches: Sequence[bool | None], evaluate: int, to_alarm: int, missing: str, old: str
) -> str:
    """Return the state for points of time, the newest first; None is one without data.

    `missing` is the alarm's TreatMissingData. The most recent `evaluate` points that have data
    count; if there are fewer, the missing ones are filled in as it says. See the tables of
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    real = [breach for breach in breaches if breach is not None][:evaluate]
    gaps = evaluate - len(real)
    breaching = sum(real) + (gaps if missing == "breaching" else 0)
    if breaching >= to_alarm:
        return ALARM
    if gaps == 0 or missing in ("breaching", "notBreaching"):
        return OK
    if not real:
        return old if missing == "ignore" else INSUFFICIENT
    if all(real):  # as far as is known
        return old if missing == "ignore" else ALARM
    return OK


def evaluate(
    alarm: Alarm, data: Sequence[MetricDatumBase], now: datetime, seconds: float
) -> tuple[str, str, str]:
    """Return the state of an alarm whose period lasts some seconds, its reason, and its data."""
    matching = [
        datum
        for datum in data
        if datum.namespace == alarm.namespace
        and datum.name == alarm.metric_name
        and alarm.unit in (None, datum.unit)
        and same_dimensions(datum.dimensions, alarm.dimensions)
    ]
    name = alarm.statistic or alarm.extended_statistic or ""
    count = int(alarm.evaluation_periods)
    points: list[tuple[datetime, float | None]] = []
    for number in range(count + EXTRA_PERIODS):
        end = now - timedelta(seconds=number * seconds)
        start = end - timedelta(seconds=seconds)
        inside = [datum for datum in matching if start <= datum.timestamp < end]
        points.append((start, statistic(inside, name)))
    compare, words = OPERATORS[alarm.comparison_operator]
    threshold = float(alarm.threshold)
    breaches = [None if value is None else compare(value, threshold) for _, value in points]
    to_alarm = int(alarm.datapoints_to_alarm or count)
    missing = alarm.treat_missing_data or "missing"
    state = new_state(breaches, count, to_alarm, missing, alarm.state_value)
    known = [(moment, value) for moment, value in points if value is not None][:count]
    return state, _reason(state, known, words, threshold), _reason_data(alarm, known, now)


def _reason(
    state: str, points: Sequence[tuple[datetime, float]], words: str, threshold: float
) -> str:
    if not points:
        return "No datapoints were received for the evaluated periods."
    shown = ", ".join(f"{value} ({moment:%d/%m/%y %H:%M:%S})" for moment, value in points)
    verb = "Threshold Crossed" if state == ALARM else "Threshold Not Crossed"
    return f"{verb}: the datapoints [{shown}] were compared with {words} the threshold {threshold}."


def _reason_data(alarm: Alarm, points: Sequence[tuple[datetime, float]], now: datetime) -> str:
    data: dict[str, Any] = {
        "version": "1.0",
        "queryDate": now.isoformat(),
        "statistic": alarm.statistic or alarm.extended_statistic,
        "period": alarm.period,
        "recentDatapoints": [value for _, value in points],
        "threshold": alarm.threshold,
    }
    return json.dumps(data)
