"""The test posts of a release, its model in memory, and requests to its endpoint."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.sagemaker.containers.archives import extract
from newsgroup_classifier import artifacts
from tests.scripts.releases import Release


@dataclass(frozen=True)
class Post:
    """A raw post and the group it was posted to."""

    text: str
    group: str


@dataclass(frozen=True)
class InMemory:
    """A trained model without any serving around it."""

    preprocess: Any
    estimator: Any
    label_names: tuple[str, ...]

    def labels(self, texts: Sequence[str]) -> list[str]:
        """Return the label of each text."""
        found = self.estimator.predict(self.preprocess.transform(texts))
        return [self.label_names[label] for label in found]

    def probabilities(self, texts: Sequence[str]) -> Any:
        """Return a row of probabilities, in the order of the label names, for each text."""
        return self.estimator.predict_proba(self.preprocess.transform(texts))


def read_object(release: Release, uri: str) -> bytes:
    """Return an object by its address."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    answer = release.scripts.client("s3").get_object(Bucket=bucket, Key=key)
    body: bytes = answer["Body"].read()
    return body


def read_test_posts(release: Release) -> list[Post]:
    """Return the posts of the uploaded test channel."""
    body = read_object(release, f"{release.upload_data['channels']['test']}test.csv")
    csv.field_size_limit(2**30)
    rows = csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""))
    return [Post(row["data"], row["label_names"]) for row in rows]


def load_model(release: Release, folder: Path) -> InMemory:
    """Unpack the job's model.tar.gz and load what the stages load."""
    uri = release.train["model_artifacts"]
    archive = folder / "model.tar.gz"
    archive.write_bytes(read_object(release, uri))
    extract(archive, folder / "model", uri)  # tarfile's own filter came with Python 3.11.4
    folder = folder / "model"
    manifest = artifacts.load_manifest(folder)
    return InMemory(
        artifacts.load_object(folder, manifest, artifacts.PREPROCESS),
        artifacts.load_object(folder, manifest, artifacts.MODEL),
        manifest.label_names,
    )


def invoke(release: Release, body: str | bytes, content_type: str, **more: Any) -> Any:
    """Invoke the endpoint of a release through boto3; return the whole answer."""
    return release.scripts.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=release.deploy["endpoint_name"],
        Body=body,
        ContentType=content_type,
        **more,
    )


def predictions(release: Release, body: str | bytes, content_type: str) -> list[dict[str, Any]]:
    """Return the predictions of an answer in JSON."""
    answer = invoke(release, body, content_type, Accept="application/json")
    found: list[dict[str, Any]] = json.loads(answer["Body"].read())["predictions"]
    return found
