"""The lines that Lambda itself writes about an event, as text or JSON (LoggingConfig.LogFormat).

Both formats contain the measured times and memory.
"""

import json
import math
import platform
from datetime import UTC, datetime
from typing import Any

from local_aws.awslambda.execution.environment import Failure, Result

_MEGABYTE = 2**20
_INIT = {"initializationType": "on-demand", "phase": "init"}


class LogLines:
    """Formats the platform's lines for one version of a function."""

    def __init__(self, log_format: str, memory_mb: int, version: str) -> None:
        self._json, self._memory_mb, self._version = log_format == "JSON", memory_mb, version

    def init_start(self) -> str:
        """Return the line at the start of an execution environment."""
        runtime = f"python:{platform.python_version()}"
        record = _INIT | {"runtimeVersion": runtime, "functionVersion": self._version}
        return self._line(f"INIT_START Runtime Version: {runtime}", "initStart", record)

    def init_failed(self, status: str, seconds: float) -> str:
        """Return the line about a failed init, which is repeated within the first event."""
        ms = round(seconds * 1000, 2)
        text = f"INIT_REPORT Init Duration: {ms:.2f} ms\tPhase: init\tStatus: {status}"
        record = _INIT | {"status": status, "metrics": {"durationMs": ms}}
        return self._line(text, "initReport", record)

    def start(self, request_id: str) -> str:
        """Return the line before the function's own output."""
        record = {"requestId": request_id, "version": self._version}
        return self._line(
            f"START RequestId: {request_id} Version: {self._version}", "start", record
        )

    def _line(self, text: str, kind: str, record: dict[str, Any]) -> str:
        return _record(kind, record) if self._json else text

    def end(self, request_id: str, result: Result) -> list[str]:
        """Return the lines after the function's own output: the failure, END, and REPORT."""
        metrics, failure = self._metrics(result), result.failure
        if self._json:
            return [_json_report(request_id, metrics, failure)]
        report = _text_report(request_id, metrics, failure)
        return [*_failure_lines(request_id, failure), f"END RequestId: {request_id}", report]

    def _metrics(self, result: Result) -> dict[str, Any]:
        """Return the measurements; the init has been billed since August 2025."""
        init_seconds = result.init_seconds or 0.0
        metrics = {
            "durationMs": round(result.duration_seconds * 1000, 3),
            "billedDurationMs": math.ceil((result.duration_seconds + init_seconds) * 1000),
            "memorySizeMB": self._memory_mb,
            "maxMemoryUsedMB": math.ceil(result.peak_bytes / _MEGABYTE),
        }
        if result.init_seconds is not None:
            metrics["initDurationMs"] = round(init_seconds * 1000, 3)
        return metrics


def _text_report(request_id: str, metrics: dict[str, Any], failure: Failure | None) -> str:
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {metrics['durationMs']:.2f} ms",
        f"Billed Duration: {metrics['billedDurationMs']} ms",
        f"Memory Size: {metrics['memorySizeMB']} MB",
        f"Max Memory Used: {metrics['maxMemoryUsedMB']} MB",
    ]
    if "initDurationMs" in metrics:
        parts.append(f"Init Duration: {metrics['initDurationMs']:.2f} ms")
    if failure is not None:
        parts.append(f"Status: {failure.status}")
        if failure.status == "error" and failure.type:
            parts.append(f"Error Type: {failure.type}")
    return "\t".join(parts) + "\t"


def _json_report(request_id: str, metrics: dict[str, Any], failure: Failure | None) -> str:
    status = {"status": "success" if failure is None else failure.status}
    if failure is not None and failure.type:
        status["errorType"] = failure.type
    return _record("report", {"requestId": request_id, "metrics": metrics, **status})


def _failure_lines(request_id: str, failure: Failure | None) -> list[str]:
    if failure is None or not failure.type:  # the runtime itself wrote the reason
        return []
    if failure.status == "timeout":
        return [failure.message, ""]
    return [f"RequestId: {request_id} Error: {failure.message}", failure.type]


def _record(kind: str, record: dict[str, Any]) -> str:
    time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return json.dumps({"time": time, "type": f"platform.{kind}", "record": record})
