"""One line of JSON a call, on stdout: what happened, never the text, and CloudWatch's metrics.

The same line carries the embedded metric format, from which CloudWatch makes the metrics:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time
import traceback
from typing import Any

NAMESPACE = "newsgroup-classifier"
_DIMENSIONS = ["function", "recipe"]
# The figures of a line that are metrics, with their units.
_METRICS = {
    "texts": "Count",
    "duration_ms": "Milliseconds",
    "model_ms": "Milliseconds",
    "cold_start": "Count",
    "client_errors": "Count",
    "faults": "Count",
}


def write_line(line: dict[str, Any]) -> None:
    """Write the line of a call, with the description of those of its figures that are metrics."""
    metrics = [{"Name": name, "Unit": unit} for name, unit in _METRICS.items() if name in line]
    if metrics:
        described = {"Namespace": NAMESPACE, "Dimensions": [_DIMENSIONS], "Metrics": metrics}
        line["_aws"] = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def place_of(error: BaseException) -> list[str]:
    """Return where an error of ours came from, without its text: that may quote the client's."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
