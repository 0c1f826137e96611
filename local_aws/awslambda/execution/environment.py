"""One execution environment: a process that is initialized once and handles one event at a time.

It works without a local AWS, for example in benchmarks:

    with ExecutionEnvironment(program, folder) as environment:
        result = environment.invoke(b"{}")
"""

import json
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local_aws.awslambda.execution.process import OWN_TMP_VARIABLE, peak_bytes, start_function
from local_aws.awslambda.execution.runtime_api import MAX_RESPONSE_BYTES, Event, Posted, RuntimeApi
from local_aws.processes import BASE_VARIABLE, ChildProcess

_POLL_SECONDS = 0.05  # between checks of memory and time
_MEGABYTE = 2**20


@dataclass(frozen=True)
class Program:
    """The program of an execution environment, and its limits."""

    code: Path  # LAMBDA_TASK_ROOT
    handler: str
    runtime: Path  # the folder of runtime_site.make_runtime_site
    variables: Mapping[str, str]
    memory_mb: int = 128
    timeout: float = 3.0  # seconds
    extra_paths: tuple[Path, ...] = ()  # folders of packages in addition to the code
    init_seconds: float = 10.0
    has_own_tmp: bool = False  # whether /tmp is a folder of its own
    python: Path = Path(sys.executable)


@dataclass(frozen=True)
class Failure:
    """The reason why a function returned no result of its own."""

    type: str
    message: str
    status: str = "error"  # in REPORT lines: error or timeout


@dataclass(frozen=True)
class Result:
    """The result of one event."""

    payload: bytes
    is_error: bool
    init_seconds: float | None  # of this environment, in its first result only
    duration_seconds: float
    peak_bytes: int
    failure: Failure | None = None


class ExecutionEnvironment:
    """A process with a temporary folder of its own; a failure ends the process."""

    def __init__(
        self,
        program: Program,
        folder: Path,
        on_line: Callable[[str], None] = lambda line: None,
        on_failed_init: Callable[[str, float], None] = lambda status, seconds: None,
    ) -> None:
        self._program, self._folder = program, folder
        self._on_line, self._on_failed_init = on_line, on_failed_init
        self._api: RuntimeApi | None = None
        self._process: ChildProcess | None = None
        self._init_seconds: float | None = None
        self._ready = False
        self._peak_bytes = 0
        folder.joinpath("tmp").mkdir(parents=True)

    def __enter__(self) -> "ExecutionEnvironment":
        """Initialize it."""
        self.init()
        return self

    def __exit__(self, *error: object) -> None:
        """End it."""
        self.close()

    @property
    def is_usable(self) -> bool:
        """Return whether it can handle another event."""
        return self._ready and self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The id of its process, if it has one."""
        return self._process.pid if self._process is not None else None

    def init(self) -> None:
        """Start the process and wait until its handler is imported.

        As on AWS, a failed init is repeated within the first event, in the event's time.
        """
        started = time.monotonic()
        failure = self._start(started + self._program.init_seconds)
        self._init_seconds = time.monotonic() - started
        if failure is not None:
            self._on_failed_init(failure.status, self._init_seconds)

    def invoke(self, payload: bytes, request_id: str | None = None, arn: str = "") -> Result:
        """Handle one event."""
        started = time.monotonic()
        deadline = started + self._program.timeout
        request_id = request_id or str(uuid.uuid4())
        failure = None if self._ready else self._start(deadline)
        posted = None
        if failure is None:
            epoch_deadline = time.time() + deadline - time.monotonic()
            self._runtime_api.send(Event(request_id, payload, epoch_deadline, arn, _trace_id()))
            posted, failure = self._wait(deadline)
            if posted is not None and posted.too_large:
                failure = _TOO_LARGE
        duration = time.monotonic() - started
        if self._process is not None:
            # The runtime posts a response after its output, so all lines of the event are there.
            self._process.drain()
        if failure is not None and failure.status == "timeout":
            duration = self._program.timeout
            failure = self._timed_out(request_id)
        init_seconds, self._init_seconds = self._init_seconds, None
        times = (init_seconds, duration)
        if failure is not None:
            self._end()
            payload = _failure_payload(failure, request_id)
            return Result(payload, True, *times, self._peak_bytes, failure)
        assert posted is not None  # noqa: S101 - there is a failure otherwise
        return Result(posted.body, posted.is_error, *times, self._peak_bytes)

    def _start(self, deadline: float) -> Failure | None:
        """Start the process; if it is not ready by the deadline, end it and return the reason."""
        self._end()
        self._peak_bytes = 0
        program, self._api = self._program, RuntimeApi()
        env = {
            "LAMBDA_TASK_ROOT": str(program.code),
            "LAMBDA_RUNTIME_DIR": str(program.runtime),
            **program.variables,
            "_HANDLER": program.handler,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            **self._temporary_folder(),
            BASE_VARIABLE: str(self._folder),
        }
        paths = (program.runtime, program.code, *program.extra_paths)
        self._process = start_function(program.python, paths, env, self._on_line, self._api.wake)
        posted, failure = self._wait(deadline)
        if posted is not None and posted.is_error:
            failure = Failure("", posted.body.decode("utf-8", "replace"))  # the runtime's own
        self._process.drain()  # the output of the init comes before that of the event
        self._ready = failure is None
        if failure is not None:
            self._end()
        return failure

    def _temporary_folder(self) -> dict[str, str]:
        folder = str(self._folder / "tmp")
        if self._program.has_own_tmp:
            return {"TMPDIR": "/tmp", "HOME": "/tmp", OWN_TMP_VARIABLE: folder}  # noqa: S108
        return {"TMPDIR": folder}

    @property
    def _runtime_api(self) -> RuntimeApi:
        assert self._api is not None  # noqa: S101 - the process has started
        return self._api

    def _wait(self, deadline: float) -> tuple[Posted | None, Failure | None]:
        """Return what the process posts, and why it cannot continue, if so."""
        failure: Failure | None = None
        while True:
            # Before a failure, the process may have posted something, so look once more.
            seconds = 0.0 if failure else min(_POLL_SECONDS, deadline - time.monotonic())
            posted = self._runtime_api.wait(seconds)
            if posted is None and failure is not None:
                return None, failure
            failure = self._check(deadline, responded=posted is not None)
            if posted is not None:
                return posted, failure

    def _check(self, deadline: float, responded: bool = False) -> Failure | None:
        """Return why the process cannot continue: out of memory, ended, or out of time."""
        process, limit = self._process, self._program.memory_mb * _MEGABYTE
        assert process is not None  # noqa: S101 - the process has started
        self._peak_bytes = max(self._peak_bytes, peak_bytes(process.pid))
        if self._peak_bytes > limit:
            self._peak_bytes = limit
            return _OUT_OF_MEMORY
        if responded:  # from now on, the process matters to the next event only
            return None
        code = process.poll()
        if code is not None:
            return _exit_failure(code)
        if time.monotonic() >= deadline:
            return Failure("Sandbox.Timedout", "", "timeout")
        return None

    def _timed_out(self, request_id: str) -> Failure:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        seconds = f"{self._program.timeout:.2f}"
        message = f"{moment}Z {request_id} Task timed out after {seconds} seconds"
        return Failure("Sandbox.Timedout", message, "timeout")

    def _end(self) -> None:
        """Kill the process without a warning, as AWS does."""
        self._ready = False
        if self._process is not None:
            self._process.kill()
        if self._api is not None:
            self._api.close()
        if self._process is not None:
            self._process.wait()
        self._api = self._process = None

    def close(self) -> None:
        """End the process and remove its folder."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)


_EXITED = "Runtime exited"
_OUT_OF_MEMORY = Failure("Runtime.OutOfMemory", f"{_EXITED} with error: signal: killed")
_TOO_LARGE = Failure(
    "Function.ResponseSizeTooLarge",
    f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
)
_SIGNALS = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}


def _exit_failure(code: int) -> Failure:
    if code == 0:
        return Failure("Runtime.ExitError", f"{_EXITED} without providing a reason")
    how = f"exit status {code}" if code > 0 else f"signal: {_SIGNALS.get(-code, str(-code))}"
    return Failure("Runtime.ExitError", f"{_EXITED} with error: {how}")


def _failure_payload(failure: Failure, request_id: str) -> bytes:
    if not failure.type:  # an init error, as the runtime posted it
        return failure.message.encode()
    if failure.status == "timeout":
        return json.dumps({"errorMessage": failure.message}).encode()
    kind, message = failure.type, failure.message
    if message.startswith(_EXITED):
        kind, message = "Runtime.ExitError", f"RequestId: {request_id} Error: {message}"
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _trace_id() -> str:
    """Return an X-Ray trace header of a call that is not sampled."""
    parent = uuid.uuid4().hex
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={parent[:16]};Sampled=0"
