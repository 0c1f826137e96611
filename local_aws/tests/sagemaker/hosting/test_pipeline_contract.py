"""Pipelines of containers that use the default functions, and their maximum length."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.sagemaker.hosting.containers import containers_of

# Doubles its input, with the container's default input_fn and output_fn.
DOUBLE = """
def model_fn(model_dir):
    return None


def predict_fn(array, model):
    return (array * 2).tolist()
"""
ROWS = "1,2\n3,4"


def doubling(account: Account, **variables: str) -> dict[str, Any]:
    container = account.packed_container(DOUBLE)
    container["Environment"] |= variables
    return container


def invoke(account: Account, endpoint: str) -> Any:
    response = account.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=ROWS, ContentType="text/csv"
    )
    return json.load(response["Body"])


@pytest.fixture(scope="module")
def three(account) -> str:
    """Deploy a pipeline of three containers that use the default functions."""
    return str(account.deploy(*[doubling(account) for _ in range(3)]))


@pytest.mark.observes("pipeline-order", "pipeline-accept-between")
def test_containers_of_a_pipeline_pass_on_json_by_default(account, three):
    assert invoke(account, three) == [[8.0, 16.0], [24.0, 32.0]]


@pytest.mark.observes("pipeline-same-instance", "pipeline-ports")
def test_containers_of_a_pipeline_run_on_one_instance_with_separate_ports(account, three):
    containers = containers_of(three)
    assert len({container.port for container in containers}) == 3
    assert len({container.base.parts[-4] for container in containers}) == 1
    for container in containers:
        assert container.request("GET", "/ping").status == 200
        low, _, high = container.variables["SAGEMAKER_SAFE_PORT_RANGE"].partition("-")
        assert 0 < int(low) <= int(high)


@pytest.mark.slow
@pytest.mark.observes("pipeline-charset", "pipeline-content-type")
def test_container_rejects_csv_with_the_charset_of_the_previous_container(account):
    first = doubling(account, SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="text/csv")
    endpoint = account.deploy(first, doubling(account))
    with pytest.raises(ClientError, match=r"server error \(500\) from container-2"):
        invoke(account, endpoint)
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    assert eventually(
        lambda: any(
            "text/csv; charset=utf-8" in line for line in account.log(group, "AllTraffic/i-")
        )
    )
    account.delete_endpoint(endpoint)


@pytest.mark.observes("cap-containers")
def test_model_with_fifteen_containers_is_accepted(account):
    name = unique("model")
    containers = [account.packed_container("")] * 15
    account.sagemaker.create_model(ModelName=name, Containers=containers)
    assert len(account.sagemaker.describe_model(ModelName=name)["Containers"]) == 15
