"""The lifecycle of an endpoint: start, killed processes, deletion, and logs."""

import re

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import VARIANT, eventually, unique
from local_aws.tests.stages import MISSING_IMPORT, gated_stage, invoke, processes_of, stage


@pytest.fixture(scope="module")
def endpoint(account) -> str:
    """Deploy a container that returns its request."""
    return str(account.deploy(stage(account)))


def test_endpoint_in_service_is_described_with_its_variant(account, endpoint):
    description = account.sagemaker.describe_endpoint(EndpointName=endpoint)
    (variant,) = description["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"]) == (VARIANT, 1)
    assert "FailureReason" not in description


def test_endpoint_logs_the_output_of_its_container(account, endpoint):
    invoke(account, endpoint)
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    assert eventually(lambda: "stage only answered" in account.log(group, f"{VARIANT}/i-"))
    streams = account.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert re.fullmatch(rf"{VARIANT}/i-[0-9a-f]{{17}}", streams[0]["logStreamName"])


def test_endpoint_serves_again_after_its_processes_are_killed(account, endpoint):
    before = {process.pid for process in processes_of(endpoint)}
    assert before
    for process in processes_of(endpoint):
        process.kill()

    def responds() -> bool:
        try:
            return invoke(account, endpoint)["pid"] not in before
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ModelError"
            return False

    assert eventually(responds)
    assert not before & {process.pid for process in processes_of(endpoint)}


@pytest.mark.slow
def test_endpoint_serves_again_after_its_only_worker_is_killed(account):
    name = account.deploy(stage(account, SAGEMAKER_MODEL_SERVER_WORKERS="1"))
    worker = invoke(account, name)["pid"]
    master = psutil.Process(worker).parent()
    psutil.Process(worker).kill()

    def responding_pid() -> int | None:
        try:
            return int(invoke(account, name)["pid"])
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ModelError"
            return None

    assert eventually(responding_pid) in {process.pid for process in master.children()} - {worker}
    account.delete_endpoint(name)


def test_endpoint_with_an_existing_name_is_rejected(account, endpoint):
    config = account.create_config(stage(account))
    with pytest.raises(ClientError, match=r"Cannot create already existing endpoint"):
        account.sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)


def test_endpoint_with_a_missing_config_is_rejected(account):
    with pytest.raises(ClientError, match=r"Could not find endpoint configuration.*/missing"):
        account.sagemaker.create_endpoint(EndpointName=unique("e"), EndpointConfigName="missing")


@pytest.mark.slow
def test_deleted_endpoint_and_its_processes_no_longer_exist(account):
    name = account.deploy(stage(account))
    assert processes_of(name)
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []
    with pytest.raises(ClientError, match=r"Could not find endpoint"):
        account.sagemaker.describe_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match=r"ValidationError.*not found"):
        invoke(account, name)


@pytest.mark.slow
def test_endpoint_starts_even_if_its_model_and_config_are_deleted_meanwhile(account):
    gated, gate = gated_stage(account)
    name = account.start_endpoint(gated)
    eventually(lambda: processes_of(name))
    config = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    account.sagemaker.delete_endpoint_config(EndpointConfigName=config)
    account.sagemaker.delete_model(ModelName=config)
    account.upload(gate, "open")
    description = account.settled_endpoint(name)
    assert description["EndpointStatus"] == "InService"
    images = description["ProductionVariants"][0]["DeployedImages"]
    assert images == [{"SpecifiedImage": gated["Image"]}]
    assert invoke(account, name, "[[1]]", ContentType="application/json") == "new"
    account.delete_endpoint(name)


def test_endpoint_with_a_deleted_model_fails_with_the_models_name(account):
    config = account.create_config(stage(account))
    account.sagemaker.delete_model(ModelName=config)
    name = unique("endpoint")
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    description = account.settled_endpoint(name)
    assert description["EndpointStatus"] == "Failed"
    assert f"model/{config}" in description["FailureReason"]
    account.delete_endpoint(name)


@pytest.mark.slow
def test_python_path_of_a_container_does_not_disable_the_import_check(account):
    variables = {"PYTHONPATH": "/opt/ml/code:/elsewhere", "PATH": "/opt/ml/code"}
    name = account.deploy(stage(account, **variables))
    assert invoke(account, name)["stage"] == "only"
    account.delete_endpoint(name)
    broken = stage(account, script=MISSING_IMPORT, PYTHONPATH="/opt/ml/code")
    assert "the image sagemaker-scikit-learn" in account.failure_of(broken)
