"""Serving containers that are slow, die, talk too much or not at all: callers and others go on."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import VARIANT, Account, eventually, unique
from local_aws.tests.stages import processes_of

# Does what the body of a request says, and answers the process that did it.
OBEDIENT = """
import os
import signal
import sys
import time


def model_fn(model_dir):
    return os.getpid()


def input_fn(body, content_type):
    return body if isinstance(body, str) else body.decode()


def predict_fn(order, pid):
    word, _, rest = order.partition(" ")
    if word == "wait":
        open(rest + ".waiting", "w").close()
        while not os.path.exists(rest):
            time.sleep(0.05)
    elif word == "exit":
        os._exit(1)
    elif word == "die":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    elif word == "print":
        exec(rest)
    return str(pid)


def output_fn(pid, accept):
    return pid, "text/plain"
"""
DEAF = "import time\n\n\ndef model_fn(model_dir):\n    time.sleep(600)\n"
WORDY = "def model_fn(model_dir):\n    raise ValueError('much to say ' * 10_000)\n"
_EVENT_BYTES = 262_144 - 26  # of a message, CloudWatch Logs' least limit


@pytest.fixture(scope="module")
def endpoint(account) -> str:
    """Deploy a container that does what it is told."""
    return str(account.deploy(account.packed_container(OBEDIENT)))


def tell(account: Account, endpoint: str, order: str) -> str:
    answer = account.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=order, ContentType="text/plain"
    )
    return str(answer["Body"].read().decode())


def refusal(account: Account, endpoint: str, order: str) -> dict[str, Any]:
    """Send an order that no answer can come of; return the error, which the container caused."""
    with pytest.raises(ClientError) as caught:
        tell(account, endpoint, order)
    response: dict[str, Any] = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    return response


def messages(account: Account, endpoint: str) -> list[str]:
    """Return every line an endpoint logged, page by page."""
    found = []
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    for page in account.logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        found += [event["message"] for event in page["events"]]
    return found


def answered(account: Account, endpoint: str) -> str | None:
    try:
        return tell(account, endpoint, "answer")
    except ClientError:
        return None


@pytest.mark.slow  # SageMaker's shortest time for a container to start is a minute
def test_container_that_never_answers_ping_fails_within_its_time(account):
    name = unique("deaf")
    container = account.packed_container(DEAF)
    account.sagemaker.create_model(ModelName=name, PrimaryContainer=container)
    variant = {
        "VariantName": VARIANT,
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "ContainerStartupHealthCheckTimeoutInSeconds": 60,
    }
    account.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    began = time.monotonic()
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    while (status := status_of(account, name)) == "Creating":
        time.sleep(0.5)
    took = time.monotonic() - began
    found = account.sagemaker.describe_endpoint(EndpointName=name)
    assert status == "Failed"
    assert (
        "The primary container for production variant AllTraffic did not pass"
        in (found["FailureReason"])
    )
    assert 60 <= took < 120
    assert processes_of(name) == []
    account.delete_endpoint(name)


def test_containers_that_fail_with_a_very_long_message_are_both_named_in_the_reason(account):
    containers = [account.packed_container(WORDY) for _ in range(2)]
    name = account.start_endpoint(*containers)
    reason = account.settled_endpoint(name)["FailureReason"]
    assert len(reason) <= 1024
    assert all(f"The container-{number} for production" in reason for number in (1, 2))
    assert "ClientError: much to say" in reason
    account.delete_endpoint(name)


def status_of(account: Account, name: str) -> str:
    return str(account.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"])


def test_container_that_answers_slowly_is_waited_for_and_holds_up_nobody(
    account, endpoint, tmp_path
):
    gates = [tmp_path / str(number) for number in range(4)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        slow = [pool.submit(tell, account, endpoint, f"wait {gate}") for gate in gates]
        eventually(lambda: len(list(tmp_path.iterdir())) == 4)
        quick = [tell(account, endpoint, "answer") for _ in range(20)]
        assert not any(future.done() for future in slow)
        for gate in gates:
            gate.touch()
        assert all(future.result().isdecimal() for future in slow)
    assert all(text.isdecimal() for text in quick)


def test_container_that_dies_is_started_again_and_only_its_callers_notice(
    account, endpoint, tmp_path
):
    other = account.deploy(account.packed_container(OBEDIENT))
    before = {process.pid for process in processes_of(endpoint)}
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(refusal, account, endpoint, f"wait {tmp_path / 'never'}")
        eventually(lambda: list(tmp_path.iterdir()))
        assert refusal(account, endpoint, "die")["OriginalStatusCode"] == 503
        assert waiting.result()["OriginalStatusCode"] == 503
        assert tell(account, other, "answer").isdecimal()
    assert eventually(lambda: answered(account, endpoint))
    assert not before & {process.pid for process in processes_of(endpoint)}
    line = "local AWS: the container ended and is started again"
    assert eventually(lambda: line in messages(account, endpoint))
    assert status_of(account, endpoint) == "InService"
    account.delete_endpoint(other)


@pytest.mark.slow
def test_container_that_dies_at_each_request_answers_each_with_an_error(account):
    name = account.deploy(account.packed_container(OBEDIENT))
    statuses = [refusal(account, name, "exit")["OriginalStatusCode"] for _ in range(5)]
    assert set(statuses) == {503}
    statuses = []
    for _ in range(2):
        statuses.append(refusal(account, name, "die")["OriginalStatusCode"])
        assert eventually(lambda: answered(account, name))
    assert set(statuses) == {503}
    assert status_of(account, name) == "InService"
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []


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
    ids=["one byte a character", "three bytes a character", "no characters at all"],
)
def test_container_that_prints_a_megabyte_in_one_line_has_it_logged_in_events(
    account, statement, line
):
    name = account.deploy(account.packed_container(OBEDIENT))
    assert tell(account, name, f"print {statement}").isdecimal()
    assert tell(account, name, "print print('after', flush=True)").isdecimal()
    eventually(lambda: "after" in messages(account, name))
    found = messages(account, name)
    first = line[0]
    pieces = [message for message in found if message.startswith(first)]
    assert "".join(pieces) == line
    assert max(len(piece.encode()) for piece in pieces) <= _EVENT_BYTES
    assert len(pieces) <= 2 + len(line.encode()) // (_EVENT_BYTES // 4)
    account.delete_endpoint(name)


def test_container_that_prints_a_megabyte_in_many_lines_has_every_one_logged(account):
    name = account.deploy(account.packed_container(OBEDIENT))
    order = "print for n in range(20_000): print(f'line {n:06} ' + 'x' * 40)"
    done = threading.Event()

    def ask_on() -> int:
        count = 0
        while not done.is_set():
            assert tell(account, name, "answer").isdecimal()
            count += 1
        return count

    with ThreadPoolExecutor(max_workers=1) as pool:
        others = pool.submit(ask_on)
        assert tell(account, name, order).isdecimal()
        done.set()
        assert others.result() > 0
    assert tell(account, name, "print print('after', flush=True)").isdecimal()
    eventually(lambda: "after" in messages(account, name))
    found = [text for text in messages(account, name) if text.startswith("line ")]
    assert [int(text.split()[1]) for text in found] == list(range(20_000))
    account.delete_endpoint(name)


@pytest.mark.parametrize(
    "close",
    ["sys.stdout.close()", "sys.stdout.close(); sys.stderr.close(); os.close(1); os.close(2)"],
    ids=["in Python", "the descriptors too"],
)
def test_container_that_closed_its_output_serves_on_and_fails_only_what_prints(account, close):
    container = account.packed_container(OBEDIENT)
    container["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    name = account.deploy(container)
    pid = tell(account, name, f"print {close}")
    # Without a stderr the container cannot log the error, and hangs up instead of answering.
    assert refusal(account, name, "print print('x')")["OriginalStatusCode"] in (500, 503)
    assert [tell(account, name, "answer") for _ in range(5)] == [pid] * 5
    account.delete_endpoint(name)
