"""An execution environment of one version of a function, with its log stream and its variables."""

import os
import platform
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from local_aws.awslambda.environment import ExecutionEnvironment, Program, Result
from local_aws.awslambda.log_lines import LogLines
from local_aws.awslambda.log_writer import LogWriter

TAIL_BYTES = 4096


@dataclass(frozen=True)
class Blueprint:
    """All that the workers of one version have in common."""

    function: str
    version: str
    region: str
    endpoint_url: str
    program: Program
    log_group: str
    log_format: str
    log_level: str | None  # of the application, with the format JSON only
    declared: Mapping[str, str]  # the function's own variables

    def variables(self, stream: str, folder: Path) -> dict[str, str]:
        """Return the environment of a process, as AWS has it; nothing of the laptop's own.

        Its home is a folder of its own: boto3 would read the laptop's ~/.aws otherwise.
        """
        code = self.program.code
        json_logs = {
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": self.log_level or "INFO",
        }
        return {
            "PATH": os.defpath,
            "LD_LIBRARY_PATH": f"{code}{os.pathsep}{code / 'lib'}",
            "HOME": str(folder / "tmp"),
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "AWS_ENDPOINT_URL": self.endpoint_url,
            **self.declared,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime_name()}",
            "AWS_LAMBDA_FUNCTION_NAME": self.function,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.program.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            **(json_logs if self.log_format == "JSON" else {}),
        }


class Worker:
    """One process that handles one event at a time; what it writes goes to a stream of its own."""

    def __init__(
        self,
        blueprint: Blueprint,
        folder: Path,
        credentials: Callable[[], Mapping[str, str]],
        writer: LogWriter,
    ) -> None:
        day = datetime.now(UTC).strftime("%Y/%m/%d")
        stream = f"{day}/[{blueprint.version}]{uuid.uuid4().hex}"
        self._writer, self._stream = writer, (blueprint.log_group, stream)
        self._lines = LogLines(blueprint.log_format, blueprint.program.memory_mb, blueprint.version)
        self._tail: deque[str] = deque(maxlen=TAIL_BYTES)  # lines, of a byte each at least
        self.last_used = time.monotonic()
        variables = {**blueprint.variables(stream, folder), **credentials()}
        program = replace(blueprint.program, variables=variables)
        self._environment = ExecutionEnvironment(program, folder, self._write, self._init_failed)

    @property
    def is_usable(self) -> bool:
        """Tell whether it can take another event."""
        return self._environment.is_usable

    @property
    def pid(self) -> int | None:
        """The id of its process, if it has one."""
        return self._environment.pid

    def init(self) -> None:
        """Start it."""
        self._write(self._lines.init_start())
        self._environment.init()

    def run(
        self, payload: bytes, request_id: str, arn: str, context: str | None
    ) -> tuple[Result, bytes]:
        """Handle an event; return its result and the end of what was logged about it."""
        self._tail.clear()
        self._write(self._lines.start(request_id))
        result = self._environment.invoke(payload, request_id, arn, context)
        for line in self._lines.end(request_id, result):
            self._write(line)
        self.last_used = time.monotonic()
        return result, "".join(f"{line}\n" for line in self._tail.copy()).encode()[-TAIL_BYTES:]

    def close(self) -> None:
        """End its process and remove its folder."""
        self._environment.close()

    def close_soon(self) -> None:
        """End it behind the caller's back: to look for what it left behind takes a while."""
        threading.Thread(target=self.close, daemon=True).start()

    def _write(self, line: str) -> None:
        self._tail.append(line)
        self._writer.write(self._stream, line)

    def _init_failed(self, status: str, seconds: float) -> None:
        self._write(self._lines.init_failed(status, seconds))


def runtime_name() -> str:
    """Return the name of the one runtime this machine can run: the local AWS's own Python."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def architecture() -> str:
    """Return the one architecture this machine can run."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
