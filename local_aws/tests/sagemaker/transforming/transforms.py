"""Run transform jobs of tiny models, for tests: start one, wait for it, read what it left."""

from collections.abc import Mapping
from typing import Any

from local_aws.tests.account import Account, eventually, unique

# Answers what it was sent. A request that has the word "refuse" or "fail" is refused or fails;
# "sleep" holds it for half a minute, "die" kills the container once, "who" tells its variables.
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
        fronts = ("SAGEMAKER_", "LOCAL_")
        told = {name: value for name, value in os.environ.items() if name.startswith(fronts)}
        headers = {"content_type": flask.request.headers.get("Content-Type"),
                   "accept": flask.request.headers.get("Accept")}
        return json.dumps({**told, **headers}), "application/json"
    return body, flask.request.headers.get("Content-Type", "text/plain")


def output_fn(prediction, accept):
    return prediction
"""
# The same, and it says what it wants to be sent.
TELLING = (
    ECHO
    + """

def execution_parameters_fn():
    told = {"MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2}
    return worker.Response(json.dumps(told), mimetype="application/json")
"""
)
GROUP = "/aws/sagemaker/TransformJobs"


class Transforms:
    """Transform jobs in an account, with one echoing model unless a test brings its own."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._echo = ""

    @property
    def echo(self) -> str:
        """The name of a model that answers what it is sent."""
        self._echo = self._echo or self.model(ECHO)
        return self._echo

    def model(self, *scripts: str) -> str:
        """Make a model of a container for each script; return its name."""
        containers = [self.account.packed_container(script) for script in scripts]
        given = {"PrimaryContainer": containers[0]}
        if len(containers) > 1:
            given = {"Containers": containers}
        name = unique("model")
        self.account.sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=self.account.role, **given
        )
        return name

    def upload(self, files: Mapping[str, bytes]) -> str:
        """Put files under a prefix of their own; return its address."""
        prefix = unique("input")
        for name, content in files.items():
            self.account.upload(f"{prefix}/{name}", content)
        return f"s3://{self.account.bucket}/{prefix}/"

    def request(self, files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
        """Return the request of a job on some files, split and put together by lines.

        `source`, `target` and `resources` change members of those structures.
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
        """Run a job to its end; return its description."""
        return self.finished(self.start(files, **changes)["TransformJobName"])

    def finished(self, name: str) -> dict[str, Any]:
        """Wait for the end of a job; return its description."""

        def look() -> Any:
            job = self.account.sagemaker.describe_transform_job(TransformJobName=name)
            return job if job["TransformJobStatus"] not in ("InProgress", "Stopping") else None

        return dict(eventually(look))

    def outputs(self, job: dict[str, Any]) -> dict[str, bytes]:
        """Return what a job wrote, by the path below its output prefix."""
        s3, bucket = self.account.s3, self.account.bucket
        root = job["TransformOutput"]["S3OutputPath"].removeprefix(f"s3://{bucket}/")
        found = s3.list_objects_v2(Bucket=bucket, Prefix=root).get("Contents", [])
        return {
            item["Key"].removeprefix(root): s3.get_object(Bucket=bucket, Key=item["Key"])[
                "Body"
            ].read()
            for item in found
        }

    def data_log(self, job: dict[str, Any]) -> list[str]:
        """Return the lines of the data logs of a job, without their times."""
        lines = []
        for stream in self.streams(job):
            if stream.endswith("/data-log"):
                lines += self.account.log(GROUP, stream)
        return [text for line in lines if (text := line.partition(":[sagemaker logs]: ")[2])]

    def shares(self, job: dict[str, Any]) -> list[list[str]]:
        """Return the names of the files that each instance did, and how, by its data log."""
        logs = [
            self.account.log(GROUP, stream)
            for stream in self.streams(job)
            if stream.endswith("/data-log")
        ]
        mark = "local AWS: "
        return sorted(
            [line.rpartition("/")[2] for line in lines if line.startswith(mark)] for lines in logs
        )

    def data_log_exists(self, name: str) -> bool:
        """Tell whether the files of a job are being sent already."""
        job = self.account.sagemaker.describe_transform_job(TransformJobName=name)
        return "TransformStartTime" in job

    def streams(self, job: dict[str, Any]) -> list[str]:
        """Return the names of the log streams of a job."""
        found = self.account.logs.describe_log_streams(
            logGroupName=GROUP, logStreamNamePrefix=f"{job['TransformJobName']}/"
        )["logStreams"]
        return [stream["logStreamName"] for stream in found]
