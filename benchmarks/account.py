"""What the measurements share: run a command, create a client, train in a local AWS."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.sagemaker.containers.archives import extract
from scripts.account.aws import Aws
from scripts.account.local_aws import local_aws


def run_module(name: str, *arguments: str) -> dict[str, Any]:
    """Run a module in its own process; return the JSON object that it prints."""
    command = [sys.executable, "-m", name, *arguments]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def script(name: str, *arguments: str) -> dict[str, Any]:
    """Run a command of the project; return its JSON object."""
    return run_module(f"scripts.{name}", *arguments)


def client(service: str) -> Any:
    """Return a new client of the local AWS; concurrent clients must not share connections."""
    return Aws().client(service)


def invoke(runtime: Any, endpoint: str, body: bytes, content_type: str = "text/plain") -> bytes:
    """Return the response of an endpoint."""
    response = runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType=content_type)
    return bytes(response["Body"].read())


@dataclass(frozen=True)
class Trained:
    """A local AWS with an approved model of a recipe, and a folder for files."""

    url: str
    recipe: str
    bucket: str
    role_arn: str
    model_uri: str
    folder: Path

    def deploy(self, *flags: str) -> dict[str, Any]:
        """Deploy the model; return the result of the command."""
        return script("deploy", "--recipe", self.recipe, *flags)

    def unpack_model(self) -> Path:
        """Unpack the archive of the training job as the containers do; return the model folder."""
        bucket, key = self.model_uri.removeprefix("s3://").split("/", 1)
        archive, inside = self.folder / "ours.tar.gz", self.folder / "ours"
        client("s3").download_file(bucket, key, str(archive))
        extract(archive, inside, self.model_uri)
        return inside

    def upload(self, path: Path, key: str) -> str:
        """Upload a file; return its address."""
        client("s3").upload_file(str(path), self.bucket, key)
        return f"s3://{self.bucket}/{key}"

    def deploy_containers(self, name: str, containers: Sequence[dict[str, Any]]) -> None:
        """Deploy containers to an endpoint, and wait until it is in service."""
        sagemaker = client("sagemaker")
        sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=self.role_arn, Containers=containers
        )
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        waiting = {"Delay": 1, "MaxAttempts": 120}
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=waiting)


@contextmanager
def trained(recipe: str, *flags: str) -> Iterator[Trained]:
    """Train a recipe in a local AWS of its own, which stops when the block ends."""
    with local_aws() as url, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        os.environ["AWS_ENDPOINT_URL"] = url
        setup = script("setup")
        script("upload_data", "--recipe", recipe)
        model = script("train", "--recipe", recipe, "--approve", *flags)["model_artifacts"]
        yield Trained(url, recipe, setup["bucket"], setup["role_arn"], model, Path(folder))
