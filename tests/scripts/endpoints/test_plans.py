"""The requests of training and releasing have the expected values and match AWS's own model."""

from dataclasses import replace

import boto3
import pytest
from botocore.validate import ParamValidator

from local_aws.validation import validate
from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Call
from scripts.account.registry import group_call, package_call
from scripts.account.stacks import Foundation
from scripts.approve import approval_call
from scripts.endpoints.plans import ReleasePlan, config_call, endpoint_call, model_call
from scripts.jobs.training_plans import TrainingPlan, training_call
from scripts.setup import TEMPLATE, stack_call
from tests.scripts.processes import IMAGE, IMAGES, RECIPE, SERVING_IMAGE

STAMP = "20260102030405-00ff00"
NAME = f"{RECIPE}-{STAMP}"
ROLE = "arn:aws:iam::123456789012:role/execution"
PACKAGE = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{RECIPE}/3"
MODEL = f"s3://bucket/jobs/{RECIPE}/{NAME}/output/model.tar.gz"
TAGS = [{"Key": "project", "Value": "newsgroup-classifier"}, {"Key": "recipe", "Value": RECIPE}]
CONTAINERS = [
    {
        "ContainerHostname": stage,
        "Image": IMAGE,
        "ModelDataUrl": MODEL,
        "Environment": {
            "SAGEMAKER_PROGRAM": f"inference_pipeline.{stage}",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/serving",
        },
    }
    for stage in ("preprocess", "predict")
]


def training_plan(recipe: str = RECIPE) -> TrainingPlan:
    return TrainingPlan(
        recipe=RECIPES[recipe],
        stamp=STAMP,
        image=IMAGE,
        instance_type="ml.m5.large",
        hyperparameters={"alpha": 0.01},
        code_uri="s3://bucket/code/0/sourcedir.tar.gz",
        channel_uris={"train": "s3://bucket/data/train/", "test": "s3://bucket/data/test/"},
        foundation=Foundation("bucket", ROLE),
    )


def release_plan(recipe: str = RECIPE) -> ReleasePlan:
    # A described package has more members than a model allows.
    containers = [container | {"ImageDigest": "sha256:00"} for container in CONTAINERS]
    return ReleasePlan(
        recipe=RECIPES[recipe],
        stamp=STAMP,
        package_arn=PACKAGE,
        containers=containers,
        endpoint_name="the-endpoint",
        instance_type="ml.c5.large",
        instance_count=2,
        role_arn=ROLE,
    )


def channel(name: str) -> dict[str, object]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://bucket/data/{name}/",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {
        "ChannelName": name,
        "ContentType": "text/csv",
        "DataSource": {"S3DataSource": source},
    }


def test_the_training_call_runs_the_recipe_s_program_on_both_channels():
    tested = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "weighted_f1")
    metrics = (*(f"test:{name}" for name in tested), "validation:accuracy")
    assert training_call(training_plan()) == Call(
        "sagemaker",
        "create_training_job",
        {
            "TrainingJobName": NAME,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [
                    {"Name": name, "Regex": rf"{name}=([0-9.eE+-]+)"} for name in metrics
                ],
            },
            "RoleArn": ROLE,
            "HyperParameters": {
                "recipe": RECIPE,
                "alpha": "0.01",
                "sagemaker_program": "newsgroup_classifier/training/train_sklearn.py",
                "sagemaker_submit_directory": "s3://bucket/code/0/sourcedir.tar.gz",
            },
            "InputDataConfig": [channel("train"), channel("test")],
            "OutputDataConfig": {"S3OutputPath": f"s3://bucket/jobs/{RECIPE}"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "Tags": TAGS,
        },
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (3, "3"), (True, "true"), (None, "null"), ("w", "w")]
)
def test_the_training_call_spells_values_as_both_launchers_read_them(value, text):
    plan = replace(training_plan(), hyperparameters={"any": value})
    assert training_call(plan).parameters["HyperParameters"]["any"] == text


@pytest.mark.parametrize("given", [{"word": "it's"}, {"it's": 1}], ids=["a value", "a name"])
def test_the_training_call_sends_no_apostrophe(given):
    with pytest.raises(HyperparameterError, match="apostrophe") as caught:
        training_call(replace(training_plan(), hyperparameters=given))
    (name,) = given
    assert str(caught.value).startswith(f"hyperparameter {name} is ")


def test_the_model_lies_where_the_job_puts_it():
    assert training_plan().model_uri == MODEL


@pytest.mark.parametrize(
    ("approved", "status"), [(True, "Approved"), (False, "PendingManualApproval")]
)
def test_the_package_call_registers_both_containers_in_order(approved, status):
    assert package_call(RECIPES[RECIPE], IMAGES, MODEL, approved) == Call(
        "sagemaker",
        "create_model_package",
        {
            "ModelPackageGroupName": RECIPE,
            "ModelPackageDescription": RECIPES[RECIPE].summary,
            "InferenceSpecification": {
                "Containers": CONTAINERS,
                "SupportedContentTypes": [
                    "text/plain",
                    "text/csv",
                    "application/json",
                    "application/jsonlines",
                ],
                "SupportedResponseMIMETypes": [
                    "application/json",
                    "application/jsonlines",
                    "text/csv",
                ],
            },
            "ModelApprovalStatus": status,
        },
    )


def test_the_package_call_of_a_tensorflow_recipe_has_an_image_a_stage():
    call = package_call(RECIPES["headlines-fast"], IMAGES, MODEL, approved=False)
    first, model, last = call.parameters["InferenceSpecification"]["Containers"]
    assert model == {
        "ContainerHostname": "model",
        "Image": SERVING_IMAGE,
        "ModelDataUrl": MODEL,
    }
    for container, program in ((first, "encode_texts"), (last, "decode_labels")):
        assert container["Image"] == IMAGE
        assert container["Environment"] == {
            "SAGEMAKER_PROGRAM": f"inference_pipeline.{program}",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/serving",
        }


def test_the_package_call_of_images_names_their_content_types():
    call = package_call(RECIPES["digits-cnn"], IMAGES, MODEL, approved=False)
    specification = call.parameters["InferenceSpecification"]
    assert len(specification["Containers"]) == 1
    expected = ["application/json", "application/x-npy", "image/png"]
    assert specification["SupportedContentTypes"] == expected


def test_model_call_with_one_container_makes_it_the_primary_one():
    plan = replace(release_plan("digits-cnn"), containers=CONTAINERS[:1])
    parameters = model_call(plan).parameters
    assert parameters["PrimaryContainer"] == CONTAINERS[0]
    assert not {"Containers", "InferenceExecutionConfig"} & set(parameters)


def test_model_call_has_the_containers_and_the_arn_of_the_package():
    assert model_call(release_plan()) == Call(
        "sagemaker",
        "create_model",
        {
            "ModelName": NAME,
            "Containers": CONTAINERS,
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
    update = Call("sagemaker", "update_endpoint", names)
    assert endpoint_call(release_plan(), exists=False) == create
    assert endpoint_call(release_plan(), exists=True) == update


def test_the_stack_call_makes_the_stack_or_updates_it():
    made, moved = stack_call("s", exists=False), stack_call("s", exists=True)
    assert (made.operation, moved.operation) == ("create_stack", "update_stack")
    assert made.parameters == moved.parameters
    assert made.parameters["TemplateBody"] == TEMPLATE.read_text(encoding="utf-8")
    assert made.parameters["Capabilities"] == ["CAPABILITY_IAM"]


def planned(recipe: str) -> list[Call]:
    release = release_plan(recipe)
    return [
        training_call(training_plan(recipe)),
        group_call(RECIPES[recipe]),
        package_call(RECIPES[recipe], IMAGES, MODEL, approved=False),
        approval_call(PACKAGE, "Approved"),
        model_call(release),
        config_call(release),
        endpoint_call(release, exists=False),
        endpoint_call(release, exists=True),
    ]


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_request_matches_botocores_model_of_its_operation(recipe):
    client = boto3.client(
        "sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    for call in planned(recipe):
        operation = client.meta.method_to_api_mapping[call.operation]
        shape = client.meta.service_model.operation_model(operation).input_shape
        report = ParamValidator().validate(call.parameters, shape)
        assert not report.has_errors(), report.generate_report()
        validate(call.parameters, shape)  # the patterns and sizes that only the service checks
