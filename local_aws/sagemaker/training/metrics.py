"""Metrics of a job, read from its log with the regular expressions of its MetricDefinitions."""

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

from local_aws.records import Record, now


class Metrics:
    """The last value of every metric, from any instance; a watcher receives every value."""

    def __init__(
        self,
        definitions: Sequence[dict[str, str]],
        publish: Callable[[list[Record]], Any],
        watch: Callable[[str, float], None] | None = None,
    ) -> None:
        self._patterns = [(item["Name"], re.compile(item["Regex"])) for item in definitions]
        self._publish, self._watch = publish, watch
        self._values: dict[str, Record] = {}
        self._lock = threading.Lock()  # the output of each instance is read in its own thread

    def read(self, line: str) -> None:
        """Publish all metrics again if the line has a value."""
        for name, pattern in self._patterns:
            match = pattern.search(line)
            if match is None or not match.groups():
                continue
            try:
                value = float(match.group(1))
            except (TypeError, ValueError):  # the group matched nothing, or not a number
                continue
            with self._lock:
                self._values[name] = {"MetricName": name, "Value": value, "Timestamp": now()}
                self._publish(list(self._values.values()))
                if self._watch:
                    self._watch(name, value)
