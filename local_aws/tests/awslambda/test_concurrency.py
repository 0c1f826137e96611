"""One process per concurrent call, warm reuse, limits, asynchronous calls, and a clean end."""

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
from local_aws.awslambda.errors import InvalidParameterValue, TooManyRequests
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually, refusal
from local_aws.tests.awslambda.functions import ECHO, Lambdas, zipped

PID = """
import os, time

def handler(event, context):
    time.sleep(event[1])
    return [event[0], os.getpid()]
"""
FAILING = "def handler(event, context):\n    print('tried', event)\n    raise ValueError('no')\n"


def running(processes):
    return [process for process in processes if is_alive(process)]


def is_alive(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


@pytest.mark.slow
@pytest.mark.observes("lambda-environments")
def test_sixteen_callers_get_their_own_responses_from_at_most_sixteen_processes(lambdas):
    name = lambdas.create(PID, Timeout=60)
    with ThreadPoolExecutor(16) as callers:
        responses = list(
            callers.map(lambda n: lambdas.invoke(name, [n, 0.005]).payload, range(320))
        )
    assert [number for number, _ in responses] == list(range(320))
    pids = {pid for _, pid in responses}
    assert 1 < len(pids) <= 16
    assert {process.pid for process in lambdas.processes(name)} == pids


def test_consecutive_calls_use_one_process(lambdas):
    name = lambdas.create(PID)
    assert len({lambdas.invoke(name, [0, 0]).payload[1] for _ in range(20)}) == 1


@pytest.mark.observes("lambda-states")
def test_calls_during_an_update_of_the_code_all_get_a_response(lambdas):
    source = "def handler(event, context):\n    return {}\n"
    name = lambdas.create(source.format(0))
    last = 8
    with ThreadPoolExecutor(4) as callers:
        done = threading.Event()

        def call_repeatedly():
            responses = []
            while not done.is_set():
                responses.append(lambdas.invoke(name))
            return responses

        calls = [callers.submit(call_repeatedly) for _ in range(4)]
        for number in range(1, last + 1):
            data = zipped({"app.py": source.format(number)})
            lambdas.client.update_function_code(FunctionName=name, ZipFile=data)
            lambdas.wait_until_updated(name)
        done.set()
        responses = [response for call in calls for response in call.result()]
    assert {response.error for response in responses} == {None}
    assert {response.payload for response in responses} <= set(range(last + 1))
    assert lambdas.invoke(name).payload == last
    assert eventually(lambda: len(set(code_folders(lambdas.aws, name))) == 1)


def code_folders(aws, name):
    """Yield the code folder of each process of a function."""
    for process in psutil.Process(aws.pid).children(recursive=True):
        with suppress(psutil.Error):
            variables = process.environ()
            if variables.get("AWS_LAMBDA_FUNCTION_NAME") == name:
                yield variables["LAMBDA_TASK_ROOT"]


@pytest.mark.slow
@pytest.mark.observes("lambda-concurrency")
def test_call_beyond_the_reserved_concurrency_is_throttled_with_its_reason(lambdas):
    name = lambdas.create(PID, Timeout=60)
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    client = lambdas.aws.client("lambda", retries=0)
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(lambdas.invoke, name, [1, 3])
        eventually(lambda: lambdas.processes(name))
        with pytest.raises(ClientError) as caught:
            client.invoke(FunctionName=name, Payload="[2, 0]")
        assert slow.result().payload[0] == 1
    response = caught.value.response
    assert response["Error"]["Code"] == "TooManyRequestsException"
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert lambdas.invoke(name, [3, 0]).payload[0] == 3


def test_function_with_a_reserved_concurrency_of_zero_is_always_throttled(lambdas):
    name = lambdas.create()
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    client = lambdas.aws.client("lambda", retries=0)
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=name)
    lambdas.client.delete_function_concurrency(FunctionName=name)
    assert lambdas.invoke(name, 1).payload == 1


@pytest.fixture(scope="module")
def impatient(tmp_path_factory, lambdas):
    """Start a local AWS with short retries, a short idle time, and a limit of 101 calls."""
    log = tmp_path_factory.mktemp("log") / "stderr"
    flags = ("--function-retry-seconds", "0.1", "0.2", "--function-idle-seconds", "1")
    with running_local_aws(*flags, "--function-concurrency", "101", log=log) as aws:
        yield Lambdas(aws, Account(aws)), log


@pytest.mark.slow
@pytest.mark.observes("lambda-async")
def test_failing_asynchronous_call_is_tried_three_times_and_dropped_with_a_log_line(impatient):
    lambdas, log = impatient
    name = lambdas.create(FAILING)
    response = lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload='"it"')
    assert response["StatusCode"] == 202
    assert response["Payload"].read() == b""
    dropped = f"an asynchronous call of {name} was dropped after 3 attempts"
    assert eventually(lambda: dropped in log.read_text())
    lines = eventually(
        lambda: (log := lambdas.log(f"/aws/lambda/{name}")).count("tried it") == 3 and log
    )
    ids = {line.split()[2] for line in lines if line.startswith("START ")}
    assert ids == {response["ResponseMetadata"]["RequestId"]}


@pytest.mark.observes("lambda-async")
def test_asynchronous_call_of_a_deleted_function_is_dropped_at_once(impatient):
    lambdas, log = impatient
    name = lambdas.create()
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    lambdas.client.invoke(FunctionName=name, InvocationType="Event")
    lambdas.client.delete_function(FunctionName=name)
    function = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    dropped = f"an asynchronous call was dropped: Function not found: {function}"
    assert eventually(lambda: dropped in log.read_text())


@pytest.mark.slow
def test_every_asynchronous_call_is_made_once(impatient):
    lambdas, _ = impatient
    name = lambdas.create("def handler(event, context):\n    print('number', event)\n")
    for number in range(30):
        lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload=str(number))
    expected = sorted(f"number {number}" for number in range(30))

    def numbers():
        return sorted(
            line for line in lambdas.log(f"/aws/lambda/{name}") if line.startswith("number")
        )

    assert eventually(lambda: numbers() == expected)


@pytest.mark.observes("lambda-async")
def test_throttled_asynchronous_call_waits(impatient):
    lambdas, _ = impatient
    name = lambdas.create("def handler(event, context):\n    print('called')\n")
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    lambdas.client.invoke(FunctionName=name, InvocationType="Event")
    time.sleep(0.5)
    assert lambdas.processes(name) == []
    lambdas.client.delete_function_concurrency(FunctionName=name)
    assert eventually(lambda: "called" in lambdas.log(f"/aws/lambda/{name}"))


@pytest.mark.slow
@pytest.mark.observes("lambda-environments")
def test_idle_process_ends(impatient):
    lambdas, _ = impatient
    name = lambdas.create(PID)
    first = lambdas.invoke(name, [0, 0]).payload[1]
    assert eventually(lambda: not lambdas.processes(name))
    assert lambdas.invoke(name, [0, 0]).payload[1] != first


def test_concurrency_of_the_account_is_set_by_the_flag(impatient):
    lambdas, _ = impatient
    name = lambdas.create()
    reserve = lambdas.client.put_function_concurrency
    reserve(FunctionName=name, ReservedConcurrentExecutions=1)
    code, message = refusal(reserve, FunctionName=name, ReservedConcurrentExecutions=2)
    assert (code, "minimum value of [100]" in message) == ("InvalidParameterValueException", True)
    lambdas.client.delete_function_concurrency(FunctionName=name)


@pytest.mark.observes("lambda-concurrency")
def test_call_beyond_the_concurrency_of_the_account_is_throttled_without_a_reservation():
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
    with limits.call("another"):  # after the end of the others
        pass


@pytest.mark.observes("lambda-concurrency")
def test_account_with_a_low_limit_can_reserve_nothing():
    with pytest.raises(InvalidParameterValue, match=r"below its minimum value of \[10\]"):
        Concurrency(10).reserve("one", 1)


@pytest.mark.slow
@pytest.mark.observes("lambda-local-shutdown")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_end_of_the_local_aws_leaves_no_process_of_a_function(tmp_path, monkeypatch, number):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running_local_aws() as aws:
        lambdas = Lambdas(aws, Account(aws))
        name = lambdas.create(PID, Timeout=900)
        with ThreadPoolExecutor(3) as callers:
            calls = [callers.submit(invoke, lambdas, name, [n, 600]) for n in range(2)]
            eventually(lambda: len(lambdas.processes(name)) == 2)
            lambdas.invoke(lambdas.create(ECHO))
            processes = psutil.Process(aws.pid).children(recursive=True)
            assert len(processes) == 3
            os.kill(aws.pid, number)
            assert eventually(lambda: not running(processes))
            assert all(isinstance(call.result(), bool) for call in calls)
    if number == signal.SIGINT:
        assert list(Path(tmp_path).iterdir()) == []


def invoke(lambdas, name, event):
    """Call a function while its local AWS ends; return whether the call succeeded."""
    try:
        lambdas.aws.client("lambda", retries=0).invoke(FunctionName=name, Payload=str(event))
    except Exception:  # the connection may break in any way
        return False
    return True
