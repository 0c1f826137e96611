"""Transform jobs of tiny models, for tests."""

from collections.abc import Mapping
from typing import Any

from local_aws.tests.account import Account, eventually, unique

# Returns its request. A request with the word "refuse" or "fail" is refused or fails; "sleep"
# delays it for half a minute, "die" kills the container once, "who" returns its variables.
ECHO = """
import json
import os
import signal
import time
from pathlib import Path

import flask
from sagemaker_containers.beta.framework import worker


def model_fn(model_dir):
    return None


def input_fn(body, content_type):
    return body if isinstance(body, bytes) else body.encode()


def predict_fn(body, model):
    print("got", len(body), "bytes", flush=True)
    words = body.split()
    if b"refuse" in words:
        return worker.Response("asked to refuse", status=400, mimetype="text/plain")
    if b"fail" in words:
        return worker.Response("asked to fail", status=500, mimetype="text/plain")
    if b"sleep" in words:
        time.sleep(30)
    if b"die" in words and not Path("died").exists():
        Path("died").touch()
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    if b"who" in words:
        prefixes = ("SAGEMAKER_", "LOCAL_")
        variables = {name: value for name, value in os.environ.items() if name.startswith(prefixes)}
        headers = {"content_type": flask.request.headers.get("Content-Type"),
                   "accept": flask.request.headers.get("Accept")}
        return json.dumps({**variables, **headers}), "application/json"
    return body, flask.request.headers.get("Content-Type", "text/plain")


def output_fn(prediction, accept):
    return prediction
"""
# The same, with /execution-parameters.
ECHO_WITH_PARAMETERS = (
    ECHO
    + """

def execution_parameters_fn():
    options = {"MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2}
    return worker.Response(json.dumps(options), mimetype="application/json")
"""
)
GROUP = "/aws/sagemaker/TransformJobs"


class Transforms:
    """Transform jobs in an account, which use an echoing model by default."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._echo = ""

    @property
    def echo(self) -> str:
        """The name of a model that returns its requests."""
        self._echo = self._echo or self.model(ECHO)
        return self._echo

    def model(self, *scripts: str) -> str:
        """Create a model with a container for each script; return its name."""
        containers = [self.account.packed_container(script) for script in scripts]
        name = unique("model")
        self.account.sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=self.account.role, Containers=containers
        )
        return name

    def upload(self, files: Mapping[str, bytes]) -> str:
        """Upload files under a new prefix; return its address."""
        prefix = unique("input")
        for name, content in files.items():
            self.account.upload(f"{prefix}/{name}", content)
        return f"s3://{self.account.bucket}/{prefix}/"

    def request(self, files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
        """Return the request for a job on files that are split and assembled by line.

        `source`, `target`, and `resources` change members of those structures.
        """
        source: dict[str, Any] = {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self.upload(files)}},
            "ContentType": "text/plain",
            "SplitType": "Line",
        }
        target = {
            "S3OutputPath": f"s3://{self.account.bucket}/{unique('output')}/",
            "AssembleWith": "Line",
        }
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
        return {
            "TransformJobName": unique("transform"),
            "ModelName": changes.pop("ModelName", "") or self.echo,
            "TransformInput": source | changes.pop("source", {}),
            "TransformOutput": target | changes.pop("target", {}),
            "TransformResources": resources | changes.pop("resources", {}),
            "Environment": {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"},
        } | changes

    def start(self, files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
        """Start a job; return its request."""
        request = self.request(files, **changes)
        self.account.sagemaker.create_transform_job(**request)
        return request

    def run(self, files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
        """Run a job until it ends; return its description."""
        return self.finished(self.start(files, **changes)["TransformJobName"])

    def finished(self, name: str) -> dict[str, Any]:
        """Wait for the end of a job; return its description."""

        def check() -> Any:
            job = self.account.sagemaker.describe_transform_job(TransformJobName=name)
            return job if job["TransformJobStatus"] not in ("InProgress", "Stopping") else None

        return dict(eventually(check))

    def outputs(self, job: dict[str, Any]) -> dict[str, bytes]:
        """Return the outputs of a job by their path below the output prefix."""
        s3, bucket = self.account.s3, self.account.bucket
        root = job["TransformOutput"]["S3OutputPath"].removeprefix(f"s3://{bucket}/")
        objects = s3.list_objects_v2(Bucket=bucket, Prefix=root).get("Contents", [])
        gets = {key: s3.get_object(Bucket=bucket, Key=key) for key in (o["Key"] for o in objects)}
        return {key.removeprefix(root): get["Body"].read() for key, get in gets.items()}

    def _data_logs(self, job: dict[str, Any]) -> list[list[str]]:
        streams = [stream for stream in self.streams(job) if stream.endswith("/data-log")]
        return [self.account.log(GROUP, stream) for stream in streams]

    def data_log(self, job: dict[str, Any]) -> list[str]:
        """Return the lines of the data logs of a job, without their times."""
        lines = [line for log in self._data_logs(job) for line in log]
        return [text for line in lines if (text := line.partition(":[sagemaker logs]: ")[2])]

    def shares(self, job: dict[str, Any]) -> list[list[str]]:
        """Return the files of each instance, with the numbers of their records and requests."""
        return sorted(
            [line.rpartition("/")[2] for line in log if line.startswith("local AWS: ")]
            for log in self._data_logs(job)
        )

    def container_log(self, job: dict[str, Any]) -> list[str]:
        """Return the lines of the only container of a job."""
        (stream,) = [name for name in self.streams(job) if not name.endswith("/data-log")]
        return self.account.log(GROUP, stream)

    def streams(self, job: dict[str, Any]) -> list[str]:
        """Return the names of the log streams of a job."""
        streams = self.account.logs.describe_log_streams(
            logGroupName=GROUP, logStreamNamePrefix=f"{job['TransformJobName']}/"
        )["logStreams"]
        return [stream["logStreamName"] for stream in streams]
