"""The timeouts of a container: to connect, to respond to /ping, to start, and to respond."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from local_aws.sagemaker.hosting.fleet import startup_seconds
from local_aws.tests.account import VARIANT, Account, eventually, unique
from local_aws.tests.sagemaker.hosting.containers import containers_of
from local_aws.tests.stages import processes_of

# Takes three seconds to respond to /ping.
SLOW_PING = """
import time

from sagemaker_containers.beta.framework import worker

wsgi_app = worker.Worker.wsgi_app


def slow_app(self, environ, start_response):
    if environ["PATH_INFO"] == "/ping":
        time.sleep(3)
    return wsgi_app(self, environ, start_response)


worker.Worker.wsgi_app = slow_app


def model_fn(model_dir):
    return None
"""
# Waits for the requested number of seconds; a negative number keeps the worker busy instead.
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
# Stops accepting connections and responding.
UNREACHABLE = """
import gc
import socket
import time


def model_fn(model_dir):
    return None


def predict_fn(array, model):
    for item in gc.get_objects():
        if isinstance(item, socket.socket) and item.getsockopt(
            socket.SOL_SOCKET, socket.SO_ACCEPTCONN
        ):
            item.listen(0)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        sum(range(1000))
    return array
"""


def patient_runtime(account: Account) -> Any:
    """Return a client that waits longer than SageMaker and does not retry."""
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=account.aws.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(read_timeout=300, retries={"total_max_attempts": 1}),
    )


def timed_error(account: Account, endpoint: str, seconds: float) -> tuple[dict[str, Any], float]:
    """Invoke an endpoint that must not respond; return the error and how long it took."""
    runtime, start = patient_runtime(account), time.monotonic()
    with pytest.raises(ClientError) as caught:
        runtime.invoke_endpoint(
            EndpointName=endpoint, Body=f"[[{seconds}]]", ContentType="application/json"
        )
    return dict(caught.value.response), time.monotonic() - start


@pytest.mark.slow  # the timeout is 60 seconds
@pytest.mark.observes("response-timeout", "serve-timeout-default")
def test_container_that_does_not_respond_in_60_seconds_times_out(account):
    waiting, busy = (account.deploy(account.packed_container(WAITS)) for _ in range(2))
    with ThreadPoolExecutor() as pool:
        long_wait = pool.submit(timed_error, account, waiting, 100)
        long_work = pool.submit(timed_error, account, busy, -100)
        (error, seconds), (other, busy_seconds) = long_wait.result(), long_work.result()
    assert error["Error"]["Code"] == other["Error"]["Code"] == "ModelError"
    assert "Your invocation timed out while waiting for a response" in error["OriginalMessage"]
    assert "container model" in error["OriginalMessage"]
    assert 59 < seconds < 120
    assert busy_seconds > 50  # gunicorn ends its worker at about the same time
    group = f"/aws/sagemaker/Endpoints/{busy}"
    assert eventually(
        lambda: any("WORKER TIMEOUT" in line for line in account.log(group, f"{VARIANT}/i-"))
    )
    for name in (waiting, busy):
        account.delete_endpoint(name)


def config_of(account: Account, *containers: dict[str, Any], **changes: Any) -> str:
    """Create a configuration with a changed variant; return its name."""
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


@pytest.mark.slow  # the minimum startup timeout is a minute
@pytest.mark.observes("ping-two-seconds", "ping-startup-option", "pipeline-failed-pings")
def test_endpoint_fails_with_the_names_of_containers_with_slow_pings(account):
    slow = account.packed_container(SLOW_PING)
    quick = account.packed_container(WAITS)
    config = config_of(account, slow, quick, slow, ContainerStartupHealthCheckTimeoutInSeconds=60)
    name, start = unique("endpoint"), time.monotonic()
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    eventually(lambda: all_respond_to_ping(name, 3))  # with 200, but too late
    eventually(lambda: time.monotonic() - start > 50)
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert 59 < time.monotonic() - start < 180
    reason = endpoint["FailureReason"]
    for number in (1, 3):
        assert f"The container-{number} for production variant {VARIANT} did not pass" in reason
    assert "container-2" not in reason
    assert processes_of(name) == []
    account.delete_endpoint(name)


def all_respond_to_ping(endpoint: str, count: int) -> bool:
    containers = containers_of(endpoint)
    try:
        statuses = [container.request("GET", "/ping").status for container in containers]
    except ConnectionRefusedError:  # one is not listening yet
        return False
    return statuses == [200] * count


@pytest.mark.observes("ping-startup-default")
def test_startup_timeout_is_eight_minutes_by_default():
    assert startup_seconds({"VariantName": VARIANT}) == 480


@pytest.mark.observes("ping-startup-option")
def test_variant_can_set_the_startup_timeout():
    variant = {"VariantName": VARIANT, "ContainerStartupHealthCheckTimeoutInSeconds": 90}
    assert startup_seconds(variant) == 90


@pytest.mark.observes("cap-startup")
@pytest.mark.parametrize("seconds", [59, 3601])
def test_startup_timeout_below_a_minute_or_above_an_hour_is_rejected(account, seconds):
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
def test_startup_timeout_of_a_minute_or_an_hour_is_accepted(account, seconds):
    change = {"ContainerStartupHealthCheckTimeoutInSeconds": seconds}
    name = config_of(account, account.packed_container(""), **change)
    config = account.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert config["ProductionVariants"][0].items() >= change.items()


@pytest.mark.slow  # the container is unreachable for 30 seconds
@pytest.mark.observes("connect-timeout")
def test_container_that_accepts_no_connections_fails_without_the_response_timeout(account):
    unreachable = account.packed_container(UNREACHABLE)
    unreachable["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    name = account.deploy(unreachable)
    (container,) = containers_of(name)
    waiting: list[socket.socket] = []

    def queue_is_full() -> bool:
        """Open connections until the next one is not accepted."""
        try:
            waiting.append(socket.create_connection(("127.0.0.1", container.port), timeout=2))
        except TimeoutError:
            return True
        return False

    with ThreadPoolExecutor() as pool:
        working = pool.submit(work, account, name)  # on the only existing connection
        eventually(queue_is_full)
        error, seconds = timed_error(account, name, 1)
        for connection in waiting:
            connection.close()
        assert working.result() == [[1.0]]
    assert error["OriginalMessage"] == "model accepted no connection within 250 ms"
    assert seconds < 20
    account.delete_endpoint(name)


def work(account: Account, endpoint: str) -> Any:
    response = patient_runtime(account).invoke_endpoint(
        EndpointName=endpoint, Body="[[1]]", ContentType="application/json"
    )
    return json.load(response["Body"])
