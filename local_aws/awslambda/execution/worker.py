"""An execution environment of one version of a function, with its log stream and variables."""

import os
import platform
import threading
import time
import uuid
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_aws.awslambda.execution.environment import ExecutionEnvironment, Program, Result
from local_aws.awslambda.execution.log_lines import LogLines
from local_aws.logs import LogWriter

_TAIL_BYTES = 4096


def _variables(configuration: dict[str, Any], code: Path, stream: str, tmp: Path) -> dict[str, str]:
    """Return the environment of a process as on AWS, without the variables of this computer.

    HOME is a folder of its own, because boto3 would read the user's ~/.aws otherwise.
    """
    logging = configuration["LoggingConfig"]
    variables = {
        "PATH": os.defpath,
        "LD_LIBRARY_PATH": f"{code}{os.pathsep}{code / 'lib'}",
        "HOME": str(tmp),
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        **configuration.get("Environment", {}).get("Variables", {}),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": configuration["Version"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging["LogGroup"],
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
    }
    if logging["LogFormat"] == "JSON":
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        variables["AWS_LAMBDA_LOG_LEVEL"] = logging["ApplicationLogLevel"]
    return variables


class Worker:
    """One process that handles one event at a time and writes to its own log stream."""

    def __init__(
        self, configuration: dict[str, Any], program: Program, folder: Path, writer: LogWriter
    ) -> None:
        logging, version = configuration["LoggingConfig"], configuration["Version"]
        day = datetime.now(UTC).strftime("%Y/%m/%d")
        stream = f"{day}/[{version}]{uuid.uuid4().hex}"
        self._writer, self._stream = writer, (logging["LogGroup"], stream)
        self._lines = LogLines(logging["LogFormat"], program.memory_mb, version)
        self._tail: deque[str] = deque(maxlen=_TAIL_BYTES)  # lines of at least one byte
        self.last_used = time.monotonic()
        own = _variables(configuration, program.code, stream, folder / "tmp")
        program = replace(program, variables={**program.variables, **own})
        self._environment = ExecutionEnvironment(program, folder, self._write, self._init_failed)

    @property
    def is_usable(self) -> bool:
        """Return whether it can handle another event."""
        return self._environment.is_usable

    def init(self) -> None:
        """Start it."""
        self._write(self._lines.init_start())
        self._environment.init()

    def run(
        self, payload: bytes, request_id: str, arn: str, context: str | None
    ) -> tuple[Result, bytes]:
        """Handle an event; return its result and the last part of its log."""
        self._tail.clear()
        self._write(self._lines.start(request_id))
        result = self._environment.invoke(payload, request_id, arn, context)
        for line in self._lines.end(request_id, result):
            self._write(line)
        self.last_used = time.monotonic()
        return result, "".join(f"{line}\n" for line in self._tail.copy()).encode()[-_TAIL_BYTES:]

    def close(self) -> None:
        """End its process and remove its folder."""
        self._environment.close()

    def close_soon(self) -> None:
        """End it in the background, because searching for leftover processes takes a while."""
        threading.Thread(target=self.close, daemon=True).start()

    def _write(self, line: str) -> None:
        self._tail.append(line)
        self._writer.write(self._stream, line)

    def _init_failed(self, status: str, seconds: float) -> None:
        self._write(self._lines.init_failed(status, seconds))


def architecture() -> str:
    """Return the only architecture that this computer can run."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
