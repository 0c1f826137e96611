"""Untrained networks of the TensorFlow recipes, as artifacts, deployed by the scripts."""

import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from local_aws.testing import ROOT
from newsgroup_classifier import artifacts
from newsgroup_classifier.artifacts import Extras
from newsgroup_classifier.recipe import Sizes
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.text.encoders import Encoder, write_encoder
from scripts.account.naming import endpoint_name
from scripts.account.registry import package_call
from tests.scripts.processes import IMAGES, Scripts

TOLERANCE = 1e-6
Kind = tuple[str, str]
_SPREAD = 4.0  # what weights are multiplied by, so that an untrained network prefers some labels


@dataclass(frozen=True)
class InMemory:
    """A network, the encoder before it, and what its labels are called."""

    model: Any
    encoder: Encoder | None
    label_names: tuple[str, ...]

    def probabilities(self, rows: Sequence[str] | np.ndarray) -> np.ndarray:
        """Return the probabilities (n, labels) of n texts or images."""
        inputs = self.encoder.transform(rows) if self.encoder else {"pixels": np.float32(rows)}
        return np.asarray(self.model(inputs, training=False))


def untrained(recipe: str, label_names: tuple[str, ...], texts: Sequence[str] = ()) -> InMemory:
    """Build the recipe's network, with an encoder fitted on texts if it reads some."""
    found = RECIPES[recipe]
    values = found.defaults
    encoder = found.encoder(values).fit(texts) if found.encoder else None
    sizes = Sizes(encoder.size if encoder else 0, len(label_names), steps=1)
    model = found.network(values, sizes)
    random = np.random.default_rng(0)
    model.set_weights(
        [
            _SPREAD * (each + 0.01 * random.standard_normal(each.shape))
            for each in model.get_weights()
        ]
    )
    return InMemory(model, encoder, label_names)


def write_archive(recipe: str, network: InMemory, folder: Path) -> Path:
    """Write the network's artifact as a training job does, and pack it."""
    from newsgroup_classifier.export.saved_model import write_saved_model
    from newsgroup_classifier.training.vendored import vendored_packages

    artifact = folder / "model"
    artifact.mkdir()
    front = network.encoder if RECIPES[recipe].takes_strings else None
    write_saved_model(network.model, front, artifact / artifacts.SAVED_MODEL)
    about = {
        "recipe": recipe,
        "label_names": network.label_names,
        "hyperparameters": {},
        "metrics": {},
    }
    objects = {artifacts.VOCABULARY: write_encoder(network.encoder)} if network.encoder else {}
    extras = Extras(vendored_packages(RECIPES[recipe]), {})
    artifacts.save_artifact(artifact, objects, about, ROOT, extras)
    archive = folder / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(artifact.iterdir()):
            tar.add(path, path.name)
    return archive


@dataclass(frozen=True)
class Deployed:
    """An endpoint of a recipe, and the network that it serves."""

    scripts: Scripts
    endpoint: str
    network: InMemory
    package: str = field(default="", repr=False)

    def invoke(self, body: bytes, content_type: str, **more: str) -> Any:
        """Return the answer of invoke_endpoint."""
        client = self.scripts.client("sagemaker-runtime")
        return client.invoke_endpoint(
            EndpointName=self.endpoint, Body=body, ContentType=content_type, **more
        )


def register(scripts: Scripts, recipe: str, archive: Path, bucket: str) -> str:
    """Upload an archive and register it as an approved package; return its ARN."""
    key = f"jobs/{recipe}/untrained/model.tar.gz"
    scripts.client("s3").upload_file(str(archive), bucket, key)
    client = scripts.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName=recipe)
    call = package_call(RECIPES[recipe], IMAGES, f"s3://{bucket}/{key}", approved=True)
    return str(client.create_model_package(**call.parameters)["ModelPackageArn"])


def deploy(scripts: Scripts, recipe: str, target: str, network: InMemory) -> Deployed:
    """Deploy the recipe's newest package by the script."""
    result = scripts.run("deploy", "--recipe", recipe, "--target", target).result
    assert result["endpoint_name"] == endpoint_name(recipe, target)
    return Deployed(scripts, result["endpoint_name"], network, result["model_package_arn"])


@contextmanager
def deployed(
    scripts: Scripts, networks: Mapping[str, InMemory], folder: Path, kinds: Sequence[Kind]
) -> Iterator[list[Deployed]]:
    """Register networks by recipe and deploy each (recipe, target), all at once."""
    bucket = scripts.run("setup").result["bucket"]
    for recipe, network in networks.items():
        (folder / recipe).mkdir()
        register(scripts, recipe, write_archive(recipe, network, folder / recipe), bucket)
    with ThreadPoolExecutor() as pool:
        started = [
            pool.submit(deploy, scripts, recipe, target, networks[recipe])
            for recipe, target in kinds
        ]
        found = [future.result() for future in started]
    yield found
    for door in found:
        scripts.client("sagemaker").delete_endpoint(EndpointName=door.endpoint)


def check_answer(door: Deployed, rows: Sequence[str] | np.ndarray, answer: Any) -> None:
    """Assert that an answer has the labels and probabilities that the network gives in memory."""
    expected = door.network.probabilities(rows)
    predictions = json.loads(answer["Body"].read())["predictions"]
    assert len(predictions) == len(rows)
    for prediction, row in zip(predictions, expected, strict=True):
        assert prediction["label"] == door.network.label_names[row.argmax()]
        values = list(prediction["probabilities"].values())
        np.testing.assert_allclose(values, row, rtol=0, atol=TOLERANCE)
        assert prediction["probability"] == max(values)
