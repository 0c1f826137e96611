"""The requests of a release."""

from dataclasses import replace

from scripts.account.aws import Call
from scripts.endpoints.plans import archive_call, config_call, endpoint_call, model_call
from tests.scripts.endpoints.plans import (
    CONFIG,
    CONTAINERS,
    LIVE,
    NAME,
    PACKAGE,
    ROLE,
    SERVED,
    TAGS,
    release_plan,
)
from tests.scripts.processes import RECIPE

LOADED = [container | {"ModelDataUrl": SERVED} for container in CONTAINERS]


def test_archive_call_copies_the_recorded_version_to_where_the_model_loads_it():
    key = SERVED.removeprefix("s3://bucket/")
    source = f"jobs/{RECIPE}/{NAME}/output/model.tar.gz"
    assert archive_call(release_plan()) == Call(
        "s3",
        "copy",
        {
            "Bucket": "bucket",
            "Key": key,
            "CopySource": {"Bucket": "bucket", "Key": source, "VersionId": "version-1"},
        },
    )


def test_model_call_with_one_container_makes_it_the_primary_one():
    plan = replace(release_plan("digits-cnn"), containers=CONTAINERS[:1])
    parameters = model_call(plan).parameters
    url = SERVED.replace(RECIPE, "digits-cnn")
    assert parameters["PrimaryContainer"] == CONTAINERS[0] | {"ModelDataUrl": url}
    assert not {"Containers", "InferenceExecutionConfig"} & set(parameters)


def test_model_call_has_the_containers_and_the_arn_of_the_package():
    assert model_call(release_plan()) == Call(
        "sagemaker",
        "create_model",
        {
            "ModelName": NAME,
            "Containers": LOADED,
            "InferenceExecutionConfig": {"Mode": "Serial"},
            "ExecutionRoleArn": ROLE,
            "Tags": [*TAGS, {"Key": "model-package-arn", "Value": PACKAGE}],
        },
    )


def test_config_call_serves_the_model_on_the_requested_instances():
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": NAME,
        "InstanceType": "ml.c5.large",
        "InitialInstanceCount": 2,
        "InitialVariantWeight": 1.0,
    }
    assert config_call(release_plan()) == Call(
        "sagemaker",
        "create_endpoint_config",
        {"EndpointConfigName": NAME, "ProductionVariants": [variant], "Tags": TAGS},
    )


def test_endpoint_call_creates_an_endpoint_or_updates_the_existing_one():
    names = {"EndpointName": "the-endpoint", "EndpointConfigName": NAME}
    create = Call("sagemaker", "create_endpoint", names | {"Tags": TAGS})
    assert endpoint_call(release_plan()) == create
    update = Call("sagemaker", "update_endpoint", names | {"RetainAllVariantProperties": True})
    assert endpoint_call(replace(release_plan(), live=LIVE)) == update


def test_config_call_of_an_update_keeps_every_setting_of_the_live_config():
    plan = replace(release_plan(), live=LIVE)
    parameters = config_call(plan).parameters
    (variant,) = parameters["ProductionVariants"]
    assert variant == {
        **CONFIG["ProductionVariants"][0],
        "ModelName": NAME,
        "InstanceType": "ml.c5.large",
        "InitialInstanceCount": 2,
    }
    assert parameters == {
        "EndpointConfigName": NAME,
        "Tags": TAGS,
        "KmsKeyId": "a-key",
        "DataCaptureConfig": CONFIG["DataCaptureConfig"],
        "ProductionVariants": [variant],
    }
