"""Write one line of JSON per call to stdout: its outcome and CloudWatch metrics, never the text.

CloudWatch extracts the metrics from the embedded metric format of the line:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time
import traceback
from typing import Any

NAMESPACE = "newsgroup-classifier"
_DIMENSIONS = ["function", "recipe"]
_METRICS = {  # fields that are metrics, with their units
    "texts": "Count",
    "duration_ms": "Milliseconds",
    "model_ms": "Milliseconds",
    "endpoint_ms": "Milliseconds",
    "cold_start": "Count",
    "client_errors": "Count",
    "faults": "Count",
}


def write_line(line: dict[str, Any]) -> None:
    """Write the line of a call, with the definitions of its metrics."""
    metrics = [{"Name": name, "Unit": unit} for name, unit in _METRICS.items() if name in line]
    if metrics:
        definition = {"Namespace": NAMESPACE, "Dimensions": [_DIMENSIONS], "Metrics": metrics}
        line["_aws"] = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def frames_of(error: BaseException) -> list[str]:
    """Return the stack frames of an error without its message, which may quote the client."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
