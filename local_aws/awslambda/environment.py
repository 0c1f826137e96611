"""One execution environment: a process that is initialised once and handles one event at a time.

It needs no local AWS: benchmarks run functions in it as well.

    with ExecutionEnvironment(program, folder) as environment:
        result = environment.invoke(b"{}")
"""

import json
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from local_aws.awslambda.process import FunctionProcess
from local_aws.awslambda.resident import most_resident
from local_aws.awslambda.runtime_api import MOST_ANSWER_BYTES, Event, Posted, RuntimeApi
from local_aws.processes import FUNCTION_BASE

INIT_SECONDS = 10.0
_LOOK_SECONDS = 0.05  # between looks at memory and clock
_MEGABYTE = 2**20


@dataclass(frozen=True)
class Program:
    """What an execution environment runs, and within which limits."""

    code: Path  # LAMBDA_TASK_ROOT
    handler: str
    runtime: Path  # the folder of runtime_site.make_runtime_site
    variables: Mapping[str, str]
    memory_mb: int = 128
    timeout: float = 3.0  # seconds
    extra_paths: tuple[Path, ...] = ()  # folders of packages beside the code
    init_seconds: float = INIT_SECONDS


@dataclass(frozen=True)
class Failure:
    """Why a function gave no answer of its own."""

    type: str
    message: str
    status: str = "error"  # as REPORT lines say it: error or timeout


@dataclass(frozen=True)
class Result:
    """What came of one event."""

    payload: bytes
    is_error: bool
    init_seconds: float | None  # of this environment, at its first event only
    duration_seconds: float
    most_resident_bytes: int
    failure: Failure | None = None


class ExecutionEnvironment:
    """A process with a temporary folder of its own; it ends when an event breaks it."""

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
        self._process: FunctionProcess | None = None
        self._init_seconds: float | None = None
        self._init_failure: Failure | None = None
        self._ready = False
        self._most_resident = 0
        folder.joinpath("tmp").mkdir(parents=True)

    def __enter__(self) -> "ExecutionEnvironment":
        """Initialise it."""
        self.init()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self.close()

    @property
    def is_usable(self) -> bool:
        """Tell whether it can take another event."""
        return self._ready and self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The id of its process, if it has one."""
        return self._process.pid if self._process is not None else None

    def init(self) -> None:
        """Start the process and wait until its handler is imported, at most ten seconds.

        An init that fails is run again within the first event, as AWS does, and counts as its time.
        """
        began = time.monotonic()
        failure = self._start(began + self._program.init_seconds)
        self._init_seconds = time.monotonic() - began
        if failure is not None:
            self._on_failed_init(failure.status, self._init_seconds)

    def invoke(
        self,
        payload: bytes,
        request_id: str | None = None,
        arn: str = "",
        context: str | None = None,
    ) -> Result:
        """Handle one event."""
        began = time.monotonic()
        deadline = began + self._program.timeout
        request_id = request_id or str(uuid.uuid4())
        failure = None if self._ready else self._start(deadline)
        posted = None
        if failure is None:
            event = Event(
                request_id,
                payload,
                time.time() + deadline - time.monotonic(),
                arn,
                _trace_id(),
                context,
            )
            posted, failure = self._handle(event, deadline)
        duration = time.monotonic() - began
        if self._process is not None:
            self._process.drain()
        if failure is not None and failure.status == "timeout":
            duration = self._program.timeout
            failure = self._timed_out(request_id)
        init, self._init_seconds = self._init_seconds, None
        return self._result(posted, failure, request_id, (init, duration))

    def _result(
        self,
        posted: Posted | None,
        failure: Failure | None,
        request_id: str,
        seconds: tuple[float | None, float],
    ) -> Result:
        if failure is not None:
            self._end()
            payload = _failure_payload(failure, request_id)
            return Result(payload, True, *seconds, self._most_resident, failure)
        assert posted is not None  # noqa: S101 - without a failure something was posted
        return Result(posted.body, posted.is_error, *seconds, self._most_resident)

    def _start(self, deadline: float) -> Failure | None:
        """Start the process; return why it is not ready by the deadline, and end it then."""
        self._end()
        self._most_resident = 0
        api = self._api = RuntimeApi()
        program = self._program
        env = {
            "LAMBDA_TASK_ROOT": str(program.code),
            "LAMBDA_RUNTIME_DIR": str(program.runtime),
            **program.variables,
            "_HANDLER": program.handler,
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "TMPDIR": str(self._folder / "tmp"),
            FUNCTION_BASE: str(self._folder),
        }
        paths = (program.runtime, program.code, *program.extra_paths)
        self._process = FunctionProcess(paths, env, self._on_line, api.wake)
        failure = self._wait_for_init(api, deadline)
        self._process.drain()  # what the init wrote comes before what the event will
        self._ready = failure is None
        if failure is not None:
            self._end()
        return failure

    def _wait_for_init(self, api: RuntimeApi, deadline: float) -> Failure | None:
        while True:
            asked, error = api.wait_for_init(min(_LOOK_SECONDS, deadline - time.monotonic()))
            failure = self._look(deadline)
            if error is not None:
                return Failure("", error.decode("utf-8", "replace"))  # the runtime's own words
            if asked or failure is not None:
                return failure

    def _handle(self, event: Event, deadline: float) -> tuple[Posted | None, Failure | None]:
        api = self._api
        assert api is not None  # noqa: S101 - started above
        api.send(event)
        while True:
            posted = api.wait_for_answer(min(_LOOK_SECONDS, deadline - time.monotonic()))
            if posted is not None and posted.too_large:
                return None, _TOO_LARGE
            failure = self._look(deadline, answered=posted is not None)
            if posted is not None or failure is not None:
                return posted, failure

    def _look(self, deadline: float, answered: bool = False) -> Failure | None:
        """Return why the process must not go on: too much memory, gone, or out of time."""
        process = self._process
        assert process is not None  # noqa: S101 - started above
        self._most_resident = max(self._most_resident, most_resident(process.pid))
        if self._most_resident > self._program.memory_mb * _MEGABYTE:
            self._most_resident = self._program.memory_mb * _MEGABYTE
            return _OUT_OF_MEMORY
        if answered:  # what happens to the process now is the next event's affair
            return None
        code = process.poll()
        if code is not None:
            return _exit(code)
        if time.monotonic() >= deadline:
            return Failure("Sandbox.Timedout", "", "timeout")
        return None

    def _timed_out(self, request_id: str) -> Failure:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        seconds = f"{self._program.timeout:.2f}"
        message = f"{moment}Z {request_id} Task timed out after {seconds} seconds"
        return Failure("Sandbox.Timedout", message, "timeout")

    def _end(self) -> None:
        """Kill the process; it may have no time to say goodbye, as on AWS."""
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


_OUT_OF_MEMORY = Failure("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
_TOO_LARGE = Failure(
    "Function.ResponseSizeTooLarge",
    f"Response payload size exceeded maximum allowed payload size ({MOST_ANSWER_BYTES} bytes).",
)
_SIGNALS = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}


def _exit(code: int) -> Failure:
    if code == 0:
        return Failure("Runtime.ExitError", "Runtime exited without providing a reason")
    how = f"exit status {code}" if code > 0 else f"signal: {_SIGNALS.get(-code, str(-code))}"
    return Failure("Runtime.ExitError", f"Runtime exited with error: {how}")


def _failure_payload(failure: Failure, request_id: str) -> bytes:
    if not failure.type:  # an error of the init, as the runtime posted it
        return failure.message.encode()
    if failure.status == "timeout":
        return json.dumps({"errorMessage": failure.message}).encode()
    exited = failure.message.startswith("Runtime exited")
    return json.dumps(
        {
            "errorType": "Runtime.ExitError" if exited else failure.type,
            "errorMessage": f"RequestId: {request_id} Error: {failure.message}"
            if exited
            else failure.message,
        }
    ).encode()


def _trace_id() -> str:
    """Return an X-Ray trace header of a call that is not sampled."""
    parent = uuid.uuid4().hex
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={parent[:16]};Sampled=0"
