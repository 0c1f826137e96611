"""Each ending of the local AWS leaves its cause in the log."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from local_aws.endings import Ending, describe_exit
from local_aws.testing import ROOT, running_local_aws
from local_aws.tests.account import eventually

_START = [sys.executable, "-m", "local_aws", "--port", "0"]
_CRASHES = """
import ctypes, sys, threading
from local_aws import __main__, endings, server
{code}
sys.exit(__main__.main(["--port", "0"]))
"""
_SEGFAULT = "threading.Timer(1, lambda: ctypes.string_at(0)).start()"
_FAILING_SERVER = """
from socketserver import BaseServer
def fail(self, poll_interval=0.5):
    raise OSError("no more sockets")
server.listen = lambda application, listener: type("Server", (), {"serve_forever": fail})()
__main__._welcome = lambda settings: ""
"""


@pytest.fixture(autouse=True)
def hangups_are_not_ignored() -> Iterator[None]:
    """End what a test starts at SIGHUP, also if `nohup` started the tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Wait for the end of a local AWS; return its exit code and its log."""
    _, log = process.communicate(timeout=60)
    return process.returncode, log


def start(*flags: str, **options: object) -> "subprocess.Popen[str]":
    """Start a local AWS and wait until it serves."""
    process = subprocess.Popen(
        [*_START, *flags], cwd=ROOT, stderr=subprocess.PIPE, text=True, **options
    )
    assert "Local AWS on" in process.stderr.readline()
    return process


@pytest.mark.slow
@pytest.mark.observes("endings")
@pytest.mark.parametrize(
    "name",
    [
        "SIGTERM",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGALRM")
        ),
    ],
)
def test_local_aws_that_a_signal_ends_logs_the_name_of_the_signal(name: str, tmp_path: Path):
    process = start(env={**os.environ, "TMPDIR": str(tmp_path)})
    process.send_signal(signal.Signals[name])
    code, log = ended(process)
    assert (code, list(tmp_path.iterdir())) == (0, [])
    assert f"seconds: it received {name}." in log


@pytest.mark.slow
def test_quiet_local_aws_logs_no_requested_ending_but_every_other_one():
    process = subprocess.Popen([*_START, "--quiet"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    eventually(lambda: psutil.Process(process.pid).net_connections())
    process.send_signal(signal.SIGHUP)
    code, log = ended(process)
    assert code == 0
    assert log.endswith("it received SIGHUP.\n")


@pytest.mark.slow
@pytest.mark.observes("endings")
def test_local_aws_whose_parent_has_ended_logs_that():
    process = start("--until-stdin-closes", stdin=subprocess.PIPE)
    code, log = ended(process)  # communicate() closes its standard input
    assert code == 0
    assert "its standard input closed, so the program that started it has ended" in log


@pytest.mark.slow
def test_local_aws_that_starts_without_a_standard_input_ends_at_once():
    command = ["sh", "-c", 'exec "$@" <&-', "sh", *_START, "--until-stdin-closes"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "its standard input closed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.observes("endings")
def test_local_aws_that_crashes_logs_the_stack_of_every_thread():
    code, log = run_code(_SEGFAULT)
    assert code == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in log
    assert "in wait" in log  # the main thread


@pytest.mark.slow
def test_local_aws_whose_server_fails_logs_the_error_and_fails():
    code, log = run_code(_FAILING_SERVER)
    assert code == 1
    assert "OSError: no more sockets" in log
    assert "its server failed: OSError('no more sockets')" in log


def run_code(code: str) -> tuple[int, str]:
    """Run a local AWS in which some code causes its end."""
    command = [sys.executable, "-c", _CRASHES.format(code=code)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    return ended(process)


def test_interpreter_that_exits_for_an_unknown_reason_logs_that():
    code = "from local_aws.endings import Ending; import sys; Ending().watch(); sys.exit(3)"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert ended(process) == (
        3,
        "The local AWS is ending after running for 0 seconds: its interpreter exits for an unknown "
        "reason.\n",
    )


@pytest.mark.slow
def test_local_aws_killed_by_the_system_is_reported_by_its_test(tmp_path: Path):
    path = tmp_path / "log"
    with running_local_aws(log=path) as aws:
        os.kill(aws.pid, signal.SIGKILL)
        eventually(lambda: not psutil.pid_exists(aws.pid) or is_zombie(aws.pid))
        time.sleep(0.1)
    assert f"The local AWS {aws.pid} is gone: it was killed by SIGKILL" in path.read_text()


def is_zombie(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_first_cause_is_the_one_that_is_logged():
    ending = Ending()
    assert not ending.wait(0)
    ending.record("the first")
    ending.record("the second", failed=True)
    assert ending.wait(0)
    assert (ending.cause, ending.failed) == ("the first", False)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (3, "exit code 3"),
        (-signal.SIGTERM, "it was killed by SIGTERM"),
        (-99, "it was killed by signal 99"),
    ],
)
def test_exit_codes_are_described(code: int, text: str):
    assert describe_exit(code) == text


@pytest.mark.parametrize(
    "milliseconds",
    [80, *(pytest.param(late, marks=pytest.mark.slow) for late in (40, 160, 320, 640))],
)
def test_local_aws_interrupted_while_it_starts_shows_no_traceback(milliseconds: int):
    process = subprocess.Popen(_START, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    time.sleep(milliseconds / 1000)
    process.send_signal(signal.SIGINT)
    # The interpreter's own start may show its frames, or lose the signal.
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    process.send_signal(signal.SIGINT)
    _, log = ended(process)
    assert str(ROOT / "local_aws") not in log
