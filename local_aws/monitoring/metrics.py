"""Metrics of the services: summed up per minute in memory, then stored in moto's CloudWatch."""

import json
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from moto.cloudwatch.models import Dimension, MetricAggregatedDatum, cloudwatch_backends

from local_aws.monitoring.statistics import utc
from local_aws.settings import ACCOUNT_ID

Dimensions = tuple[tuple[str, str], ...]
Value = tuple[str, float, str]  # name, value, unit
MAX_DATA = 100_000  # data that are kept per region
_OLDEST, _NEWEST = -14 * 86_400, 7_200  # seconds from now
_DIGITS = 3  # significant digits of the values that percentiles are computed from


@dataclass(frozen=True)
class _Key:
    region: str
    namespace: str
    dimensions: Dimensions
    name: str
    unit: str
    minute: int  # number of the minute since the epoch


@dataclass
class _Summary:
    """The values of one metric in one minute."""

    count: int = 0
    total: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")
    counts: dict[float, int] = field(default_factory=dict)  # rounded value -> how often

    def add(self, value: float) -> None:
        """Add one value."""
        self.count += 1
        self.total += value
        self.low, self.high = min(self.low, value), max(self.high, value)
        rounded = value if value in (0.0, 1.0) else float(f"{value:.{_DIGITS}g}")
        self.counts[rounded] = self.counts.get(rounded, 0) + 1


class Sample(MetricAggregatedDatum):
    """A summary as moto stores one, with the counts of its values for percentiles."""

    def __init__(self, key: _Key, summary: _Summary, timestamp: datetime) -> None:
        super().__init__(
            key.namespace,
            key.name,
            summary.low,
            summary.high,
            summary.count,
            summary.total,
            [],
            timestamp,
            key.unit,
        )
        self.dimensions = _dimension_list(key.dimensions)
        self.counts = summary.counts


@lru_cache(maxsize=4096)
def _dimension_list(dimensions: Dimensions) -> list[Dimension]:
    """Return moto's form of dimensions, which all data of a metric share."""
    return [Dimension(name, value) for name, value in dimensions]


class Recorder:
    """Collects values; flush() stores those of past minutes."""

    def __init__(self, minute_seconds: float = 60.0) -> None:
        self.minute_seconds = minute_seconds
        self._open: dict[_Key, _Summary] = {}
        self._lock = threading.Lock()

    def record(
        self,
        region: str,
        namespace: str,
        dimension_sets: Iterable[Dimensions],
        values: Sequence[Value],
        moment: float | None = None,
    ) -> None:
        """Add values of the current minute, or of a moment in seconds since the epoch."""
        minute = int((time.time() if moment is None else moment) // self.minute_seconds)
        with self._lock:
            for dimensions in dimension_sets:
                for name, value, unit in values:
                    key = _Key(region, namespace, dimensions, name, unit, minute)
                    summary = self._open.get(key)
                    if summary is None:
                        summary = self._open[key] = _Summary()
                    summary.add(value)

    def clear(self) -> None:
        """Forget the values that are not stored yet."""
        with self._lock:
            self._open.clear()

    def flush(self, now: float) -> None:
        """Store the summaries of the minutes that have ended."""
        current = int(now // self.minute_seconds)
        self._store(lambda key: key.minute < current)

    def flush_dimensions(self, dimensions: Dimensions) -> None:
        """Store the summaries of all metrics that have exactly these dimensions."""
        self._store(lambda key: key.dimensions == dimensions)

    def _store(self, is_due: Callable[[_Key], bool]) -> None:
        with self._lock:
            due = {key: summary for key, summary in self._open.items() if is_due(key)}
            for key in due:
                del self._open[key]
        for key, summary in due.items():
            moment = utc(key.minute * self.minute_seconds)
            data = cloudwatch_backends[ACCOUNT_ID][key.region].metric_data
            data.append(Sample(key, summary, moment))
            del data[:-MAX_DATA]


RECORDER = Recorder()  # of this process, like moto's backends
record = RECORDER.record


def dimensions(**names: str) -> Dimensions:
    """Return the dimensions of a metric."""
    return tuple(names.items())


def record_embedded(region: str, text: str) -> None:
    """Record the metrics that a line of a log defines in CloudWatch's embedded metric format.

    As on AWS, lines and metrics that do not follow the format are ignored.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    try:
        line = json.loads(text)
        moment, directives = line["_aws"]["Timestamp"], line["_aws"]["CloudWatchMetrics"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return
    if not isinstance(moment, int) or not isinstance(directives, list):
        return
    now = time.time() * 1000  # compared with integers, which may be too large for a float
    if not now + 1000 * _OLDEST < moment < now + 1000 * _NEWEST:  # CloudWatch refuses others
        return
    for directive in directives:
        try:
            sets = [
                tuple((name, str(line[name])) for name in names)
                for names in directive["Dimensions"]
            ]
            values = [value for item in directive["Metrics"] for value in _embedded(item, line)]
            namespace = str(directive["Namespace"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        record(region, namespace, sets, values, moment / 1000)


def _embedded(definition: Mapping[str, str], line: Mapping[str, Any]) -> list[Value]:
    """Return the values of one metric of a line: a number, or a list of numbers."""
    name, value = definition["Name"], line[definition["Name"]]
    unit = definition.get("Unit", "None")
    numbers = [float(number) for number in (value if isinstance(value, list) else [value])]
    return [(name, number, unit) for number in numbers if math.isfinite(number)]
