"""The life of an endpoint: requests it refuses, updates, a killed process, deletion, its logs."""

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
    """Deploy a stage that answers what it was sent."""
    return str(account.deploy(echo(account)))


def ask(account: Account, endpoint: str, body: str = "hello", **headers: str) -> Any:
    headers = {"ContentType": "text/plain"} | headers
    answer = account.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **headers)
    return json.load(answer["Body"])


def update(account: Account, endpoint: str, *containers: dict[str, Any]) -> str:
    config = account.create_config(*containers)
    account.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    return config


def test_endpoint_in_service_is_described_with_its_variant(account, endpoint):
    found = account.sagemaker.describe_endpoint(EndpointName=endpoint)
    (variant,) = found["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"]) == (VARIANT, 1)
    assert "FailureReason" not in found


def test_endpoint_that_does_not_exist_is_refused_by_name(account):
    with pytest.raises(ClientError, match=r"ValidationError.*Endpoint nobody-made-it of account"):
        ask(account, "nobody-made-it")


def test_endpoint_given_an_empty_body_refuses_it(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*empty"):
        ask(account, endpoint, "")


@pytest.mark.observes("payload")
def test_endpoint_given_more_than_six_megabytes_refuses_it(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*6291456"):
        ask(account, endpoint, "x" * 6_291_457)


@pytest.mark.observes("cap-custom-attributes")
def test_endpoint_given_1024_characters_of_attributes_takes_them_and_refuses_more(
    account, endpoint
):
    assert ask(account, endpoint, CustomAttributes="x" * 1024)["attributes"] == "x" * 1024
    for attributes in ("x" * 1025, "\xe9"):
        with pytest.raises(ClientError, match=r"ValidationError.*CustomAttributes.*1024"):
            ask(account, endpoint, CustomAttributes=attributes)


def test_endpoint_asked_for_a_missing_variant_refuses_it(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*Variant nobody"):
        ask(account, endpoint, TargetVariant="nobody")


@pytest.mark.parametrize(
    "parameter", ["TargetModel", "TargetContainerHostname", "InferenceComponentName"]
)
def test_endpoint_asked_for_what_is_not_reproduced_refuses_it(account, endpoint, parameter):
    with pytest.raises(ClientError, match=rf"ValidationError.*does not reproduce {parameter}"):
        ask(account, endpoint, **{parameter: "some-name"})


def test_endpoint_logs_what_its_container_printed(account, endpoint):
    ask(account, endpoint)
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    assert eventually(lambda: "stage only answered" in account.log(group, f"{VARIANT}/i-"))
    streams = account.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert re.fullmatch(rf"{VARIANT}/i-[0-9a-f]{{17}}", streams[0]["logStreamName"])


def test_endpoint_whose_serving_processes_were_killed_serves_again(account, endpoint):
    before = {process.pid for process in processes_of(endpoint)}
    assert before
    for process in processes_of(endpoint):
        process.kill()

    def answered() -> bool:
        try:
            return ask(account, endpoint)["pid"] not in before
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ModelError"
            return False

    assert eventually(answered)
    assert not before & {process.pid for process in processes_of(endpoint)}


def test_endpoint_whose_worker_alone_was_killed_serves_again(account):
    lone = echo(account)
    lone["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    name = account.deploy(lone)
    worker = ask(account, name)["pid"]
    master = psutil.Process(worker).parent()
    psutil.Process(worker).kill()

    def answered() -> int | None:
        try:
            return int(ask(account, name)["pid"])
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ModelError"
            return None

    assert eventually(answered) in {process.pid for process in master.children()} - {worker}
    account.delete_endpoint(name)


def test_endpoint_of_a_taken_name_is_refused(account, endpoint):
    config = account.create_config(echo(account))
    with pytest.raises(ClientError, match=r"Cannot create already existing endpoint"):
        account.sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)


def test_endpoint_of_a_missing_config_is_refused(account):
    with pytest.raises(ClientError, match=r"Could not find endpoint configuration.*/missing"):
        account.sagemaker.create_endpoint(EndpointName=unique("e"), EndpointConfigName="missing")


def test_endpoint_being_updated_serves_the_old_until_the_new_is_healthy(account):
    name = account.deploy(echo(account, "old"))
    before = {process.pid for process in processes_of(name)}
    gated = account.packed_container(GATED)
    gate = unique("gate")
    gated["Environment"] |= {"BUCKET": account.bucket, "GATE": gate}
    config = update(account, name, gated)
    eventually(lambda: {process.pid for process in processes_of(name)} - before)
    assert ask(account, name)["stage"] == "old"
    found = account.sagemaker.describe_endpoint(EndpointName=name)
    assert found["EndpointStatus"] == "Updating"
    with pytest.raises(ClientError, match=r"Cannot update in-progress endpoint"):
        account.sagemaker.delete_endpoint(EndpointName=name)
    account.upload(gate, "open")
    assert account.settled_endpoint(name)["EndpointConfigName"] == config
    assert ask(account, name, "[[1]]", ContentType="application/json") == "new"
    account.delete_endpoint(name)


def test_endpoint_whose_update_fails_goes_on_serving_the_old(account):
    name = account.deploy(echo(account, "old"))
    before = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    update(account, name, account.packed_container(MISSING_IMPORT))
    found = account.settled_endpoint(name)
    assert found["EndpointStatus"] == "InService"
    assert "No module named 'moto'" in found["FailureReason"]
    assert found["EndpointConfigName"] == before
    assert ask(account, name)["stage"] == "old"
    account.delete_endpoint(name)


def test_update_of_an_endpoint_that_failed_is_refused_until_it_is_deleted(account):
    name = account.start_endpoint(account.packed_container(MISSING_IMPORT))
    assert account.settled_endpoint(name)["EndpointStatus"] == "Failed"
    with pytest.raises(ClientError, match=r"ValidationException.*Failed"):
        update(account, name, echo(account))
    with pytest.raises(ClientError, match=r"ValidationError.*not found"):
        ask(account, name)
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []


def test_deleted_endpoint_is_gone_with_its_processes(account):
    name = account.deploy(echo(account))
    assert processes_of(name)
    account.delete_endpoint(name, wait=True)
    assert processes_of(name) == []
    with pytest.raises(ClientError, match=r"Could not find endpoint"):
        account.sagemaker.describe_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match=r"ValidationError.*not found"):
        ask(account, name)


def test_endpoint_of_two_instances_and_two_variants_answers_from_the_named_variant(account):
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
    stages = [ask(account, name, TargetVariant=model)["stage"] for model in models]
    assert stages == ["blue", "green"]
    # Each instance has a master, whose workers answer.
    parents = {
        psutil.Process(ask(account, name, TargetVariant=models[1])["pid"]).ppid() for _ in range(64)
    }
    assert len(parents) == 2
    account.delete_endpoint(name)


@pytest.mark.parametrize(
    ("weights", "least", "most"),
    [((1, 0), 200, 200), ((0, 1), 0, 0), ((3, 1), 110, 190)],
    ids=["only the first", "only the second", "three of four"],
)
def test_endpoint_of_two_variants_divides_the_calls_by_their_weights(account, weights, least, most):
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
    name = unique("weighed")
    account.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert account.settled_endpoint(name)["EndpointStatus"] == "InService"
    found = [ask(account, name)["stage"] for _ in range(200)]
    assert least <= found.count("blue") <= most
    account.delete_endpoint(name)


def test_endpoint_whose_model_and_config_are_deleted_while_it_starts_comes_into_service(account):
    gated = account.packed_container(GATED)
    gate = unique("gate")
    gated["Environment"] |= {"BUCKET": account.bucket, "GATE": gate}
    name = account.start_endpoint(gated)
    eventually(lambda: processes_of(name))
    config = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    account.sagemaker.delete_endpoint_config(EndpointConfigName=config)
    account.sagemaker.delete_model(ModelName=config)
    account.upload(gate, "open")
    found = account.settled_endpoint(name)
    assert found["EndpointStatus"] == "InService"
    assert found["ProductionVariants"][0]["DeployedImages"]
    assert ask(account, name, "[[1]]", ContentType="application/json") == "new"
    account.delete_endpoint(name)


def test_endpoint_of_a_config_whose_model_is_gone_fails_naming_it(account):
    config = account.create_config(echo(account))
    account.sagemaker.delete_model(ModelName=config)
    name = unique("endpoint")
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    found = account.settled_endpoint(name)
    assert found["EndpointStatus"] == "Failed"
    assert f"model/{config}" in found["FailureReason"]
    account.delete_endpoint(name)


def test_endpoint_whose_container_declares_a_python_path_keeps_its_images_imports(account):
    container = echo(account)
    container["Environment"] |= {"PYTHONPATH": "/opt/ml/code:/elsewhere", "PATH": "/opt/ml/code"}
    name = account.deploy(container)
    assert ask(account, name)["stage"] == "only"
    account.delete_endpoint(name)
    refused = account.packed_container(MISSING_IMPORT)
    refused["Environment"]["PYTHONPATH"] = "/opt/ml/code"
    name = account.start_endpoint(refused)
    assert "the image sagemaker-scikit-learn" in account.settled_endpoint(name)["FailureReason"]
    account.delete_endpoint(name)
