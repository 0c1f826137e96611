"""The execution environments of one version: reused while warm, one for each concurrent call.

Each has its own process and log stream. The environments of a region share their runtimes.
"""

import os
import platform
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_aws import cloud
from local_aws.awslambda.code import Code
from local_aws.awslambda.execution.environment import ExecutionEnvironment, Program, Result
from local_aws.awslambda.execution.log_lines import LogLines
from local_aws.awslambda.execution.runtime_site import find_python, make_runtime_site
from local_aws.logs import LogStream
from local_aws.processes import namespaces_are_used
from local_aws.records import now
from local_aws.settings import Settings

_TAIL_BYTES = 4096
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_MIN_SESSION_NAME = 2


class Worker:
    """One process that handles one event at a time and writes to its own log stream."""

    def __init__(
        self, configuration: dict[str, Any], program: Program, folder: Path, log: LogStream
    ) -> None:
        log_format, version = configuration["LoggingConfig"]["LogFormat"], configuration["Version"]
        self._log, self._lines = log, LogLines(log_format, program.memory_mb, version)
        self._tail: deque[str] = deque(maxlen=_TAIL_BYTES)  # lines of at least one byte
        self.last_used = time.monotonic()
        self._environment = ExecutionEnvironment(program, folder, self._write, self._init_failed)

    @property
    def is_usable(self) -> bool:
        """Return whether it can handle another event."""
        return self._environment.is_usable

    def init(self) -> None:
        """Start it."""
        self._write(self._lines.init_start())
        self._environment.init()

    def run(self, payload: bytes, request_id: str, arn: str) -> tuple[Result, bytes]:
        """Handle an event; return its result and the last part of its log."""
        self._tail.clear()
        self._write(self._lines.start(request_id))
        result = self._environment.invoke(payload, request_id, arn)
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
        self._log.write(line)

    def _init_failed(self, status: str, seconds: float) -> None:
        self._write(self._lines.init_failed(status, seconds))


def architecture() -> str:
    """Return the only architecture that this computer can run."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


class PoolClosed(Exception):
    """The version of the pool has been replaced."""


class Pool:
    """Idle workers; a worker in use belongs to one caller."""

    def __init__(self, make: Callable[[], Worker]) -> None:
        self._make = make
        self._idle: list[Worker] = []
        self._in_use = 0
        self._closed = False
        self._lock = threading.Lock()
        self._returned = threading.Condition(self._lock)

    def take(self) -> Worker:
        """Return the most recently used warm worker, or start a new one.

        Raise PoolClosed if the version has been replaced, because its code may be gone.
        """
        with self._lock:
            if self._closed:
                raise PoolClosed
            self._in_use += 1
        try:
            return self._warm() or self._new()
        except BaseException:
            self._count_back()
            raise

    def _warm(self) -> Worker | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                worker = self._idle.pop()
            if worker.is_usable:
                return worker
            worker.close_soon()

    def _new(self) -> Worker:
        worker = self._make()
        try:
            worker.init()
        except BaseException:
            worker.close()
            raise
        return worker

    def _count_back(self) -> None:
        with self._returned:
            self._in_use -= 1
            self._returned.notify_all()

    def give_back(self, worker: Worker) -> None:
        """Keep a worker for the next call, unless it is broken or the pool is closed."""
        with self._lock:
            is_reusable = worker.is_usable and not self._closed
            if is_reusable:
                self._idle.append(worker)
        if not is_reusable:
            worker.close_soon()
        self._count_back()

    def end_idle(self, seconds: float) -> None:
        """End the workers that have been idle for longer than this."""
        oldest = time.monotonic() - seconds
        with self._lock:
            ended = [worker for worker in self._idle if worker.last_used < oldest]
            self._idle = [worker for worker in self._idle if worker.last_used >= oldest]
        for worker in ended:
            worker.close()

    def close(self) -> None:
        """End the idle workers and wait for the others, which end after their calls."""
        with self._lock:
            self._closed = True
            ended, self._idle = self._idle, []
        for worker in ended:
            worker.close()
        with self._returned:
            self._returned.wait_for(lambda: self._in_use == 0)


class WorkerFactory:
    """Makes workers that share one runtime."""

    def __init__(self, region: str, settings: Settings, folder: Path) -> None:
        self._region, self._settings, self._folder = region, settings, folder
        self._lock = threading.Lock()
        self._runtimes: dict[str, Path] = {}

    def make(self, configuration: dict[str, Any], code: Code) -> Worker:
        """Return a new worker of a version whose code is unpacked."""
        folder, runtime = self._folder / "environments" / uuid.uuid4().hex, configuration["Runtime"]
        stream = f"{now():%Y/%m/%d}/[{configuration['Version']}]{uuid.uuid4().hex}"
        log = LogStream(self._region, configuration["LoggingConfig"]["LogGroup"], stream)
        # boto3 would read the user's ~/.aws without a HOME of its own.
        variables = {"HOME": str(folder / "tmp")} | self._variables(configuration, code, log)
        program = Program(
            code.folder,
            configuration["Handler"],
            self.prepare_runtime(runtime),
            variables,
            configuration["MemorySize"],
            configuration["Timeout"],
            has_own_tmp=namespaces_are_used(self._settings),
            python=find_python(runtime),
        )
        return Worker(configuration, program, folder, log)

    def _variables(
        self, configuration: dict[str, Any], code: Code, log: LogStream
    ) -> dict[str, str]:
        """Return the variables of a process as on AWS, without those of this computer.

        AWS names the session of the function's role after the function; the local IAM enforces the
        role's policies.
        """
        session = configuration["FunctionName"].ljust(_MIN_SESSION_NAME, "-")
        keys = cloud.role_keys(self._settings, self._region, configuration["Role"], session)
        variables = {
            "AWS_ENDPOINT_URL": self._settings.endpoint_url,
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            **dict(zip(_CREDENTIALS, keys, strict=True)),
            "PATH": os.defpath,
            "LD_LIBRARY_PATH": f"{code.folder}{os.pathsep}{code.folder / 'lib'}",
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            **configuration.get("Environment", {}).get("Variables", {}),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
            "AWS_LAMBDA_FUNCTION_VERSION": configuration["Version"],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": log.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log.stream,
        }
        logging = configuration["LoggingConfig"]
        if logging["LogFormat"] == "JSON":
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            variables["AWS_LAMBDA_LOG_LEVEL"] = logging["ApplicationLogLevel"]
        return variables

    def prepare_runtime(self, runtime: str) -> Path:
        """Return the folder of a runtime, which is made at its first use."""
        with self._lock:
            if runtime not in self._runtimes:
                folder = self._folder / "runtimes" / runtime
                self._runtimes[runtime] = make_runtime_site(folder, runtime)
            return self._runtimes[runtime]
