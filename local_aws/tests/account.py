"""A bucket, a role, and shortcuts to train and deploy in the local AWS, for tests."""

import gzip
import io
import json
import tarfile
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.testing import LocalAws

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
VARIANT = "AllTraffic"
_POLLS = 600  # number of checks before a test gives up
_PAUSE = 0.2  # seconds between checks


def unique(prefix: str) -> str:
    """Return a name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Return a tar.gz of files that is the same each time, since test ids contain it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), mtime=0)


def eventually(check: Callable[[], Any]) -> Any:
    """Repeat a check until its result is true, and return the result."""
    for _ in range(_POLLS):
        result = check()
        if result:
            return result
        time.sleep(_PAUSE)
    raise AssertionError("the check never returned a true value")


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """Make a call that must be refused; return the code and the message."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


class Account:
    """What users of the local AWS have: clients, a bucket, and a role SageMaker may assume."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.s3 = aws.client("s3")
        self.iam = aws.client("iam")
        self.logs = aws.client("logs")
        self.sagemaker = aws.client("sagemaker")
        self.runtime = aws.client("sagemaker-runtime")
        self.bucket = unique("bucket")
        self.s3.create_bucket(Bucket=self.bucket)
        self.role = self.create_role("sagemaker.amazonaws.com")

    def create_role(self, service: str) -> str:
        """Create a role that a service may assume; return its ARN."""
        return self.create_role_of([{"Effect": "Allow", "Principal": {"Service": service}}])

    def create_role_of(self, statements: Any) -> str:
        """Create a role with trust statements about sts:AssumeRole; return its ARN."""
        several = isinstance(statements, list)
        whole = [item | {"Action": "sts:AssumeRole"} for item in statements] if several else None
        trust = {
            "Version": "2012-10-17",
            "Statement": whole or statements | {"Action": "sts:AssumeRole"},
        }
        name = unique("role")
        response = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        return str(response["Role"]["Arn"])

    def upload(self, key: str, body: str | bytes) -> str:
        """Store an object in the bucket; return its address."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def upload_bundle(self, files: Mapping[str, str | bytes]) -> str:
        """Upload a new sourcedir.tar.gz; return its address."""
        return self.upload(f"{unique('code')}/sourcedir.tar.gz", archive(files))

    def download(self, uri: str) -> tarfile.TarFile:
        """Open a tar.gz of the bucket."""
        key = uri.removeprefix(f"s3://{self.bucket}/")
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return tarfile.open(fileobj=io.BytesIO(body))

    def job_request(self, files: Mapping[str, str | bytes], **changes: Any) -> dict[str, Any]:
        """Return the request for a training job that runs the train.py among some files."""
        request = {
            "TrainingJobName": unique("job"),
            "RoleArn": self.role,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "HyperParameters": {
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": self.upload_bundle(files),
            },
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/out"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }
        return request | changes

    def start_job(self, script: str | Mapping[str, str], **changes: Any) -> str:
        """Start a training job with one script, or with several files; return its name."""
        files = {"train.py": script} if isinstance(script, str) else script
        request = self.job_request(files, **changes)
        self.sagemaker.create_training_job(**request)
        return str(request["TrainingJobName"])

    def finished_job(self, name: str) -> dict[str, Any]:
        """Wait for the end of a job; return its description."""

        def check() -> Any:
            job = self.sagemaker.describe_training_job(TrainingJobName=name)
            return job if job["TrainingJobStatus"] not in ("InProgress", "Stopping") else None

        return dict(eventually(check))

    def run_job(
        self, script: str | Mapping[str, str], status: str = "Completed", **changes: Any
    ) -> dict[str, Any]:
        """Run a training job, which must end with a status; return its description."""
        job = self.finished_job(self.start_job(script, **changes))
        assert job["TrainingJobStatus"] == status, job.get("FailureReason")
        return job

    def outputs(self, job: dict[str, Any], archive: str = "model") -> list[str]:
        """Return the names in the archive `model` or `output` of a training job."""
        uri = job["ModelArtifacts"]["S3ModelArtifacts"]
        with self.download(uri.replace("model.tar", f"{archive}.tar")) as tar:
            return tar.getnames()

    def job_log(self, name: str) -> list[str]:
        """Return the lines that a job logged."""
        return self.log("/aws/sagemaker/TrainingJobs", f"{name}/algo-1-")

    def log(self, group: str, stream_prefix: str) -> list[str]:
        """Return the lines of the log streams with a prefix, [] before the group exists."""
        try:
            streams = self.logs.describe_log_streams(
                logGroupName=group, logStreamNamePrefix=stream_prefix
            )["logStreams"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        lines = []
        for stream in streams:
            events = self.logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
            lines += [event["message"] for event in events]
        return lines

    def packed_container(self, script: str) -> dict[str, Any]:
        """Return a container whose model archive contains code/serve.py."""
        data = archive({"code/serve.py": script})
        return {
            "Image": IMAGE,
            "ModelDataUrl": self.upload(f"{unique('model')}/model.tar.gz", data),
            "Environment": {
                "SAGEMAKER_PROGRAM": "serve.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            },
        }

    def create_config(self, *containers: dict[str, Any]) -> str:
        """Create a model with containers and an endpoint configuration; return its name."""
        name = unique("config")
        members = (
            {"PrimaryContainer": containers[0]}
            if len(containers) == 1
            else {"Containers": list(containers)}
        )
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=self.role, **members)
        variant = {
            "VariantName": VARIANT,
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    def start_endpoint(self, *containers: dict[str, Any]) -> str:
        """Start an endpoint with a chain of containers; return its name."""
        name = unique("endpoint")
        config = self.create_config(*containers)
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return name

    def settled_endpoint(self, name: str) -> dict[str, Any]:
        """Wait until an endpoint no longer changes; return its description."""

        def check() -> Any:
            endpoint = self.sagemaker.describe_endpoint(EndpointName=name)
            status = endpoint["EndpointStatus"]
            return None if status.endswith("ing") or status == "RollingBack" else endpoint

        return dict(eventually(check))

    def deploy(self, *containers: dict[str, Any]) -> str:
        """Deploy containers; return the name of the endpoint when it is in service."""
        name = self.start_endpoint(*containers)
        endpoint = self.settled_endpoint(name)
        assert endpoint["EndpointStatus"] == "InService", endpoint["FailureReason"]
        return name

    def failure_of(self, *containers: dict[str, Any]) -> str:
        """Deploy containers that must fail; return the reason."""
        name = self.start_endpoint(*containers)
        endpoint = self.settled_endpoint(name)
        assert endpoint["EndpointStatus"] == "Failed"
        self.delete_endpoint(name)
        return str(endpoint["FailureReason"])

    def delete_endpoint(self, name: str, wait: bool = False) -> None:
        """Delete an endpoint, and optionally wait until it is gone."""
        self.sagemaker.delete_endpoint(EndpointName=name)
        if wait:
            eventually(lambda: not self.sagemaker.list_endpoints(NameContains=name)["Endpoints"])
