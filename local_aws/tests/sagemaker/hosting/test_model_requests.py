"""Models, endpoint configurations and tags: what is refused before anything is started."""

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
    """Create a model that nothing is deployed from."""
    return str(account.create_config(account.packed_container("")))


def test_model_without_a_container_is_refused(account):
    with pytest.raises(ClientError, match=r"ValidationException.*At least one container"):
        account.sagemaker.create_model(ModelName=unique("model"))


def test_model_with_both_spellings_of_containers_is_refused(account):
    container = account.packed_container("")
    with pytest.raises(ClientError, match=r"ValidationException.*not both"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer=container, Containers=[container]
        )


@pytest.mark.observes("cap-containers")
def test_model_of_sixteen_containers_is_refused(account):
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
def test_model_of_a_container_that_cannot_run_is_refused(account, change, words):
    with pytest.raises(ClientError, match=rf"ValidationException.*{words}"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer=account.packed_container("") | change
        )


def test_model_of_a_container_without_an_image_is_refused(account):
    with pytest.raises(ClientError, match=r"ValidationException.*needs an Image"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer={"Environment": {}}
        )


def test_model_of_a_missing_role_is_refused(account):
    with pytest.raises(ClientError, match=r"ValidationException.*Could not assume role"):
        account.sagemaker.create_model(
            ModelName=unique("model"),
            PrimaryContainer=account.packed_container(""),
            ExecutionRoleArn="arn:aws:iam::123456789012:role/nobody",
        )


@pytest.mark.observes("not-direct")
def test_model_of_parallel_containers_is_refused(account):
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
def test_endpoint_config_of_a_variant_that_cannot_run_is_refused(account, model, changes, words):
    with pytest.raises(ClientError, match=rf"(?s)Validation.*{words}"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant(model, **changes)]
        )


def test_endpoint_config_of_two_variants_of_one_name_is_refused(account, model):
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
def test_endpoint_config_of_what_is_not_reproduced_is_refused(account, model, extra):
    with pytest.raises(ClientError, match=r"does not reproduce"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant(model)], **extra
        )


def test_endpoint_config_is_described_as_requested(account, model):
    config = account.sagemaker.describe_endpoint_config(EndpointConfigName=model)
    assert config["ProductionVariants"] == [variant(model)]
    assert config["EndpointConfigArn"].endswith(f":endpoint-config/{model}")
    assert "DataCaptureConfig" not in config


def test_tags_are_added_replaced_listed_and_deleted(account):
    name = unique("group")
    arn = account.sagemaker.create_model_package_group(
        ModelPackageGroupName=name, Tags=[{"Key": "team", "Value": "a"}]
    )["ModelPackageGroupArn"]
    tags = [{"Key": "team", "Value": "b"}, {"Key": "stage", "Value": "test"}]
    assert account.sagemaker.add_tags(ResourceArn=arn, Tags=tags)["Tags"] == tags
    account.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "never-there"])
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "stage", "Value": "test"}
    ]


def test_tags_of_a_deleted_resource_do_not_come_back_with_its_name(account):
    name = unique("group")
    create = account.sagemaker.create_model_package_group
    arn = create(ModelPackageGroupName=name, Tags=[{"Key": "old", "Value": "1"}])[
        "ModelPackageGroupArn"
    ]
    account.sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    create(ModelPackageGroupName=name)
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_tags_of_what_does_not_exist_are_refused_naming_it(account):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/nobody-made-it"
    for operation, rest in (
        (account.sagemaker.add_tags, {"Tags": [{"Key": "a", "Value": "b"}]}),
        (account.sagemaker.list_tags, {}),
        (account.sagemaker.delete_tags, {"TagKeys": ["a"]}),
    ):
        with pytest.raises(ClientError, match=r"ValidationException.*endpoint/nobody-made-it"):
            operation(ResourceArn=arn, **rest)


def test_tags_go_with_their_resource(account):
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


def test_tags_of_a_finished_job_stay(account, iris_job):
    arn = iris_job["TrainingJobArn"]
    account.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
