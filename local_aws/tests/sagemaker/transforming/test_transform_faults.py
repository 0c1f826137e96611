"""Transform jobs with unusual keys or files, a deleted package, or a local AWS that stops."""

import threading
from functools import partial

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.cloud import split_uri
from local_aws.sagemaker.hosting.fleet import Instance
from local_aws.sagemaker.transforming.plan import read_plan
from local_aws.sagemaker.transforming.sending import Sender
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.sagemaker.transforming.transforms import Transforms
from local_aws.tests.stages import processes_of

SOURCE = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}}


@pytest.mark.parametrize(
    "key", ["", "in/", "in/a.csv", "a?b=c", "a#1", "a%41+b", "deep//er", "tab\tline\nend"]
)
def test_split_uri_returns_any_key_unchanged(key):
    assert split_uri(f"s3://bucket/{key}") == ("bucket", key)


def test_files_without_records_are_finished_before_the_end_of_the_job():
    plan = read_plan({"TransformInput": SOURCE, "TransformOutput": {"S3OutputPath": "s3://b/o"}})
    sender, finished = Sender(Instance([]), plan, threading.Event()), list[int]()
    for number in range(100):
        sender.then(partial(finished.append, number))
        assert len(finished) >= number - 1
    sender.drain()
    sender.close()
    assert finished == [*range(100)]


def test_job_of_a_model_with_a_deleted_package_is_refused_and_not_recorded(account, transforms):
    client, group, model = account.sagemaker, unique("group"), unique("model")
    client.create_model_package_group(ModelPackageGroupName=group)
    container = account.packed_container("")
    package = client.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["text/plain"],
            "SupportedResponseMIMETypes": ["text/plain"],
        },
    )["ModelPackageArn"]
    client.create_model(
        ModelName=model,
        ExecutionRoleArn=account.role,
        PrimaryContainer={"ModelPackageName": package},
    )
    client.delete_model_package(ModelPackageName=package)
    request = transforms.request({"a.txt": b"1\n"}, ModelName=model)
    with pytest.raises(ClientError, match=r"ModelPackage .* does not exist"):
        client.create_transform_job(**request)
    with pytest.raises(ClientError, match="Could not find requested job with name"):
        client.describe_transform_job(TransformJobName=request["TransformJobName"])


@pytest.mark.slow
@pytest.mark.observes("batch-local-shutdown")
def test_stopping_the_local_aws_ends_the_processes_of_a_transform_job(tmp_path):
    log = tmp_path / "log.txt"
    with running_local_aws(log=log) as aws:
        transforms = Transforms(Account(aws))
        name = transforms.start(
            {f"{number}.txt": b"1\nsleep\n" * 5 for number in range(5)},
            BatchStrategy="SingleRecord",
            MaxConcurrentTransforms=3,
        )["TransformJobName"]
        client = transforms.account.sagemaker
        eventually(
            lambda: "TransformStartTime" in client.describe_transform_job(TransformJobName=name)
        )
        children = psutil.Process(aws.pid).children(recursive=True)
        assert processes_of(name) != []
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert processes_of(name) == []
    [line] = log.read_text().splitlines()
    assert line.endswith("it received SIGINT.")
