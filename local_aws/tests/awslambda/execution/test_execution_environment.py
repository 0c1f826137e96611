"""An execution environment without a local AWS, as benchmarks use it."""

import http.client
import json
import os
import signal
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.awslambda.execution import environment
from local_aws.awslambda.execution.environment import ExecutionEnvironment, Program
from local_aws.awslambda.execution.runtime_api import Event, Posted, RuntimeApi
from local_aws.awslambda.execution.runtime_site import make_runtime_site
from local_aws.tests.account import eventually, unique

pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")

LIMIT = 1000  # lines, which take ten seconds
INVOCATION = "/2018-06-01/runtime/invocation"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_runtime_site(tmp_path_factory.mktemp("runtime") / "site")


@pytest.fixture
def make_environment(tmp_path, runtime):
    """Return a function that makes an execution environment of one module, app.py."""

    def make(source: str, *callbacks, **options) -> ExecutionEnvironment:
        code = tmp_path / "code"
        code.mkdir(exist_ok=True)
        (code / "app.py").write_text(source, encoding="utf-8")
        program = Program(code, "app.handler", runtime, {}, **options)
        return ExecutionEnvironment(program, tmp_path / unique("environment"), *callbacks)

    return make


def test_environment_returns_results_with_their_times_and_memory(tmp_path, make_environment):
    source = (
        "import time\ntime.sleep(0.2)\n"
        "def handler(event, context):\n    time.sleep(0.1)\n    return event\n"
    )
    with make_environment(source) as environment:
        first, second = environment.invoke(b'{"a": 1}'), environment.invoke(b"[2]")
    assert (json.loads(first.payload), json.loads(second.payload)) == ({"a": 1}, [2])
    assert first.init_seconds >= 0.2
    assert first.duration_seconds >= 0.1
    assert second.init_seconds is None
    assert 5e6 < first.peak_bytes < 128 * 2**20
    assert [path.name for path in tmp_path.iterdir()] == ["code"]


def test_function_finds_the_packages_in_the_extra_folders(tmp_path, make_environment):
    (tmp_path / "extra.py").write_text("NAME = 'an extra package'\n")
    source = "import extra\ndef handler(event, context):\n    return extra.NAME\n"
    with make_environment(source, extra_paths=(tmp_path,)) as environment:
        assert environment.invoke(b"{}").payload == b'"an extra package"'


def test_environment_passes_on_the_lines_of_its_process(make_environment):
    lines: list[str] = []
    source = "def handler(event, context):\n    print('one')\n    print('two', end='')\n"
    with make_environment(source, lines.append) as environment:
        environment.invoke(b"{}")
        assert lines == ["one", "two"]  # the last one without a line end
        environment.invoke(b"{}")
    assert lines[:4] == ["one", "two"] * 2


def test_environment_passes_on_the_output_of_the_init_before_the_first_event(make_environment):
    lines: list[str] = []
    source = "print('init')\ndef handler(event, context):\n    print('event')\n"
    with make_environment(source, lines.append) as environment:
        assert lines == ["init"]
        environment.invoke(b"{}")
        assert lines == ["init", "event"]


@pytest.mark.slow
def test_what_a_process_posts_before_it_ends_counts_on_a_busy_computer(
    make_environment, monkeypatch
):
    """A check of the process may be interrupted until it has posted something and ended."""
    monkeypatch.setattr(environment, "peak_bytes", lambda _: time.sleep(1) or 0)
    with make_environment("import not_in_the_package\n") as failing:
        assert json.loads(failing.invoke(b"{}").payload)["errorType"] == "Runtime.ImportModuleError"
    source = (
        "import os, threading, time\n"
        "def handler(event, context):\n"
        "    time.sleep(0.3)\n"
        "    threading.Timer(0.3, os._exit, [0]).start()\n"
        "    return 1\n"
    )
    with make_environment(source, timeout=10) as ending:
        assert ending.invoke(b"{}").payload == b"1"


def test_error_with_a_deep_stack_is_the_error_of_the_event(make_environment):
    source = "def handler(event, context):\n    return handler(event, context) if event else 1\n"
    with make_environment(source) as environment:
        deep = json.loads(environment.invoke(b"[0]").payload)
        assert deep["errorType"] == "RecursionError"
        assert deep["errorMessage"].startswith("maximum recursion depth exceeded")
        assert environment.invoke(b"[]").payload == b"1"


def test_process_that_closes_its_output_continues(make_environment):
    source = (
        "import os\ndef handler(event, context):\n"
        "    if event:\n        os.close(1)\n        os.close(2)\n    return os.getpid()\n"
    )
    with make_environment(source) as environment:
        responses = {environment.invoke(event).payload for event in (b"0", b"1", b"0", b"0")}
    assert len(responses) == 1


def test_process_that_writes_forever_ends_at_its_timeout(make_environment):
    source = (
        "import os\ndef handler(event, context):\n"
        "    while True:\n        os.write(1, b'x' * 60_000 + b'\\n')\n"
    )
    lines: list[str] = []

    def consume(line: str) -> None:  # slower than the process writes, so the pipe stays full
        lines.append(line)
        time.sleep(0.01)
        if len(lines) == LIMIT:
            os.kill(environment.pid, signal.SIGKILL)

    with make_environment(source, consume, timeout=0.5) as environment:
        result = environment.invoke(b"{}")
    assert result.failure.status == "timeout"
    assert 0 < len(lines) < LIMIT


def test_process_that_ends_between_events_is_not_usable(make_environment):
    source = (
        "import os, threading, time\n"
        "def handler(event, context):\n"
        "    threading.Timer(0.05, os._exit, [1]).start()\n"
        "    return 'done'\n"
    )
    with make_environment(source) as environment:
        assert environment.invoke(b"{}").payload == b'"done"'
        assert eventually(lambda: not environment.is_usable)


@pytest.mark.observes("lambda-init")
def test_init_that_times_out_is_repeated_within_the_event_and_counts_as_its_time(make_environment):
    source = "import time\ntime.sleep(1)\ndef handler(event, context):\n    return 'late'\n"
    statuses: list[str] = []
    callbacks = (lambda line: None, lambda status, seconds: statuses.append(status))
    with make_environment(source, *callbacks, init_seconds=0.3, timeout=60) as environment:
        result = environment.invoke(b"{}")
    assert (result.payload, result.is_error) == (b'"late"', False)
    assert statuses == ["timeout"]
    assert result.duration_seconds >= 1
    assert result.init_seconds >= 0.3
    with make_environment(source, init_seconds=0.3, timeout=0.5) as environment:
        message = json.loads(environment.invoke(b"{}").payload)["errorMessage"]
    assert message.endswith("Task timed out after 0.50 seconds")


@pytest.fixture
def api():
    api = RuntimeApi()
    yield api
    api.close()


def send(api: RuntimeApi, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
    connection = http.client.HTTPConnection(api.address)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def event(number: str, payload: bytes = b"{}") -> Event:
    return Event(number, payload, 0.0, "arn", "Root=1")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", f"{INVOCATION}/last", 404),
        ("POST", "/2018-06-01/runtime/init", 404),
        ("POST", f"{INVOCATION}/unknown/response", 400),
        ("POST", f"{INVOCATION}/unknown/other", 404),
        ("PUT", f"{INVOCATION}/next", 501),
    ],
)
def test_runtime_api_refuses_unknown_paths_and_events(api, method, path, status):
    assert send(api, method, path, b"" if method == "POST" else None) == status


def test_runtime_api_accepts_one_response_per_event(api):
    api.send(event("one"))
    path = f"{INVOCATION}/one/response"
    assert [send(api, "POST", path, b"1"), send(api, "POST", path, b"2")] == [202, 400]
    assert api.wait(1) == Posted(b"1", is_error=False)


def test_incomplete_response_does_not_count(api):
    api.send(event("one"))
    path = f"{INVOCATION}/one/response"
    connection = http.client.HTTPConnection(api.address)
    connection.request("POST", path, b"123", {"Content-Length": "6"})
    connection.close()
    assert api.wait(0.5) is None
    assert send(api, "POST", path, b"123456") == 202
    assert api.wait(1) == Posted(b"123456", is_error=False)


def test_runtime_api_refuses_a_body_without_a_length(api):
    api.send(event("one"))
    connection = http.client.HTTPConnection(api.address)
    connection.putrequest("POST", f"{INVOCATION}/one/response")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()  # without a body: the response comes before it
    assert connection.getresponse().status == 411
    connection.close()


@settings(max_examples=25)
@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_runtime_api_passes_on_any_bytes_in_both_directions(payload, response):
    api = RuntimeApi()
    try:
        api.send(event("one", payload))
        connection = http.client.HTTPConnection(api.address)
        connection.request("GET", f"{INVOCATION}/next")
        received = connection.getresponse()
        assert received.headers["Lambda-Runtime-Aws-Request-Id"] == "one"
        assert received.read() == payload
        connection.request("POST", f"{INVOCATION}/one/response", response)
        assert connection.getresponse().status == 202
        connection.close()
        assert api.wait(1) == Posted(response, is_error=False)
    finally:
        api.close()
