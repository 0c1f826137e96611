"""Models, endpoint configurations, and tags: requests that are rejected before anything starts."""

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import VARIANT, unique


def variant(model: str, **changes):
    return {
        "VariantName": VARIANT,
        "ModelName": model,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    } | changes


@pytest.fixture(scope="module")
def model(account) -> str:
    """Create a model that is never deployed."""
    return str(account.create_config(account.packed_container("")))


def test_model_without_a_container_is_rejected(account):
    with pytest.raises(ClientError, match=r"ValidationException.*At least one container"):
        account.sagemaker.create_model(ModelName=unique("model"))


def test_model_with_both_a_primary_container_and_containers_is_rejected(account):
    container = account.packed_container("")
    with pytest.raises(ClientError, match=r"ValidationException.*not both"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer=container, Containers=[container]
        )


@pytest.mark.observes("cap-containers")
def test_model_with_sixteen_containers_is_rejected(account):
    containers = [account.packed_container("")] * 16
    with pytest.raises(ClientError, match=r"ValidationException.*less than or equal to 15"):
        account.sagemaker.create_model(ModelName=unique("model"), Containers=containers)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Image": "someone/else:latest"}, "does not know the image someone/else:latest"),
        ({"Mode": "MultiModel"}, "does not reproduce MultiModel as the PrimaryContainer.Mode"),
        ({"Environment": {"KEY": "x" * 1025}}, "less than or equal to 1024"),
        ({"Environment": {"1KEY": "x"}}, "regular expression"),
    ],
)
def test_model_with_an_invalid_container_is_rejected(account, change, words):
    with pytest.raises(ClientError, match=rf"ValidationException.*{words}"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer=account.packed_container("") | change
        )


def test_model_with_a_container_without_an_image_is_rejected(account):
    with pytest.raises(ClientError, match=r"ValidationException.*must have an Image"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer={"Environment": {}}
        )


def test_model_with_a_missing_role_is_rejected(account):
    with pytest.raises(ClientError, match=r"ValidationException.*Could not assume role"):
        account.sagemaker.create_model(
            ModelName=unique("model"),
            PrimaryContainer=account.packed_container(""),
            ExecutionRoleArn="arn:aws:iam::123456789012:role/nobody",
        )


@pytest.mark.observes("not-direct")
def test_model_with_direct_invocation_of_containers_is_rejected(account):
    with pytest.raises(ClientError, match=r"does not reproduce.*Direct"):
        account.sagemaker.create_model(
            ModelName=unique("model"),
            Containers=[account.packed_container("")] * 2,
            InferenceExecutionConfig={"Mode": "Direct"},
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ModelName": "missing"}, "Could not find model"),
        ({"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 1}}, "ServerlessConfig"),
        ({"InstanceType": "ml.giant"}, "enum value set"),
    ],
)
@pytest.mark.observes("not-serverless")
def test_endpoint_config_with_an_invalid_variant_is_rejected(account, model, changes, words):
    with pytest.raises(ClientError, match=rf"(?s)Validation.*{words}"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant(model, **changes)]
        )


def test_endpoint_config_with_two_variants_of_the_same_name_is_rejected(account, model):
    with pytest.raises(ClientError, match=r"ValidationException.*not unique"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant(model)] * 2
        )


@pytest.mark.parametrize(
    "extra",
    [
        {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/out"}}},
        {"ShadowProductionVariants": [variant("other")]},
    ],
    ids=["asynchronous", "shadow"],
)
@pytest.mark.observes("not-async")
def test_endpoint_config_with_a_member_that_is_not_reproduced_is_rejected(account, model, extra):
    with pytest.raises(ClientError, match=r"does not reproduce"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant(model)], **extra
        )


def test_endpoint_config_is_described_as_requested(account, model):
    config = account.sagemaker.describe_endpoint_config(EndpointConfigName=model)
    assert config["ProductionVariants"] == [variant(model)]
    assert config["EndpointConfigArn"].endswith(f":endpoint-config/{model}")
    assert "DataCaptureConfig" not in config


def test_tags_can_be_added_replaced_listed_and_deleted(account):
    name = unique("group")
    arn = account.sagemaker.create_model_package_group(
        ModelPackageGroupName=name, Tags=[{"Key": "team", "Value": "a"}]
    )["ModelPackageGroupArn"]
    tags = [{"Key": "team", "Value": "b"}, {"Key": "stage", "Value": "test"}]
    assert account.sagemaker.add_tags(ResourceArn=arn, Tags=tags)["Tags"] == tags
    account.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "missing"])
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "stage", "Value": "test"}
    ]


def test_new_resource_does_not_have_the_tags_of_a_deleted_one_with_its_name(account):
    name = unique("group")
    create = account.sagemaker.create_model_package_group
    tags = [{"Key": "old", "Value": "1"}]
    arn = create(ModelPackageGroupName=name, Tags=tags)["ModelPackageGroupArn"]
    account.sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    create(ModelPackageGroupName=name)
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_tags_of_a_missing_resource_are_rejected_with_its_arn(account):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/does-not-exist"
    for operation, rest in (
        (account.sagemaker.add_tags, {"Tags": [{"Key": "a", "Value": "b"}]}),
        (account.sagemaker.list_tags, {}),
        (account.sagemaker.delete_tags, {"TagKeys": ["a"]}),
    ):
        with pytest.raises(ClientError, match=r"ValidationException.*endpoint/does-not-exist"):
            operation(ResourceArn=arn, **rest)


def test_tags_are_deleted_with_their_resource(account):
    name = account.create_config(account.packed_container(""))
    sagemaker = account.sagemaker
    arns = [
        sagemaker.describe_model(ModelName=name)["ModelArn"],
        sagemaker.describe_endpoint_config(EndpointConfigName=name)["EndpointConfigArn"],
    ]
    for arn in arns:
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.delete_model(ModelName=name)
    for arn in arns:
        with pytest.raises(ClientError, match=r"ValidationException.*Could not find"):
            sagemaker.list_tags(ResourceArn=arn)


def test_completed_job_can_be_tagged(account, iris_job):
    arn = iris_job["TrainingJobArn"]
    account.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
