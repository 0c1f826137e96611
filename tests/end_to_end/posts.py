"""The test posts of a release, its model in memory, and requests to its endpoint."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from local_aws.sagemaker.containers.archives import extract
from newsgroup_classifier import artifacts
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release

TOLERANCE = 1e-6


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
        indexes = self.estimator.predict(self.preprocess.transform(texts))
        return [self.label_names[index] for index in indexes]

    def probabilities(self, texts: Sequence[str]) -> Any:
        """Return a row of probabilities, in the order of the label names, for each text."""
        return self.estimator.predict_proba(self.preprocess.transform(texts))


def read_test_posts(release: Release) -> list[Post]:
    """Return the posts of the uploaded test channel."""
    body = release.scripts.read_object(f"{release.upload_data['channels']['test']}test.csv")
    csv.field_size_limit(2**30)
    rows = csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""))
    return [Post(row["data"], row["label_names"]) for row in rows]


def unpack_model(scripts: Scripts, job: Mapping[str, Any], folder: Path) -> Path:
    """Unpack the model.tar.gz of a training job; return the folder with its files."""
    uri = job["model_artifacts"]
    archive = folder / "model.tar.gz"
    archive.write_bytes(scripts.read_object(uri))
    extract(archive, folder / "model", uri)  # tarfile's own filter came with Python 3.11.4
    return folder / "model"


def load_model(release: Release, folder: Path) -> InMemory:
    """Unpack the release's model.tar.gz and load the objects that its containers load."""
    folder = unpack_model(release.scripts, release.train, folder)
    manifest = artifacts.load_manifest(folder)
    return InMemory(
        artifacts.load_object(folder, manifest, artifacts.PREPROCESS),
        artifacts.load_object(folder, manifest, artifacts.MODEL),
        manifest.label_names,
    )


def invoke(release: Release, body: str | bytes, content_type: str, **more: Any) -> Any:
    """Invoke the endpoint of a release through boto3; return the whole response."""
    return release.scripts.client("sagemaker-runtime").invoke_endpoint(
        Body=body,
        ContentType=content_type,
        **{"EndpointName": release.deploy["endpoint_name"]} | more,
    )


def predictions(release: Release, body: str | bytes, content_type: str) -> list[dict[str, Any]]:
    """Return the predictions of a JSON response."""
    response = invoke(release, body, content_type, Accept="application/json")
    result: list[dict[str, Any]] = json.loads(response["Body"].read())["predictions"]
    return result


def check_predictions(predictions: Sequence[Mapping[str, Any]], inputs: Any, model: Any) -> None:
    """Assert that predictions have the model's labels exactly and its probabilities closely."""
    assert [prediction["label"] for prediction in predictions] == model.labels(inputs)
    for prediction in predictions:
        assert tuple(prediction["probabilities"]) == model.label_names
        assert prediction["probability"] == prediction["probabilities"][prediction["label"]]
    rows = [list(prediction["probabilities"].values()) for prediction in predictions]
    np.testing.assert_allclose(rows, model.probabilities(inputs), rtol=0, atol=TOLERANCE)
