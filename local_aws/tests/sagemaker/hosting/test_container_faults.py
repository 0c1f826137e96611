"""Serving containers that are slow, die, or print too much: other callers are not affected."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, eventually
from local_aws.tests.stages import processes_of

# Executes the command in a request's body and returns the ID of its process.
COMMANDS = """
import os
import signal
import sys
import time


def model_fn(model_dir):
    return os.getpid()


def input_fn(body, content_type):
    return body if isinstance(body, str) else body.decode()


def predict_fn(command, pid):
    verb, _, argument = command.partition(" ")
    if verb == "wait":
        open(argument + ".waiting", "w").close()
        while not os.path.exists(argument):
            time.sleep(0.05)
    elif verb == "exit":
        os._exit(1)
    elif verb == "die":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    elif verb == "exec":
        exec(argument)
    return str(pid)


def output_fn(pid, accept):
    return pid, "text/plain"
"""
VERBOSE = "def model_fn(model_dir):\n    raise ValueError('a long message ' * 10_000)\n"
_MAX_MESSAGE_BYTES = 262_144 - 26  # the maximum of CloudWatch Logs in every account


@pytest.fixture(scope="module")
def endpoint(account) -> str:
    """Deploy a container that executes commands."""
    return str(account.deploy(account.packed_container(COMMANDS)))


def run(account: Account, endpoint: str, command: str) -> str:
    response = account.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=command, ContentType="text/plain"
    )
    return str(response["Body"].read().decode())


def model_error(account: Account, endpoint: str, command: str) -> dict[str, Any]:
    """Run a command that makes the container fail; return the error."""
    with pytest.raises(ClientError) as caught:
        run(account, endpoint, command)
    response: dict[str, Any] = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    return response


def messages(account: Account, endpoint: str) -> list[str]:
    """Return all lines of an endpoint's log."""
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    pages = account.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


def responds(account: Account, endpoint: str) -> str | None:
    try:
        return run(account, endpoint, "reply")
    except ClientError:
        return None


@pytest.mark.slow
def test_containers_that_fail_with_very_long_messages_are_both_named_in_the_reason(account):
    reason = account.failure_of(*(account.packed_container(VERBOSE) for _ in range(2)))
    assert len(reason) <= 1024
    assert all(f"The container-{number} for production" in reason for number in (1, 2))
    assert "ClientError: a long message" in reason


def status_of(account: Account, name: str) -> str:
    return str(account.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"])


def test_slow_requests_do_not_delay_other_requests(account, endpoint, tmp_path):
    gates = [tmp_path / str(number) for number in range(4)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        slow = [pool.submit(run, account, endpoint, f"wait {gate}") for gate in gates]
        eventually(lambda: len(list(tmp_path.iterdir())) == 4)
        quick = [run(account, endpoint, "reply") for _ in range(20)]
        assert not any(future.done() for future in slow)
        for gate in gates:
            gate.touch()
        assert all(future.result().isdecimal() for future in slow)
    assert all(text.isdecimal() for text in quick)


def test_container_that_dies_is_restarted_and_only_its_callers_get_errors(
    account, endpoint, tmp_path
):
    other = account.deploy(account.packed_container(COMMANDS))
    before = {process.pid for process in processes_of(endpoint)}
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(model_error, account, endpoint, f"wait {tmp_path / 'never'}")
        eventually(lambda: list(tmp_path.iterdir()))
        assert model_error(account, endpoint, "die")["OriginalStatusCode"] == 503
        assert waiting.result()["OriginalStatusCode"] == 503
        assert run(account, other, "reply").isdecimal()
    assert eventually(lambda: responds(account, endpoint))
    assert not before & {process.pid for process in processes_of(endpoint)}
    line = "local AWS: the container exited; restarting it"
    assert eventually(lambda: line in messages(account, endpoint))
    assert status_of(account, endpoint) == "InService"
    account.delete_endpoint(other)


@pytest.mark.slow
def test_container_that_dies_at_each_request_returns_an_error_for_each(account):
    name = account.deploy(account.packed_container(COMMANDS))
    statuses = [model_error(account, name, "exit")["OriginalStatusCode"] for _ in range(5)]
    assert set(statuses) == {503}
    statuses = []
    for _ in range(2):
        statuses.append(model_error(account, name, "die")["OriginalStatusCode"])
        assert eventually(lambda: responds(account, name))
    assert set(statuses) == {503}
    assert status_of(account, name) == "InService"
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("print('x' * 2**20, flush=True)", "x" * 2**20),
        ("print('\\N{SNOWMAN}' * 400_000, flush=True)", "\N{SNOWMAN}" * 400_000),
        (
            "sys.stdout.buffer.write(b'\\xff' * 2**20 + b'\\n'); sys.stdout.flush()",
            "\N{REPLACEMENT CHARACTER}" * 2**20,
        ),
    ],
    ids=["one byte per character", "three bytes per character", "invalid UTF-8"],
)
def test_line_of_a_megabyte_is_logged_in_several_events(account, statement, line):
    name = account.deploy(account.packed_container(COMMANDS))
    assert run(account, name, f"exec {statement}").isdecimal()
    assert run(account, name, "exec print('after', flush=True)").isdecimal()
    eventually(lambda: "after" in messages(account, name))
    pieces = [text for text in messages(account, name) if text.startswith(line[0])]
    assert "".join(pieces) == line
    assert max(len(piece.encode()) for piece in pieces) <= _MAX_MESSAGE_BYTES
    assert len(pieces) <= 2 + len(line.encode()) // (_MAX_MESSAGE_BYTES // 4)
    account.delete_endpoint(name)


@pytest.mark.slow
def test_megabyte_of_many_lines_is_logged_completely(account):
    name = account.deploy(account.packed_container(COMMANDS))
    command = "exec for n in range(20_000): print(f'line {n:06} ' + 'x' * 40)"
    done = threading.Event()

    def send_requests() -> int:
        count = 0
        while not done.is_set():
            assert run(account, name, "reply").isdecimal()
            count += 1
        return count

    with ThreadPoolExecutor(max_workers=1) as pool:
        others = pool.submit(send_requests)
        assert run(account, name, command).isdecimal()
        done.set()
        assert others.result() > 0
    assert run(account, name, "exec print('after', flush=True)").isdecimal()
    eventually(lambda: "after" in messages(account, name))
    lines = [text for text in messages(account, name) if text.startswith("line ")]
    assert [int(text.split()[1]) for text in lines] == list(range(20_000))
    account.delete_endpoint(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "close",
    ["sys.stdout.close()", "sys.stdout.close(); sys.stderr.close(); os.close(1); os.close(2)"],
    ids=["in Python", "and the descriptors"],
)
def test_container_that_closed_its_output_fails_only_requests_that_print(account, close):
    container = account.packed_container(COMMANDS)
    container["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    name = account.deploy(container)
    pid = run(account, name, f"exec {close}")
    # Without stderr, the container cannot log the error, and closes the connection instead.
    assert model_error(account, name, "exec print('x')")["OriginalStatusCode"] in (500, 503)
    assert [run(account, name, "reply") for _ in range(5)] == [pid] * 5
    account.delete_endpoint(name)
