"""An execution environment alone, as benchmarks use it: no local AWS behind it."""

import http.client
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.awslambda.environment import ExecutionEnvironment, Program
from local_aws.awslambda.runtime_api import Event, Posted, RuntimeApi
from local_aws.awslambda.runtime_site import make_runtime_site
from local_aws.tests.account import eventually

pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")

FAR_TOO_MANY = 1000  # lines, ten seconds of them
INVOCATION = "/2018-06-01/runtime/invocation"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_runtime_site(tmp_path_factory.mktemp("runtime") / "site")


def program(folder: Path, runtime: Path, source: str, **more) -> Program:
    code = folder / "code"
    code.mkdir()
    (code / "app.py").write_text(source, encoding="utf-8")
    return Program(code, "app.handler", runtime, {}, **more)


def test_environment_answers_with_times_and_memory_of_its_own(tmp_path, runtime):
    source = (
        "import time\ntime.sleep(0.2)\n"
        "def handler(event, context):\n    time.sleep(0.1)\n    return event\n"
    )
    with ExecutionEnvironment(program(tmp_path, runtime, source), tmp_path / "one") as environment:
        first, second = environment.invoke(b'{"a": 1}'), environment.invoke(b"[2]")
    assert (json.loads(first.payload), json.loads(second.payload)) == ({"a": 1}, [2])
    assert first.init_seconds >= 0.2
    assert first.duration_seconds >= 0.1
    assert second.init_seconds is None
    assert 5e6 < first.most_resident_bytes < 128 * 2**20
    assert not (tmp_path / "one").exists()


def test_environment_finds_the_packages_of_folders_that_its_caller_adds(tmp_path, runtime):
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "usual.py").write_text("NAME = 'the usual way'\n")
    source = "import usual\ndef handler(event, context):\n    return usual.NAME\n"
    usual = program(tmp_path, runtime, source, extra_paths=(packages,))
    with ExecutionEnvironment(usual, tmp_path / "one") as environment:
        assert environment.invoke(b"{}").payload == b'"the usual way"'


def test_environment_hands_on_the_lines_of_its_process(tmp_path, runtime):
    lines: list[str] = []
    source = "def handler(event, context):\n    print('one')\n    print('two', end='')\n"
    whole = program(tmp_path, runtime, source)
    with ExecutionEnvironment(whole, tmp_path / "one", lines.append) as environment:
        environment.invoke(b"{}")
        assert lines == ["one"]
    assert lines[:2] == ["one", "two"]


def test_environment_hands_on_what_the_init_wrote_before_the_first_event(tmp_path, runtime):
    lines: list[str] = []
    source = "print('init')\ndef handler(event, context):\n    print('event')\n"
    whole = program(tmp_path, runtime, source)
    with ExecutionEnvironment(whole, tmp_path / "one", lines.append) as environment:
        assert lines == ["init"]
        environment.invoke(b"{}")
        assert lines == ["init", "event"]


def test_environment_whose_process_closes_its_output_goes_on(tmp_path, runtime):
    source = (
        "import os\ndef handler(event, context):\n"
        "    if event:\n        os.close(1)\n        os.close(2)\n    return os.getpid()\n"
    )
    whole = program(tmp_path, runtime, source)
    with ExecutionEnvironment(whole, tmp_path / "one") as environment:
        answers = {environment.invoke(event).payload for event in (b"0", b"1", b"0", b"0")}
    assert len(answers) == 1


def test_environment_whose_process_writes_without_end_is_ended_in_time(tmp_path, runtime):
    source = (
        "import os\ndef handler(event, context):\n"
        "    while True:\n        os.write(1, b'x' * 60_000 + b'\\n')\n"
    )
    whole = program(tmp_path, runtime, source, timeout=0.5)
    lines: list[str] = []

    def take(line: str) -> None:  # more slowly than it is written: the pipe is never empty
        lines.append(line)
        time.sleep(0.01)
        if len(lines) == FAR_TOO_MANY:
            os.kill(environment.pid, signal.SIGKILL)

    with ExecutionEnvironment(whole, tmp_path / "one", take) as environment:
        result = environment.invoke(b"{}")
    assert result.failure.status == "timeout"
    assert 0 < len(lines) < FAR_TOO_MANY


def test_environment_that_ended_between_events_is_started_anew(tmp_path, runtime):
    source = (
        "import os, threading, time\n"
        "def handler(event, context):\n"
        "    threading.Timer(0.05, os._exit, [1]).start()\n"
        "    return 'done'\n"
    )
    whole = program(tmp_path, runtime, source)
    with ExecutionEnvironment(whole, tmp_path / "one") as environment:
        assert environment.invoke(b"{}").payload == b'"done"'
        assert eventually(lambda: not environment.is_usable)


def test_init_out_of_time_is_run_again_within_the_event_and_counts_as_its_time(tmp_path, runtime):
    source = "import time\ntime.sleep(1)\ndef handler(event, context):\n    return 'late'\n"
    slow = program(tmp_path, runtime, source, init_seconds=0.3, timeout=60)
    said: list[str] = []

    def init_failed(status: str, seconds: float) -> None:
        said.append(status)

    with ExecutionEnvironment(
        slow, tmp_path / "one", lambda line: None, init_failed
    ) as environment:
        result = environment.invoke(b"{}")
    assert (result.payload, result.is_error) == (b'"late"', False)
    assert said == ["timeout"]
    assert result.duration_seconds >= 1
    assert result.init_seconds >= 0.3
    hasty = replace(slow, timeout=0.5)
    with ExecutionEnvironment(hasty, tmp_path / "two") as environment:
        message = json.loads(environment.invoke(b"{}").payload)["errorMessage"]
    assert message.endswith("Task timed out after 0.50 seconds")


@pytest.fixture
def api():
    api = RuntimeApi()
    yield api
    api.close()


def ask(api: RuntimeApi, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
    connection = http.client.HTTPConnection(api.address)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def event(number: str, payload: bytes = b"{}") -> Event:
    return Event(number, payload, 0.0, "arn", "Root=1")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", f"{INVOCATION}/last", 404),
        ("POST", "/2018-06-01/runtime/init", 404),
        ("POST", f"{INVOCATION}/of-nobody/response", 400),
        ("POST", f"{INVOCATION}/of-nobody/other", 404),
        ("PUT", f"{INVOCATION}/next", 501),
    ],
)
def test_runtime_api_refuses_what_it_does_not_have(api, method, path, status):
    assert ask(api, method, path, b"" if method == "POST" else None) == status


def test_runtime_api_takes_one_answer_for_an_event_and_no_second(api):
    api.send(event("one"))
    path = f"{INVOCATION}/one/response"
    assert [ask(api, "POST", path, b"1"), ask(api, "POST", path, b"2")] == [202, 400]
    assert api.wait_for_answer(1) == Posted(b"1", is_error=False)


def test_answer_that_breaks_off_is_none(api):
    api.send(event("one"))
    path = f"{INVOCATION}/one/response"
    connection = http.client.HTTPConnection(api.address)
    connection.request("POST", path, b"123", {"Content-Length": "6"})
    connection.close()
    assert api.wait_for_answer(0.5) is None
    assert ask(api, "POST", path, b"123456") == 202
    assert api.wait_for_answer(1) == Posted(b"123456", is_error=False)


def test_runtime_api_without_a_length_refuses_a_body(api):
    api.send(event("one"))
    connection = http.client.HTTPConnection(api.address)
    connection.putrequest("POST", f"{INVOCATION}/one/response")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()  # and no body: the answer comes before one
    assert connection.getresponse().status == 411
    connection.close()


@settings(max_examples=25)
@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_runtime_api_hands_on_any_bytes_both_ways(payload, answer):
    api = RuntimeApi()
    try:
        api.send(event("one", payload))
        connection = http.client.HTTPConnection(api.address)
        connection.request("GET", f"{INVOCATION}/next")
        got = connection.getresponse()
        assert got.headers["Lambda-Runtime-Aws-Request-Id"] == "one"
        assert got.read() == payload
        connection.request("POST", f"{INVOCATION}/one/response", answer)
        assert connection.getresponse().status == 202
        connection.close()
        assert api.wait_for_answer(1) == Posted(answer, is_error=False)
    finally:
        api.close()
