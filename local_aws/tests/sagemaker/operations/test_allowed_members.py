"""The local AWS rejects members that it does not reproduce, unless they request nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import Shape
from moto.core.utils import get_service_model

from local_aws.errors import ValidationError
from local_aws.sagemaker.control import OPERATIONS
from local_aws.sagemaker.operations.allowed import check_addresses
from local_aws.tests.account import IMAGE, refusal, unique

SOURCE = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/c"}
HTTPS = "https://s3.amazonaws.com/bucket/key"
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
ROLLING = {"RollingUpdatePolicy": {
    "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
    "WaitIntervalInSeconds": 0}}  # fmt: skip


def channel(source: dict[str, Any] = SOURCE, **changes: Any) -> dict[str, Any]:
    return {"ChannelName": "train", "DataSource": {"S3DataSource": source}} | changes


def nested(member: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Return the path of a member that must be rejected, and the change that adds it to a job."""
    members = {
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    (name,) = changes
    return f"{member}.{name}", {member: members[member] | changes}


def top_level(**changes: Any) -> tuple[str, dict[str, Any]]:
    (name,) = changes
    return name, changes


JOB_REFUSALS = [
    top_level(VpcConfig=VPC),
    top_level(RetryStrategy={"MaximumRetryAttempts": 2}),
    top_level(ExperimentConfig={"ExperimentName": "e"}),
    top_level(TensorBoardOutputConfig={"S3OutputPath": "s3://b/c"}),
    (
        "ProfilerConfig.ProfilingParameters",
        {"ProfilerConfig": {"S3OutputPath": "s3://b/c", "ProfilingParameters": {"a": "b"}}},
    ),
    (
        "RemoteDebugConfig.EnableRemoteDebug",
        {"RemoteDebugConfig": {"EnableRemoteDebug": True}},
    ),
    nested("OutputDataConfig", CompressionType="NONE"),
    nested("ResourceConfig", VolumeKmsKeyId="alias/key"),
    nested("ResourceConfig", KeepAlivePeriodInSeconds=60),
    nested("AlgorithmSpecification", AlgorithmName="algorithm"),
    nested("AlgorithmSpecification", ContainerArguments=["--alpha"]),
    ("InputDataConfig.RecordWrapperType", {"InputDataConfig": [
        channel(), channel(RecordWrapperType="RecordIO")]}),
    ("InputDataConfig.ShuffleConfig", {"InputDataConfig": [channel(ShuffleConfig={"Seed": 1})]}),
    ("S3DataSource.S3DataType", {"InputDataConfig": [
        channel(SOURCE | {"S3DataType": "ManifestFile"})]}),
    ("S3DataSource.AttributeNames", {"InputDataConfig": [
        channel(SOURCE | {"AttributeNames": ["a"]})]}),
    ("DataSource.FileSystemDataSource", {"InputDataConfig": [
        {"ChannelName": "train", "DataSource": {"FileSystemDataSource": {
            "FileSystemId": "fs-01234567890", "FileSystemAccessMode": "ro",
            "FileSystemType": "EFS", "DirectoryPath": "/d"}}}]}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes"), JOB_REFUSALS)
def test_job_with_a_member_that_is_not_reproduced_is_rejected_by_name(account, name, changes):
    with pytest.raises(ClientError, match=rf"ValidationException.*does not reproduce.*{name} of"):
        account.sagemaker.create_training_job(**account.job_request({}, **changes))


@pytest.mark.slow
def test_job_with_members_that_request_nothing_is_accepted(account):
    changes = {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": True,  # there is one container
        "EnableManagedSpotTraining": False,
        "ProfilerConfig": {"DisableProfiler": True},
        "RemoteDebugConfig": {"EnableRemoteDebug": False},
        "OutputDataConfig": {
            "S3OutputPath": f"s3://{account.bucket}/out",
            "KmsKeyId": "",
            "CompressionType": "GZIP",
        },
        "InputDataConfig": [
            channel(
                {
                    "S3DataType": "S3Prefix",
                    "S3Uri": account.upload(f"{unique('data')}/a.csv", "1"),
                    "S3DataDistributionType": "FullyReplicated",
                },
                CompressionType="None",
                RecordWrapperType="None",
                ContentType="text/csv",
                InputMode="File",
            )
        ],
    }
    job = account.finished_job(account.start_job("print('ran')", **changes))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        top_level(EnableNetworkIsolation=True),
        top_level(VpcConfig=VPC),
        ("InferenceExecutionConfig.Mode", {"InferenceExecutionConfig": {"Mode": "Direct"}}),
    ],
)
@pytest.mark.observes("not-network-isolation")
def test_model_with_a_member_that_is_not_reproduced_is_rejected_by_name(account, name, changes):
    with pytest.raises(ClientError, match=rf"ValidationException.*does not reproduce.*{name} of"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer=account.packed_container(""), **changes
        )


@pytest.mark.parametrize(
    "change",
    [
        {"ImageConfig": {"RepositoryAccessMode": "Vpc"}},
        {"InferenceSpecificationName": "other"},
        {"MultiModelConfig": {"ModelCacheSetting": "Enabled"}},
        {"ModelDataSource": {"S3DataSource": {
            "S3Uri": "s3://b/c/", "S3DataType": "S3Prefix", "CompressionType": "None"}}},
    ],
)  # fmt: skip
def test_container_with_a_member_that_is_not_reproduced_is_rejected_by_name(account, change):
    (name,) = change
    container = account.packed_container("") | change
    for containers in ({"PrimaryContainer": container}, {"Containers": [container, container]}):
        with pytest.raises(ClientError, match=rf"does not reproduce.*\.?{name}"):
            account.sagemaker.create_model(ModelName=unique("model"), **containers)


def test_container_of_a_package_with_its_own_variables_is_rejected(account):
    group = unique("group")
    account.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    package = account.sagemaker.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [account.packed_container("")],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    container = {"ModelPackageName": package, "Environment": {"GREETING": "hello"}}
    create = account.sagemaker.create_model
    with pytest.raises(ClientError, match=r"does not reproduce Environment of a container"):
        create(ModelName=unique("model"), PrimaryContainer=container)
    create(ModelName=unique("model"), PrimaryContainer=container | {"Environment": {}})


@pytest.mark.parametrize(
    "change",
    [
        {"ModelDataDownloadTimeoutInSeconds": 60},
        {"EnableSSMAccess": True},
        {"RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}},
        {"CoreDumpConfig": {"DestinationS3Uri": "s3://b/c"}},
        {"ManagedInstanceScaling": {"Status": "ENABLED"}},
    ],
)
def test_variant_with_a_member_that_is_not_reproduced_is_rejected_by_name(account, change):
    model = account.create_config(account.packed_container(""))
    variant = {
        "VariantName": "v",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    (name,) = change
    with pytest.raises(ClientError, match=rf"does not reproduce.*ProductionVariants\.{name}"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant | change]
        )
    with pytest.raises(ClientError, match=r"does not reproduce KmsKeyId of CreateEndpointConfig"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant], KmsKeyId="alias/k"
        )


def test_endpoint_with_a_rolling_update_is_rejected_by_name(account):
    config = account.create_config(account.packed_container(""))
    names = {"EndpointName": unique("endpoint"), "EndpointConfigName": config}
    for operation in (account.sagemaker.create_endpoint, account.sagemaker.update_endpoint):
        with pytest.raises(
            ClientError, match=r"not reproduce DeploymentConfig\.RollingUpdatePolicy of"
        ):
            operation(**names, DeploymentConfig=ROLLING)


@pytest.mark.observes("not-https-addresses")
@pytest.mark.parametrize(
    "changes",
    [
        {"InputDataConfig": [channel({"S3DataType": "S3Prefix", "S3Uri": HTTPS})]},
        {"OutputDataConfig": {"S3OutputPath": HTTPS}},
        {"CheckpointConfig": {"S3Uri": HTTPS}},
    ],
    ids=["channel", "output", "checkpoints"],
)
def test_job_with_an_https_address_is_refused_by_name(account, changes):
    request = account.job_request({"train.py": ""}, **changes)
    code, message = refusal(account.sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert message == (
        f"The local AWS does not reproduce addresses other than s3:// in CreateTrainingJob, as in "
        f"{HTTPS!r}."
    )


@pytest.mark.observes("not-https-addresses")
def test_every_address_of_every_operation_is_checked():
    checked = set()
    for operation in OPERATIONS.keys() - {"Search"}:  # its expressions nest without an end
        shape = get_service_model("sagemaker").operation_model(operation).input_shape
        for path in addresses_in(shape):
            checked.add((operation, path[-1]))
            with pytest.raises(ValidationError, match="other than s3://"):
                check_addresses(operation, nest(path, HTTPS), shape)
            check_addresses(operation, nest(path, "s3://b/c"), shape)
    assert {
        ("CreateModel", "ModelDataUrl"),
        ("CreateTransformJob", "S3OutputPath"),
        ("CreateHyperParameterTuningJob", "S3Uri"),
        ("CreateModelPackage", "S3Uri"),
    } <= checked


def addresses_in(shape: Shape, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all members that are addresses in S3; 0 stands for an item of a list."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from addresses_in(member, (*path, name))
    elif shape.type_name == "list":
        yield from addresses_in(shape.member, (*path, 0))
    elif shape.metadata.get("pattern", "").startswith("(https|s3)"):
        yield path


def nest(path: tuple[Any, ...], value: Any) -> Any:
    """Return a request whose member at a path has a value."""
    for name in reversed(path):
        value = [value] if name == 0 else {name: value}
    return value
