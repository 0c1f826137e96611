"""Two endpoints side by side in one local AWS: the recipe's pipeline, and the usual way's."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3

from benchmarks.usual_way import deployment
from inference_pipeline import predict, preprocess
from infra.local_aws.archives import extract
from newsgroup_classifier.datasets.catalogue import load_dataset
from scripts.local_aws import local_aws

RECIPE = "newsgroups-naive-bayes"
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@dataclass(frozen=True)
class Endpoints:
    """The names of both endpoints, how to call them, and the recipe's model in memory."""

    url: str
    ours: str
    usual: str
    transformers: Any
    classifier: predict.Classifier
    posts: list[str]
    groups: list[str]

    def client(self, service: str) -> Any:
        """Return a boto3 client of the local AWS."""
        return _client(self.url, service)

    def ask_ours(self, runtime: Any, post: str) -> str:
        """Return the label that the pipeline gives one post."""
        answer = runtime.invoke_endpoint(
            EndpointName=self.ours, Body=post.encode(), ContentType="text/plain"
        )
        found: str = json.load(answer["Body"])["predictions"][0]["label"]
        return found

    def ask_usual(self, runtime: Any, post: str) -> str:
        """Return the label that the usual way gives one post."""
        answer = runtime.invoke_endpoint(
            EndpointName=self.usual, Body=post.encode(), ContentType="text/csv"
        )
        found: str = answer["Body"].read().decode()
        return found


@contextmanager
def endpoints() -> Iterator[Endpoints]:
    """Train and deploy both in a local AWS of their own, which goes when the block ends."""
    dataset = load_dataset("20newsgroups")
    with local_aws() as url, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        setup = _script(url, "setup")
        for name in ("upload_data", "train", "deploy"):
            extra = ["--approve"] if name == "train" else []
            result = _script(url, name, "--recipe", RECIPE, *extra)
            if name == "train":
                model = result["model_artifacts"]
        ours = result["endpoint_name"]
        deployment.deploy(partial(_client, url), setup, Path(folder), dataset)
        transformers, classifier = _load(url, model, Path(folder))
        yield Endpoints(
            url=url,
            ours=ours,
            usual=deployment.NAME,
            transformers=transformers,
            classifier=classifier,
            posts=dataset.test["data"].tolist(),
            groups=dataset.test["label_names"].tolist(),
        )


def _script(url: str, name: str, *arguments: str) -> dict[str, Any]:
    env = {**os.environ, **_CREDENTIALS, "AWS_ENDPOINT_URL": url}
    command = [sys.executable, "-m", f"scripts.{name}", *arguments]
    finished = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def _client(url: str, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=_CREDENTIALS["AWS_DEFAULT_REGION"],
        aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def _load(url: str, uri: str, folder: Path) -> tuple[Any, predict.Classifier]:
    """Load the recipe's model from the job's archive, as the containers do."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    archive, inside = folder / "ours.tar.gz", folder / "ours"
    _client(url, "s3").download_file(bucket, key, str(archive))
    extract(archive, inside, uri)
    return preprocess.model_fn(str(inside)), predict.model_fn(str(inside))
