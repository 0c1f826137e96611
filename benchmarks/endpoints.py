"""Two endpoints side by side in one local AWS: the recipe's pipeline, and the usual way's."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.usual_way import deployment
from inference_pipeline import predict, preprocess
from infra.local_aws.archives import extract
from newsgroup_classifier.datasets.catalogue import load_dataset
from scripts.aws import Aws
from scripts.local_aws import local_aws

RECIPE = "newsgroups-naive-bayes"


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
        return _client(service)

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
        os.environ["AWS_ENDPOINT_URL"] = url
        setup = _script("setup")
        _script("upload_data", "--recipe", RECIPE)
        trained = _script("train", "--recipe", RECIPE, "--approve")
        deployed = _script("deploy", "--recipe", RECIPE)
        deployment.deploy(_client, setup, Path(folder), dataset)
        transformers, classifier = _load(trained["model_artifacts"], Path(folder))
        yield Endpoints(
            url=url,
            ours=deployed["endpoint_name"],
            usual=deployment.NAME,
            transformers=transformers,
            classifier=classifier,
            posts=dataset.test["data"].tolist(),
            groups=dataset.test["label_names"].tolist(),
        )


def _script(name: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"scripts.{name}", *arguments]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def _client(service: str) -> Any:
    """Return a new client: those that work at once share no connections."""
    return Aws().client(service)


def _load(uri: str, folder: Path) -> tuple[Any, predict.Classifier]:
    """Load the recipe's model from the job's archive, as the containers do."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    archive, inside = folder / "ours.tar.gz", folder / "ours"
    _client("s3").download_file(bucket, key, str(archive))
    extract(archive, inside, uri)
    return preprocess.model_fn(str(inside)), predict.model_fn(str(inside))
