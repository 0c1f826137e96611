"""Commands that run as processes, with a local AWS or without AWS."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3

from local_aws.testing import LocalAws
from scripts.account.command import module_of
from tests.scripts.forks import run_forked

RECIPE = "newsgroups-naive-bayes"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
SERVING_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.20-cpu-py312"
IMAGES = {"scikit-learn": IMAGE, "tensorflow-serving": SERVING_IMAGE}
SCRIPTS = (
    *("approve", "cost", "delete", "demo", "deploy", "evaluate", "invoke", "playground"),
    *("promote", "recipes"),
    *("register", "report", "rollback", "setup", "ship", "status", "train", "transform", "tune"),
    *("upload_data", "watch"),
)
_OWN = ("AWS_", "NEWSGROUP_CLASSIFIER_")


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON object that a successful command prints."""
        assert self.code == 0, self.stderr
        result: dict[str, Any] = json.loads(self.stdout)
        return result

    @property
    def error(self) -> str:
        """The last line of a failed command, which prints nothing to stdout."""
        *before, last = self.stderr.splitlines()
        assert self.code == 1, self.stderr
        assert self.stdout == ""
        assert not [line for line in before if "rror" in line or "Traceback" in line], self.stderr
        assert last.startswith("error: "), self.stderr
        return last.removeprefix("error: ")


def clean_environment() -> dict[str, str]:
    """Return the environment without the variables of AWS and of this project."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}


def offline() -> dict[str, str]:
    """Return variables that make every download fail, even with a network."""
    return {"https_proxy": "http://127.0.0.1:9", "DATASETS_DIR": ""}


def command(script: str, *arguments: str) -> list[str]:
    """Return the command line of a command."""
    return [sys.executable, "-m", module_of(script), *arguments]


def run(
    script: str, *arguments: str, environment: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command until it ends, with only these environment variables."""
    return run_forked(module_of(script), arguments, environment, stdin)


@dataclass(frozen=True)
class Scripts:
    """The commands in one region of a local AWS."""

    aws: LocalAws
    region: str
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the commands."""
        target = {"AWS_ENDPOINT_URL": self.aws.url, "AWS_DEFAULT_REGION": self.region}
        return clean_environment() | target | dict(self.variables)

    def run(self, script: str, *arguments: str, stdin: str = "", **variables: str) -> Ended:
        """Run a command for the recipe; variables are added to the environment."""
        alone = script in ("cost", "playground", "register", "setup", "ship", "status")
        named = alone or {"--recipe", "--pipeline"} & set(arguments)
        recipe = () if named else ("--recipe", RECIPE)
        environment = self.environment | variables
        ended = run_forked(module_of(script), (*recipe, *arguments), environment, stdin)
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def client(self, service: str) -> Any:
        """Return a boto3 client for the region."""
        return _client(self.aws.url, self.region, service)

    def training_log(self, prefix: str) -> list[str]:
        """Return the log lines of training jobs or their instances by a prefix of their names."""
        logs, group = self.client("logs"), {"logGroupName": "/aws/sagemaker/TrainingJobs"}
        try:
            streams = logs.describe_log_streams(**group, logStreamNamePrefix=prefix)["logStreams"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        names = [stream["logStreamName"] for stream in streams]
        pages = [logs.get_log_events(**group, logStreamName=n, startFromHead=True) for n in names]
        return [event["message"] for page in pages for event in page["events"]]

    def get_object(self, uri: str) -> dict[str, Any]:
        """Return the response of S3 for an object."""
        response: dict[str, Any] = self.client("s3").get_object(**_location(uri, "Key"))
        return response

    def read_object(self, uri: str) -> bytes:
        """Return the content of an object."""
        content: bytes = self.get_object(uri)["Body"].read()
        return content

    def put_object(self, uri: str, content: bytes | str) -> None:
        """Write an object."""
        self.client("s3").put_object(**_location(uri, "Key"), Body=content)

    def list_objects(self, uri: str) -> list[str]:
        """Return the addresses of all objects under a prefix."""
        location = _location(uri, "Prefix")
        page = self.client("s3").list_objects_v2(**location)
        return [f"s3://{location['Bucket']}/{item['Key']}" for item in page.get("Contents", [])]

    def read_objects(self, uri: str) -> dict[str, bytes]:
        """Return the content of all objects under a prefix by the rest of their keys."""
        return {each.removeprefix(uri): self.read_object(each) for each in self.list_objects(uri)}


def _location(uri: str, name: str) -> dict[str, str]:
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    return {"Bucket": bucket, name: key}


@cache
def _client(url: str, region: str, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
