"""Figures that a job logs, found by the regular expressions of its MetricDefinitions."""

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

from local_aws.records import Record, now


def _ignore(name: str, value: float) -> None:
    """Let a value pass."""


class Metrics:
    """The last value of every metric, whichever instance logged it; a watcher is told of each."""

    def __init__(
        self,
        definitions: Sequence[dict[str, str]],
        publish: Callable[[list[Record]], Any],
        watch: Callable[[str, float], None] = _ignore,
    ) -> None:
        self._patterns = [(item["Name"], re.compile(item["Regex"])) for item in definitions]
        self._publish, self._watch = publish, watch
        self._values: dict[str, Record] = {}
        self._lock = threading.Lock()  # every instance's output has a thread of its own

    def read(self, line: str) -> None:
        """Publish all metrics anew if the line has one."""
        for name, pattern in self._patterns:
            found = pattern.search(line)
            if found is None or not found.groups():
                continue
            try:
                value = float(found.group(1))
            except (TypeError, ValueError):  # the group took no part in the match, or no number
                continue
            with self._lock:
                self._values[name] = {"MetricName": name, "Value": value, "Timestamp": now()}
                self._publish(list(self._values.values()))
                self._watch(name, value)
