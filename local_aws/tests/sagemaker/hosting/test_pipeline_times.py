"""How long a container may take: to connect, to answer /ping, to start, to answer a request."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from local_aws.sagemaker.hosting.fleet import _startup_seconds
from local_aws.tests.account import VARIANT, Account, eventually, unique
from local_aws.tests.sagemaker.hosting.containers import containers_of

# Takes three seconds for each /ping.
SLOW_PING = """
import time

from sagemaker_containers.beta.framework import worker

answer = worker.Worker.wsgi_app


def slowly(self, environ, start_response):
    if environ["PATH_INFO"] == "/ping":
        time.sleep(3)
    return answer(self, environ, start_response)


worker.Worker.wsgi_app = slowly


def model_fn(model_dir):
    return None
"""
# Waits as many seconds as it is told, able to answer others; a negative number keeps it busy.
WAITS = """
import time


def model_fn(model_dir):
    return None


def predict_fn(seconds, model):
    seconds = float(seconds.sum())
    if seconds > 0:
        time.sleep(seconds)
    end = time.monotonic() - seconds
    while time.monotonic() < end:
        sum(range(1000))
    return seconds
"""
# Stops to accept connections and to answer.
DEAF = """
import gc
import socket
import time


def model_fn(model_dir):
    return None


def predict_fn(array, model):
    for thing in gc.get_objects():
        if isinstance(thing, socket.socket) and thing.getsockopt(
            socket.SOL_SOCKET, socket.SO_ACCEPTCONN
        ):
            thing.listen(0)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        sum(range(1000))
    return array
"""


def patient_runtime(account: Account) -> Any:
    """Return a client that waits for longer than SageMaker does, and asks once only."""
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=account.aws.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(read_timeout=300, retries={"total_max_attempts": 1}),
    )


def refusal(account: Account, endpoint: str, seconds: float) -> tuple[dict[str, Any], float]:
    """Invoke an endpoint that must not answer; return the error and how long it took."""
    runtime, before = patient_runtime(account), time.monotonic()
    with pytest.raises(ClientError) as caught:
        runtime.invoke_endpoint(
            EndpointName=endpoint, Body=f"[[{seconds}]]", ContentType="application/json"
        )
    return dict(caught.value.response), time.monotonic() - before


@pytest.mark.slow  # 60 seconds are the contract
@pytest.mark.observes("response-timeout", "serve-timeout-default")
def test_container_that_does_not_answer_in_60_seconds_is_an_error_of_its_own(account):
    waiting, busy = (account.deploy(account.packed_container(WAITS)) for _ in range(2))
    with ThreadPoolExecutor() as pool:
        long_wait = pool.submit(refusal, account, waiting, 100)
        long_work = pool.submit(refusal, account, busy, -100)
        (error, seconds), (other, busy_seconds) = long_wait.result(), long_work.result()
    assert error["Error"]["Code"] == other["Error"]["Code"] == "ModelError"
    assert "Your invocation timed out while waiting for a response" in error["OriginalMessage"]
    assert "container model" in error["OriginalMessage"]
    assert 59 < seconds < 120
    assert busy_seconds > 50  # its worker is ended at about the same time
    group = f"/aws/sagemaker/Endpoints/{busy}"
    assert eventually(
        lambda: any("WORKER TIMEOUT" in line for line in account.log(group, f"{VARIANT}/i-"))
    )
    for name in (waiting, busy):
        account.delete_endpoint(name)


def config_of(account: Account, *containers: dict[str, Any], **changes: Any) -> str:
    """Create a configuration of a variant with changes; return its name."""
    model = account.create_config(*containers)
    variant = {
        "VariantName": VARIANT,
        "ModelName": model,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    name = unique("config")
    account.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant | changes]
    )
    return name


@pytest.mark.slow  # a minute is the least that a variant can ask for
@pytest.mark.observes("ping-two-seconds", "ping-startup-asked", "pipeline-failed-pings")
def test_endpoint_of_containers_that_answer_ping_in_three_seconds_fails_naming_them(account):
    slow = account.packed_container(SLOW_PING)
    quick = account.packed_container(WAITS)
    config = config_of(account, slow, quick, slow, ContainerStartupHealthCheckTimeoutInSeconds=60)
    name, before = unique("endpoint"), time.monotonic()
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    eventually(lambda: all_answer_ping(name, 3))  # too late, but well
    eventually(lambda: time.monotonic() - before > 50)  # one look lasts a minute
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert 59 < time.monotonic() - before < 180
    reason = endpoint["FailureReason"]
    for number in (1, 3):
        assert f"The container-{number} for production variant {VARIANT} did not pass" in reason
    assert "container-2" not in reason
    account.delete_endpoint(name)


def all_answer_ping(endpoint: str, count: int) -> bool:
    containers = containers_of(endpoint)
    try:
        statuses = [container.ask("GET", "/ping").status for container in containers]
    except ConnectionRefusedError:  # one does not listen yet
        return False
    return statuses == [200] * count


@pytest.mark.observes("ping-startup-default")
def test_container_has_eight_minutes_to_become_healthy():
    assert _startup_seconds({"VariantName": VARIANT}) == 480


@pytest.mark.observes("ping-startup-asked")
def test_container_has_the_time_its_variant_asks_for():
    asked = {"VariantName": VARIANT, "ContainerStartupHealthCheckTimeoutInSeconds": 90}
    assert _startup_seconds(asked) == 90


@pytest.mark.observes("cap-startup")
@pytest.mark.parametrize("seconds", [59, 3601])
def test_variant_asking_for_less_than_a_minute_or_more_than_an_hour_is_refused(account, seconds):
    with pytest.raises(
        (ClientError, ParamValidationError), match=r"ontainerStartupHealthCheckTimeoutInSeconds"
    ):
        config_of(
            account,
            account.packed_container(""),
            ContainerStartupHealthCheckTimeoutInSeconds=seconds,
        )


@pytest.mark.observes("cap-startup")
@pytest.mark.parametrize("seconds", [60, 3600])
def test_variant_asking_for_a_minute_or_an_hour_is_taken(account, seconds):
    change = {"ContainerStartupHealthCheckTimeoutInSeconds": seconds}
    name = config_of(account, account.packed_container(""), **change)
    config = account.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert config["ProductionVariants"][0].items() >= change.items()


@pytest.mark.slow  # a container that is deaf for long
@pytest.mark.observes("connect-timeout")
def test_container_that_takes_no_connection_is_given_up_without_waiting_for_its_answer(account):
    deaf = account.packed_container(DEAF)
    deaf["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"  # another would not be deaf
    name = account.deploy(deaf)
    (container,) = containers_of(name)
    waiting: list[socket.socket] = []

    def queue_is_full() -> bool:
        """Queue connections until the next one is not taken any more."""
        try:
            waiting.append(socket.create_connection(("127.0.0.1", container.port), timeout=2))
        except TimeoutError:
            return True
        return False

    with ThreadPoolExecutor() as pool:
        working = pool.submit(work, account, name)  # on the one connection there is
        eventually(queue_is_full)
        error, seconds = refusal(account, name, 1)
        for connection in waiting:
            connection.close()
        assert working.result() == [[1.0]]
    assert error["OriginalMessage"] == "model took no connection in 250 ms"
    assert seconds < 20
    account.delete_endpoint(name)


def work(account: Account, endpoint: str) -> Any:
    answer = patient_runtime(account).invoke_endpoint(
        EndpointName=endpoint, Body="[[1]]", ContentType="application/json"
    )
    return json.load(answer["Body"])
