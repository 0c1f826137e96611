"""One process per call at once, reuse when warm, limits, asynchronous calls, and a clean end."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.awslambda.concurrency import Concurrency
from local_aws.errors import TooManyRequests
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually
from local_aws.tests.awslambda.functions import ECHO, Lambdas, zipped

PID = """
import os, time

def handler(event, context):
    time.sleep(event[1])
    return [event[0], os.getpid()]
"""
FAILING = "def handler(event, context):\n    print('tried', event)\n    raise ValueError('no')\n"


def living(processes):
    return [
        process
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def test_sixteen_callers_get_their_own_answers_from_sixteen_processes_at_most(lambdas):
    name = lambdas.create(PID, Timeout=60)
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda n: lambdas.invoke(name, [n, 0.005]).payload, range(320)))
    assert [number for number, _ in answers] == list(range(320))
    pids = {pid for _, pid in answers}
    assert 1 < len(pids) <= 16
    assert {process.pid for process in lambdas.processes(name)} == pids


def test_calls_one_after_the_other_are_one_process(lambdas):
    name = lambdas.create(PID)
    assert len({lambdas.invoke(name, [0, 0]).payload[1] for _ in range(20)}) == 1


def test_calls_while_the_code_is_replaced_are_all_answered_by_one_code_or_another(lambdas):
    source = "def handler(event, context):\n    return {}\n"
    name = lambdas.create(source.format(0))
    last = 8
    with ThreadPoolExecutor(4) as callers:
        going = threading.Event()

        def call_on():
            answers = []
            while not going.is_set():
                answers.append(lambdas.invoke(name))
            return answers

        calls = [callers.submit(call_on) for _ in range(4)]
        for number in range(1, last + 1):
            data = zipped({"app.py": source.format(number)})
            lambdas.client.update_function_code(FunctionName=name, ZipFile=data)
            lambdas.updated(name)
        going.set()
        answers = [answer for made in calls for answer in made.result()]
    assert {answer.error for answer in answers} == {None}
    assert {answer.payload for answer in answers} <= set(range(last + 1))
    assert lambdas.invoke(name).payload == last
    codes = eventually(lambda: len(found := set(codes_of(lambdas.aws, name))) == 1 and found)
    assert len(codes) == 1


def codes_of(aws, name):
    """Return the code folders that the processes of a function run in."""
    for process in psutil.Process(aws.pid).children(recursive=True):
        with suppress(psutil.Error):
            variables = process.environ()
            if variables.get("AWS_LAMBDA_FUNCTION_NAME") == name:
                yield variables["LAMBDA_TASK_ROOT"]


def test_call_over_the_reserved_concurrency_is_throttled_with_its_reason(lambdas):
    name = lambdas.create(PID, Timeout=60)
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    client = lambdas.aws.client("lambda", retries=0)
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(lambdas.invoke, name, [1, 3])
        eventually(lambda: lambdas.processes(name))
        with pytest.raises(ClientError) as caught:
            client.invoke(FunctionName=name, Payload="[2, 0]")
        assert slow.result().payload[0] == 1
    answer = caught.value.response
    assert answer["Error"]["Code"] == "TooManyRequestsException"
    assert answer["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert lambdas.invoke(name, [3, 0]).payload[0] == 3


def test_function_with_nothing_reserved_is_always_throttled(lambdas):
    name = lambdas.create()
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    client = lambdas.aws.client("lambda", retries=0)
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=name)
    lambdas.client.delete_function_concurrency(FunctionName=name)
    assert lambdas.invoke(name, 1).payload == 1


@pytest.fixture(scope="module")
def hasty(tmp_path_factory, lambdas):
    """Start a local AWS that retries at once, ends idle processes soon, and allows 101 calls."""
    log = tmp_path_factory.mktemp("log") / "stderr"
    flags = ("--function-retry-seconds", "0.1", "0.2", "--function-idle-seconds", "1")
    with running_local_aws(log, *flags, "--function-concurrency", "101") as aws:
        yield Lambdas(aws, Account(aws)), log


def test_asynchronous_call_that_fails_is_tried_three_times_and_dropped_with_a_line(hasty):
    lambdas, log = hasty
    name = lambdas.create(FAILING)
    answer = lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload='"it"')
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    dropped = f"an asynchronous call of {name} was dropped after 3 tries"
    assert eventually(lambda: dropped in log.read_text())
    lines = eventually(
        lambda: (found := lambdas.log(f"/aws/lambda/{name}")).count("tried it") == 3 and found
    )
    ids = {line.split()[2] for line in lines if line.startswith("START ")}
    assert ids == {answer["ResponseMetadata"]["RequestId"]}


def test_asynchronous_calls_are_all_made_once(hasty):
    lambdas, _ = hasty
    name = lambdas.create("def handler(event, context):\n    print('number', event)\n")
    for number in range(30):
        lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload=str(number))
    expected = sorted(f"number {number}" for number in range(30))

    def numbers():
        return sorted(
            line for line in lambdas.log(f"/aws/lambda/{name}") if line.startswith("number")
        )

    assert eventually(lambda: numbers() == expected)


def test_asynchronous_call_that_is_throttled_waits_its_turn(hasty):
    lambdas, _ = hasty
    name = lambdas.create("def handler(event, context):\n    print('made')\n")
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    lambdas.client.invoke(FunctionName=name, InvocationType="Event")
    time.sleep(0.5)
    assert lambdas.processes(name) == []
    lambdas.client.delete_function_concurrency(FunctionName=name)
    assert eventually(lambda: "made" in lambdas.log(f"/aws/lambda/{name}"))


def test_process_that_nobody_calls_ends_after_a_while(hasty):
    lambdas, _ = hasty
    name = lambdas.create(PID)
    first = lambdas.invoke(name, [0, 0]).payload[1]
    assert eventually(lambda: not lambdas.processes(name))
    assert lambdas.invoke(name, [0, 0]).payload[1] != first


def test_accounts_concurrency_is_the_flags(hasty):
    lambdas, _ = hasty
    settings = lambdas.client.get_account_settings()["AccountLimit"]
    assert settings["ConcurrentExecutions"] == 101


def test_call_over_the_accounts_concurrency_is_throttled_but_not_what_is_reserved():
    limits = Concurrency(102)
    limits.reserve("reserved", 2)
    with ExitStack() as calls:
        for _ in range(100):
            calls.enter_context(limits.call("other"))
        with pytest.raises(TooManyRequests) as caught, limits.call("another"):
            pass
        assert caught.value.fields["Reason"] == "ConcurrentInvocationLimitExceeded"
        with limits.call("reserved"):
            pass
    with limits.call("another"):  # once the others have ended
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_local_aws_that_ends_leaves_no_process_of_a_function(tmp_path, monkeypatch, number):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running_local_aws() as aws:
        lambdas = Lambdas(aws, Account(aws))
        name = lambdas.create(PID, Timeout=900)
        with ThreadPoolExecutor(3) as callers:
            calls = [callers.submit(call, lambdas, name, [n, 600]) for n in range(2)]
            eventually(lambda: len(lambdas.processes(name)) == 2)
            lambdas.invoke(lambdas.create(ECHO))
            processes = psutil.Process(aws.pid).children(recursive=True)
            assert len(processes) == 3
            os.kill(aws.pid, number)
            assert eventually(lambda: not living(processes))
            assert [type(made.result()).__name__ for made in calls] == ["bool"] * 2
    if number == signal.SIGINT:
        assert list(Path(tmp_path).iterdir()) == []


def call(lambdas, name, event):
    """Call a function whose local AWS ends meanwhile."""
    try:
        lambdas.aws.client("lambda", retries=0).invoke(FunctionName=name, Payload=str(event))
    except Exception:  # whatever way the connection breaks
        return False
    return True
