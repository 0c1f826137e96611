"""Metrics of a job, read from its log with the regular expressions of its MetricDefinitions."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from local_aws.records import Record, now
from local_aws.validation import BoundedPattern, SlowMatch

log = logging.getLogger(__name__)


class Metrics:
    """The last value of every metric, from any instance; a watcher receives every value.

    A metric whose expression takes too long for a line is not read from later lines.
    """

    def __init__(
        self,
        definitions: Sequence[dict[str, str]],
        publish: Callable[[list[Record]], Any],
        watch: Callable[[str, float], None] | None = None,
    ) -> None:
        self._patterns = [(item["Name"], BoundedPattern(item["Regex"])) for item in definitions]
        self._publish, self._watch = publish, watch
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
            with self._lock:
                self._values[name] = {"MetricName": name, "Value": value, "Timestamp": now()}
                self._publish(list(self._values.values()))
                if self._watch:
                    self._watch(name, value)
