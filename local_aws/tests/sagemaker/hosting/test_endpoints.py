"""The lifecycle of an endpoint: requests, updates, killed processes, deletion, and logs."""

import json
import re
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import VARIANT, Account, eventually, unique
from local_aws.tests.stages import ECHO, GATED, MISSING_IMPORT, processes_of


def echo(account: Account, stage: str = "only") -> dict[str, Any]:
    container = account.packed_container(ECHO)
    container["Environment"]["STAGE"] = stage
    return container


@pytest.fixture(scope="module")
def endpoint(account) -> str:
    """Deploy a container that returns its request."""
    return str(account.deploy(echo(account)))


def invoke(account: Account, endpoint: str, body: str = "hello", **headers: str) -> Any:
    headers = {"ContentType": "text/plain"} | headers
    response = account.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **headers)
    return json.load(response["Body"])


def update(account: Account, endpoint: str, *containers: dict[str, Any]) -> str:
    config = account.create_config(*containers)
    account.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    return config


def test_endpoint_in_service_is_described_with_its_variant(account, endpoint):
    description = account.sagemaker.describe_endpoint(EndpointName=endpoint)
    (variant,) = description["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"]) == (VARIANT, 1)
    assert "FailureReason" not in description


def test_update_that_retains_variant_properties_keeps_count_and_weight(account):
    name = account.deploy(echo(account))
    config = account.create_config(echo(account, "new"))
    described = account.sagemaker.describe_endpoint_config(EndpointConfigName=config)
    (variant,) = described["ProductionVariants"]
    variants = [variant | {"InitialInstanceCount": 2, "InitialVariantWeight": 3.0}]
    two = unique("config")
    account.sagemaker.create_endpoint_config(EndpointConfigName=two, ProductionVariants=variants)
    for retain, count, weight in ((True, 1, 1.0), (False, 2, 3.0)):
        account.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=two, RetainAllVariantProperties=retain
        )
        endpoint = account.settled_endpoint(name)
        (live,) = endpoint["ProductionVariants"]
        assert (live["DesiredInstanceCount"], live["DesiredWeight"]) == (count, weight)
        assert endpoint["EndpointConfigName"] == two
    account.delete_endpoint(name)


def test_invocation_of_a_missing_endpoint_is_rejected_with_its_name(account):
    with pytest.raises(ClientError, match=r"ValidationError.*Endpoint does-not-exist of account"):
        invoke(account, "does-not-exist")


def test_endpoint_rejects_an_empty_body(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*empty"):
        invoke(account, endpoint, "")


@pytest.mark.observes("payload")
def test_endpoint_rejects_more_than_six_megabytes(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*6291456"):
        invoke(account, endpoint, "x" * 6_291_457)


@pytest.mark.observes("cap-custom-attributes")
def test_endpoint_accepts_1024_characters_of_attributes_and_rejects_more(account, endpoint):
    assert invoke(account, endpoint, CustomAttributes="x" * 1024)["attributes"] == "x" * 1024
    for attributes in ("x" * 1025, "\xe9"):
        with pytest.raises(ClientError, match=r"ValidationError.*CustomAttributes.*1024"):
            invoke(account, endpoint, CustomAttributes=attributes)


def test_endpoint_rejects_a_missing_variant(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*Variant missing"):
        invoke(account, endpoint, TargetVariant="missing")


@pytest.mark.parametrize(
    "parameter", ["TargetModel", "TargetContainerHostname", "InferenceComponentName"]
)
def test_endpoint_rejects_a_parameter_that_is_not_reproduced(account, endpoint, parameter):
    with pytest.raises(ClientError, match=rf"ValidationError.*does not reproduce {parameter}"):
        invoke(account, endpoint, **{parameter: "some-name"})


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


def test_endpoint_serves_again_after_its_only_worker_is_killed(account):
    container = echo(account)
    container["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    name = account.deploy(container)
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
    config = account.create_config(echo(account))
    with pytest.raises(ClientError, match=r"Cannot create already existing endpoint"):
        account.sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)


def test_endpoint_with_a_missing_config_is_rejected(account):
    with pytest.raises(ClientError, match=r"Could not find endpoint configuration.*/missing"):
        account.sagemaker.create_endpoint(EndpointName=unique("e"), EndpointConfigName="missing")


def test_update_serves_from_the_old_containers_until_the_new_ones_are_healthy(account):
    name = account.deploy(echo(account, "old"))
    before = {process.pid for process in processes_of(name)}
    gated = account.packed_container(GATED)
    gate = unique("gate")
    gated["Environment"] |= {"BUCKET": account.bucket, "GATE": gate}
    config = update(account, name, gated)
    eventually(lambda: {process.pid for process in processes_of(name)} - before)
    assert invoke(account, name)["stage"] == "old"
    description = account.sagemaker.describe_endpoint(EndpointName=name)
    assert description["EndpointStatus"] == "Updating"
    with pytest.raises(ClientError, match=r"Cannot update in-progress endpoint"):
        account.sagemaker.delete_endpoint(EndpointName=name)
    account.upload(gate, "open")
    assert account.settled_endpoint(name)["EndpointConfigName"] == config
    assert invoke(account, name, "[[1]]", ContentType="application/json") == "new"
    account.delete_endpoint(name)


def test_endpoint_keeps_its_old_containers_after_a_failed_update(account):
    name = account.deploy(echo(account, "old"))
    before = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    update(account, name, account.packed_container(MISSING_IMPORT))
    description = account.settled_endpoint(name)
    assert description["EndpointStatus"] == "InService"
    assert "No module named 'moto'" in description["FailureReason"]
    assert description["EndpointConfigName"] == before
    assert invoke(account, name)["stage"] == "old"
    account.delete_endpoint(name)


@pytest.mark.slow
def test_failed_endpoint_rejects_updates_and_can_be_deleted(account):
    name = account.start_endpoint(account.packed_container(MISSING_IMPORT))
    assert account.settled_endpoint(name)["EndpointStatus"] == "Failed"
    with pytest.raises(ClientError, match=r"ValidationException.*Failed"):
        update(account, name, echo(account))
    with pytest.raises(ClientError, match=r"ValidationError.*not found"):
        invoke(account, name)
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []


def test_deleted_endpoint_and_its_processes_no_longer_exist(account):
    name = account.deploy(echo(account))
    assert processes_of(name)
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []
    with pytest.raises(ClientError, match=r"Could not find endpoint"):
        account.sagemaker.describe_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match=r"ValidationError.*not found"):
        invoke(account, name)


def test_target_variant_chooses_among_the_variants_of_an_endpoint(account):
    models = [account.create_config(echo(account, stage)) for stage in ("blue", "green")]
    variants = [
        {
            "VariantName": model,
            "ModelName": model,
            "InitialInstanceCount": count,
            "InstanceType": "ml.m5.large",
        }
        for model, count in zip(models, (1, 2), strict=True)
    ]
    name = unique("two")
    account.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert account.settled_endpoint(name)["EndpointStatus"] == "InService"
    stages = [invoke(account, name, TargetVariant=model)["stage"] for model in models]
    assert stages == ["blue", "green"]
    # Each instance has its own gunicorn master.
    pids = {invoke(account, name, TargetVariant=models[1])["pid"] for _ in range(64)}
    assert len({psutil.Process(pid).ppid() for pid in pids}) == 2
    account.delete_endpoint(name)


@pytest.mark.parametrize(
    ("weights", "low", "high"),
    [
        pytest.param((1, 0), 200, 200, id="only the first", marks=pytest.mark.slow),
        pytest.param((0, 1), 0, 0, id="only the second", marks=pytest.mark.slow),
        pytest.param((3, 1), 110, 190, id="three of four"),
    ],
)
def test_endpoint_distributes_calls_by_the_weights_of_its_variants(account, weights, low, high):
    stages = ("blue", "green")
    models = [account.create_config(echo(account, stage)) for stage in stages]
    variants = [
        {
            "VariantName": model,
            "ModelName": model,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": weight,
        }
        for model, weight in zip(models, weights, strict=True)
    ]
    name = unique("weighted")
    account.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert account.settled_endpoint(name)["EndpointStatus"] == "InService"
    stages = [invoke(account, name)["stage"] for _ in range(200)]
    assert low <= stages.count("blue") <= high
    account.delete_endpoint(name)


@pytest.mark.slow
def test_endpoint_starts_even_if_its_model_and_config_are_deleted_meanwhile(account):
    gated = account.packed_container(GATED)
    gate = unique("gate")
    gated["Environment"] |= {"BUCKET": account.bucket, "GATE": gate}
    name = account.start_endpoint(gated)
    eventually(lambda: processes_of(name))
    config = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    account.sagemaker.delete_endpoint_config(EndpointConfigName=config)
    account.sagemaker.delete_model(ModelName=config)
    account.upload(gate, "open")
    description = account.settled_endpoint(name)
    assert description["EndpointStatus"] == "InService"
    assert description["ProductionVariants"][0]["DeployedImages"]
    assert invoke(account, name, "[[1]]", ContentType="application/json") == "new"
    account.delete_endpoint(name)


def test_endpoint_with_a_deleted_model_fails_with_the_models_name(account):
    config = account.create_config(echo(account))
    account.sagemaker.delete_model(ModelName=config)
    name = unique("endpoint")
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    description = account.settled_endpoint(name)
    assert description["EndpointStatus"] == "Failed"
    assert f"model/{config}" in description["FailureReason"]
    account.delete_endpoint(name)


@pytest.mark.slow
def test_python_path_of_a_container_does_not_disable_the_import_check(account):
    container = echo(account)
    container["Environment"] |= {"PYTHONPATH": "/opt/ml/code:/elsewhere", "PATH": "/opt/ml/code"}
    name = account.deploy(container)
    assert invoke(account, name)["stage"] == "only"
    account.delete_endpoint(name)
    container = account.packed_container(MISSING_IMPORT)
    container["Environment"]["PYTHONPATH"] = "/opt/ml/code"
    name = account.start_endpoint(container)
    assert "the image sagemaker-scikit-learn" in account.settled_endpoint(name)["FailureReason"]
    account.delete_endpoint(name)
