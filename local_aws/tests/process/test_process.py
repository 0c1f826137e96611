"""The local AWS as a process: ports, signals, Ctrl-C during work, and kill -9."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local_aws.__main__ import parse_arguments
from local_aws.testing import ROOT, LocalAws, free_port, running_local_aws
from local_aws.tests.account import IMAGE, Account, eventually
from local_aws.tests.stages import processes_of, stage

LIBC = ctypes.CDLL(None)
ENDLESS = "import time; print('waiting', flush=True); time.sleep(600)"


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the local AWS with a command line that it refuses, and wait for its end."""
    command = [sys.executable, "-m", "local_aws", *arguments]
    env = {**os.environ, **variables}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def busy(aws: LocalAws) -> list[psutil.Process]:
    """Start an endless job and an endpoint; return all of their processes."""
    account = Account(aws)
    job = account.start_job(ENDLESS)
    endpoint = account.deploy(stage(account))
    group = "/aws/sagemaker/TrainingJobs"
    eventually(lambda: account.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"])
    eventually(lambda: "waiting" in account.job_log(job))
    children = psutil.Process(aws.pid).children(recursive=True)
    assert {process.pid for process in (*processes_of(job), *processes_of(endpoint))} <= {
        process.pid for process in children
    }
    assert len(children) >= 4  # launcher and script, gunicorn's master and worker
    return children


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [
        process
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def child(aws: LocalAws, name: str) -> psutil.Process | None:
    """Return a descendant of the local AWS with a name, or None."""
    below = psutil.Process(aws.pid).children(recursive=True)
    return next((process for process in below if process.name() == name), None)


def group_of(process: psutil.Process) -> list[psutil.Process]:
    """Return the running processes of a process's group, whatever their parent."""
    group = os.getpgid(process.pid)
    return [psutil.Process(pid) for pid in psutil.pids() if pid != 0 and _group(pid) == group]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:  # it has ended or belongs to another user
        return None


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test its own folder for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_local_aws_on_a_port_in_use_prints_one_line_and_exits(temporary):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("--port", str(port))
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line == (
        f"error: cannot listen on port {port} of 127.0.0.1: Address already in use. Another local "
        "AWS may be running there. Choose another port with --port or LOCAL_AWS_PORT."
    )
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("port", ["70000", "-1", "http"])
def test_local_aws_with_an_impossible_port_prints_one_line_that_names_flag_and_variable(port):
    for ended in (run(f"--port={port}"), run(LOCAL_AWS_PORT=port)):
        assert ended.returncode == 2
        assert ended.stderr == (
            f"local-aws: error: argument --port (or LOCAL_AWS_PORT): {port!r} is not a number from "
            "0 to 65,535 (--help lists the flags)\n"
        )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--function-concurrency", "0"], "'0' is not a number from 1 to 999,999,999"),
        (["--function-idle-seconds", "nan"], "'nan' is not a number from 0.0 to 999,999,999"),
        (["--function-retry-seconds", "1", "-2"], "'-2' is not a number from 0.0 to"),
        (["--function-retry-seconds", "1"], "expected 2 arguments"),
        (["--metric-period", "0.01"], "'0.01' is not a number from 0.1 to"),
    ],
)
def test_invalid_limit_is_refused_in_one_line(capsys, flags, message):
    with pytest.raises(SystemExit, match="2"):
        parse_arguments(flags)
    (line,) = capsys.readouterr().err.splitlines()
    assert f"argument {flags[0]}: {message}" in line


def test_help_fits_80_columns_and_names_both_retries(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit, match="0"):
        parse_arguments(["--help"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) < 80
    assert "--function-retry-seconds FIRST SECOND" in text


def test_command_line_is_read_before_the_services_are_imported():
    code = "import sys, local_aws.__main__; print({'moto', 'local_aws.server'} & {*sys.modules})"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout == "set()\n"


def test_local_aws_prints_how_to_reach_it_and_exits_with_0_on_sigterm(temporary):
    port = free_port()
    command = [sys.executable, "-m", "local_aws", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        lines = [process.stderr.readline() for _ in range(5)]
        process.terminate()
        assert process.wait() == 0
    assert lines[1].strip() == f"http://127.0.0.1:{port}/_local_aws"
    assert f"AWS_ENDPOINT_URL=http://127.0.0.1:{port} " in lines[3]
    assert "AWS_ACCESS_KEY_ID" in lines[4]
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_local_aws_on_port_0_prints_its_actual_port_and_its_containers_reach_it(temporary):
    command = [sys.executable, "-m", "local_aws", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        lines = [process.stderr.readline() for _ in range(5)]
        match = re.search(r"AWS_ENDPOINT_URL=(http://127.0.0.1:[1-9][0-9]*) ", lines[3])
        account = Account(LocalAws(match.group(1), process.pid))
        account.deploy(stage(account))
        process.terminate()
        assert process.wait() == 0


@pytest.mark.slow
def test_local_aws_interrupted_during_work_leaves_no_process_and_no_folder(temporary, capfd):
    with running_local_aws() as aws:
        children = busy(aws)
        assert list(temporary.iterdir())
    assert living(children) == []
    assert list(temporary.iterdir()) == []
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.slow
def test_local_aws_interrupted_while_an_endpoint_starts_leaves_nothing(temporary, capfd):
    with running_local_aws() as aws:
        account = Account(aws)
        name = account.start_endpoint(stage(account))
        eventually(lambda: processes_of(name))
        children = psutil.Process(aws.pid).children(recursive=True)
    assert eventually(lambda: not living(children) and not processes_of(name))
    assert list(temporary.iterdir()) == []
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(LIBC, "tgkill"), reason="threads cannot be signaled here")
def test_local_aws_ends_if_another_thread_receives_the_signal(temporary):
    command = [sys.executable, "-m", "local_aws", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        process.stderr.readline()
        other = eventually(
            lambda: [
                item for item in psutil.Process(process.pid).threads() if item.id != process.pid
            ]
        )[0]
        time.sleep(1)  # until its main thread waits
        LIBC.tgkill(process.pid, other.id, signal.SIGINT)
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_local_aws_killed_during_work_ends_its_processes_and_the_next_removes_its_folder(temporary):
    with running_local_aws() as aws:
        children = busy(aws)
        os.kill(aws.pid, signal.SIGKILL)
        assert eventually(lambda: not living(children))
    leftovers = list(temporary.iterdir())
    assert leftovers
    with running_local_aws() as aws:
        assert not [path for path in leftovers if path.exists()]
        assert psutil.Process(aws.pid).children(recursive=True) == []
        assert living(children) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_local_aws_of_a_killed_program_ends(temporary):
    code = """import os; from local_aws.testing import running_local_aws
with running_local_aws() as aws:
    print(aws.pid, flush=True)
    os.kill(os.getpid(), 9)"""
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    assert eventually(lambda: not psutil.pid_exists(int(ended.stdout)))


def test_environment_for_programs_has_no_aws_settings_of_the_caller(monkeypatch):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.setenv(name, "own")
    environment = LocalAws("http://127.0.0.1:1", 1).environment()
    command = [sys.executable, "-c", "import boto3; print(boto3.client('s3').meta.endpoint_url)"]
    assert subprocess.check_output(command, env=environment) == b"http://127.0.0.1:1\n"


@pytest.mark.slow
def test_local_aws_keeps_the_folder_of_another_running_one(temporary):
    with running_local_aws():
        folders = list(temporary.iterdir())
        assert folders
        with running_local_aws():
            assert all(path.exists() for path in folders)
        assert list(temporary.iterdir()) == folders


@pytest.mark.slow
def test_local_aws_killed_while_a_job_runs_a_shell_ends_the_shell(temporary):
    with running_local_aws() as aws:
        account = Account(aws)
        algorithm = {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/sh", "-c", "sleep 600; true"],
        }
        account.start_job("", AlgorithmSpecification=algorithm)
        sleeping = eventually(lambda: child(aws, "sleep"))
        processes = group_of(sleeping)
        assert len(processes) == 3  # the shell, its command, and the watching process
        os.kill(aws.pid, signal.SIGKILL)
        assert eventually(lambda: not living(processes))
