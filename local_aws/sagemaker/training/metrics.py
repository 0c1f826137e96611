"""Metrics of a job, read from its log with the regular expressions of its MetricDefinitions."""

import logging
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

from local_aws.monitoring.metrics import RECORDER, dimensions, record
from local_aws.records import Record, now
from local_aws.validation import BoundedPattern, SlowMatch

log = logging.getLogger(__name__)
_NAMESPACE = "/aws/sagemaker/TrainingJobs"


class Metrics:
    """The last value of every metric, from any instance; watchers receive every value.

    Values that are not finite are skipped: CloudWatch refuses them, and JSON cannot express them.
    A metric whose expression takes too long for a line is not read from later lines.
    """

    def __init__(
        self,
        definitions: Sequence[dict[str, str]],
        publish: Callable[[list[Record]], Any],
        watchers: Sequence[Callable[[str, float], None]] = (),
    ) -> None:
        self._patterns = [(item["Name"], BoundedPattern(item["Regex"])) for item in definitions]
        self._publish, self._watchers = publish, watchers
        self._values: dict[str, Record] = {}
        self._lock = threading.Lock()  # the output of each instance is read in its own thread

    def read(self, line: str) -> None:
        """Publish all metrics again if the line has a value."""
        for name, pattern in self._patterns:
            try:
                value = float(pattern.first_group(line) or "")
            except SlowMatch as error:
                self._patterns = [each for each in self._patterns if each[1] is not pattern]
                log.warning("the Regex of metric %s is not used any more: %s", name, error)
                continue
            except ValueError:  # no match, or not a number
                continue
            if not math.isfinite(value):
                continue
            with self._lock:
                self._values[name] = {"MetricName": name, "Value": value, "Timestamp": now()}
                self._publish(list(self._values.values()))
                for watch in self._watchers:
                    watch(name, value)


class Curves:
    """The values of a job's metrics in CloudWatch, by the minute in which the job logged them."""

    def __init__(self, region: str, job: str) -> None:
        self._region, self._dimensions = region, dimensions(TrainingJobName=job)

    def add(self, name: str, value: float) -> None:
        """Record a finite value."""
        record(self._region, _NAMESPACE, [self._dimensions], [(name, value, "None")])

    def store(self) -> None:
        """Let the values be read, although the current minute has not ended."""
        RECORDER.flush_dimensions(self._dimensions)
