"""A local AWS with a data folder has the same resources, which answer alike, after a restart."""

import contextlib
import itertools
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.account import IMAGE, Account, eventually
from local_aws.tests.apigateway.http_apis import ECHO, Apis, api, function
from local_aws.tests.awslambda.functions import zipped_version
from local_aws.tests.cloudformation.stacks import Stacks, resource

DOUBLE = """
def model_fn(folder):
    return 2

def predict_fn(data, model):
    return data * model
"""
CONTENT = bytes(range(256)) * 5000


class Kept:
    """What a test creates before a restart, and looks at again after it."""

    def __init__(self, aws: LocalAws) -> None:
        self.account = Account(aws)
        self.functions = aws.client("lambda")
        self.stacks = Stacks(self.account)
        self.apis = Apis(self.account, self.stacks)

    def create(self) -> None:
        """Create the resources of each service."""
        s3, sagemaker = self.account.s3, self.account.sagemaker
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="a.bin", Body=CONTENT, Metadata={"colour": "red"})
        resources = {**function(ECHO), **api(), "Bucket": resource("AWS::S3::Bucket")}
        self.stacks.create(resources, StackName="kept")
        name = self.physical["Function"]
        version = self.functions.publish_version(FunctionName=name)["Version"]
        self.functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        zipped = zipped_version("new")
        self.functions.update_function_code(FunctionName=name, ZipFile=zipped)
        self.functions.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )
        container = self.account.packed_container(DOUBLE)
        config = self.account.create_config(container)
        sagemaker.create_endpoint(EndpointName="kept", EndpointConfigName=config)
        self.account.settled_endpoint("kept")
        config = self.account.create_config(container)
        sagemaker.update_endpoint(EndpointName="kept", EndpointConfigName=config)
        self.account.settled_endpoint("kept")
        sagemaker.create_model_package_group(ModelPackageGroupName="kept")
        sagemaker.create_model_package(
            ModelPackageGroupName="kept",
            InferenceSpecification={
                "Containers": [{"Image": IMAGE, "ModelDataUrl": container["ModelDataUrl"]}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )
        self.account.run_job("print('loss=0.5')", TrainingJobName="done")
        self.account.aws.client("ssm").put_parameter(Name="kept", Value="v", Type="SecureString")

    def is_training(self, job: str) -> bool:
        """Return whether a job runs its script."""
        described = self.account.sagemaker.describe_training_job(TrainingJobName=job)
        return bool(described["SecondaryStatus"] == "Training")

    def calls_of_config(self, start: datetime) -> float:
        """Return how many calls the metrics of the endpoint's configuration have since a moment."""
        described = self.account.sagemaker.describe_endpoint(EndpointName="kept")
        names = ("EndpointName", "EndpointConfigName")
        dimensions = {"VariantName": "AllTraffic"} | {name: described[name] for name in names}
        reply = self.account.aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Dimensions=[{"Name": name, "Value": dimensions[name]} for name in dimensions],
            StartTime=start,
            EndTime=start + timedelta(minutes=20),
            Period=1,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in reply["Datapoints"]))

    @property
    def physical(self) -> dict[str, str]:
        """The names of the resources of the stack."""
        return self.stacks.physical("kept")

    def seen(self) -> dict[str, Any]:
        """Return what the services describe and answer, which must not change."""
        aws, sagemaker = self.account.aws, self.account.sagemaker
        stored = self.account.s3.get_object(Bucket="kept", Key="a.bin")
        arn = sagemaker.list_model_packages(ModelPackageGroupName="kept")
        (package,) = arn["ModelPackageSummaryList"]
        stack = self.stacks.describe("kept")
        called, job = self.physical["Function"], "done"
        described = {
            "object": (stored["Body"].read(), stored["Metadata"], stored["ETag"]),
            "stack": (stack, self.physical),
            "package": sagemaker.describe_model_package(
                ModelPackageName=package["ModelPackageArn"]
            ),
            "job": sagemaker.describe_training_job(TrainingJobName=job),
            "log": self.account.job_log(job),
            "parameter": aws.client("ssm").get_parameter(Name="kept", WithDecryption=True),
            "function": self.functions.get_function_configuration(FunctionName=called),
            "calls": [self.call(called, qualifier) for qualifier in ("$LATEST", "live")],
            "api": self.apis.call(self.physical["Api"], "/path").status,
            "endpoint": self.predict(),
        }
        for name in ("package", "job", "parameter", "function"):
            described[name].pop("ResponseMetadata")
        return described

    def call(self, name: str, qualifier: str) -> bytes:
        """Return what a version of the function answers."""
        options = {"FunctionName": name, "Qualifier": qualifier, "Payload": b'{"a": 1}'}
        return bytes(self.functions.invoke(**options)["Payload"].read())

    def predict(self) -> bytes:
        """Return what the endpoint answers."""
        answer = self.account.runtime.invoke_endpoint(
            EndpointName="kept", Body=b"1,2", ContentType="text/csv", Accept="text/csv"
        )
        return bytes(answer["Body"].read())


@pytest.mark.slow
@pytest.mark.observes("data-folder")
def test_restarted_local_aws_has_the_same_resources_and_answers_the_same(tmp_path):
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    flags = ("--instance-cpus", "1", "--metric-period", "1", "--data-dir", str(tmp_path / "data"))
    with running_local_aws(*flags) as aws:
        first = Kept(aws)
        first.create()
        before = first.seen()
        job = first.account.start_job("import time; time.sleep(1000)", TrainingJobName="cut-off")
        eventually(lambda: first.is_training(job))
    with running_local_aws(*flags) as aws:
        second = Kept(aws)
        assert second.account.settled_endpoint("kept")["EndpointStatus"] == "InService"
        restarted = datetime.now(UTC)
        assert second.seen() == before
        assert eventually(lambda: second.calls_of_config(restarted) == 1)
        cut_off = second.account.sagemaker.describe_training_job(TrainingJobName="cut-off")
        assert cut_off["TrainingJobStatus"] == "Failed"
        assert cut_off["FailureReason"] == (
            "InternalServerError: The local AWS was stopped while this job was in progress."
        )
        second.stacks.delete("kept")
        assert second.account.sagemaker.list_endpoints()["Endpoints"]


@pytest.mark.slow
@pytest.mark.observes("data-folder")
def test_every_object_whose_upload_was_acknowledged_is_kept_when_the_end_comes_meanwhile(tmp_path):
    flags = ("--data-dir", str(tmp_path / "data"))
    stored: list[str] = []

    def store(s3: Any) -> None:
        with contextlib.suppress(ClientError, BotoCoreError):
            for number in itertools.count():
                s3.put_object(Bucket="kept", Key=f"{number:06}")
                stored.append(f"{number:06}")

    with running_local_aws(*flags) as aws:
        s3 = aws.client("s3", retries=0)
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="large", Body=bytes(100_000_000))  # storing takes a while
        storing = threading.Thread(target=store, args=[s3])
        storing.start()
        eventually(lambda: len(stored) > 50)
    storing.join()
    with running_local_aws(*flags) as aws:
        pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket="kept")
        keys = {item["Key"] for page in pages for item in page["Contents"]}
    assert keys >= {"large", *stored}
