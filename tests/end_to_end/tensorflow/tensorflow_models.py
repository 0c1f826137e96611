"""Untrained networks of the TensorFlow recipes, saved as artifacts and deployed."""

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
from tests.end_to_end.posts import check_predictions
from tests.scripts.processes import Scripts
from tests.scripts.releases import register_archive

Kind = tuple[str, str]
# Factor of the weights, with which an untrained network prefers some labels. With 4, the networks
# of images give an image alone and in a batch probabilities that differ by 2e-5.
_SPREAD = 1.5
_SEED = 9  # of the initial weights, which give different images different labels


@dataclass(frozen=True)
class Network:
    """A network, the encoder of its inputs, and the names of its labels."""

    model: Any
    encoder: Encoder | None
    label_names: tuple[str, ...]

    def labels(self, rows: Sequence[str] | np.ndarray) -> list[str]:
        """Return the label of each text or image."""
        return [self.label_names[row.argmax()] for row in self.probabilities(rows)]

    def probabilities(self, rows: Sequence[str] | np.ndarray) -> np.ndarray:
        """Return the probabilities (n, labels) of n texts or images."""
        inputs = self.encoder.transform(rows) if self.encoder else {"pixels": np.float32(rows)}
        return np.asarray(self.model(inputs, training=False))


def untrained(recipe: str, label_names: tuple[str, ...], texts: Sequence[str] = ()) -> Network:
    """Build the recipe's network, with an encoder fitted to the texts if it reads texts.

    The weights are the same in each process.
    """
    import keras

    keras.utils.set_random_seed(_SEED)
    source = RECIPES[recipe]
    values = source.defaults
    encoder = source.encoder(values).fit(texts) if source.encoder else None
    sizes = Sizes(encoder.size if encoder else 0, len(label_names), steps=1)
    model = source.network(values, sizes)
    random = np.random.default_rng(0)
    model.set_weights(
        [
            _SPREAD * (each + 0.01 * random.standard_normal(each.shape))
            for each in model.get_weights()
        ]
    )
    return Network(model, encoder, label_names)


def write_archive(recipe: str, network: Network, folder: Path) -> Path:
    """Write the network's artifact as a training job does, and pack it."""
    from newsgroup_classifier.export.saved_model import write_saved_model
    from newsgroup_classifier.training.vendored import vendored_packages

    artifact = folder / "model"
    artifact.mkdir()
    encoder = network.encoder if RECIPES[recipe].takes_strings else None
    write_saved_model(network.model, encoder, artifact / artifacts.SAVED_MODEL)
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
    network: Network
    package: str = field(default="", repr=False)

    def invoke(self, body: bytes, content_type: str, **more: str) -> Any:
        """Return the response of invoke_endpoint."""
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
    return register_archive(scripts, recipe, f"s3://{bucket}/{key}", approved=True)


def deploy(scripts: Scripts, recipe: str, target: str, network: Network) -> Deployed:
    """Deploy the newest package of a recipe."""
    result = scripts.run("deploy", "--recipe", recipe, "--target", target).result
    assert result["endpoint_name"] == endpoint_name(recipe, target)
    return Deployed(scripts, result["endpoint_name"], network, result["model_package_arn"])


@contextmanager
def deployed(
    scripts: Scripts, networks: Mapping[str, Network], folder: Path, kinds: Sequence[Kind]
) -> Iterator[list[Deployed]]:
    """Register a network per recipe, and deploy all pairs of recipe and target at once."""
    bucket = scripts.run("setup").result["bucket"]
    for recipe, network in networks.items():
        (folder / recipe).mkdir()
        register(scripts, recipe, write_archive(recipe, network, folder / recipe), bucket)
    with ThreadPoolExecutor() as pool:
        started = [
            pool.submit(deploy, scripts, recipe, target, networks[recipe])
            for recipe, target in kinds
        ]
        endpoints = [future.result() for future in started]
    yield endpoints
    for each in endpoints:
        scripts.client("sagemaker").delete_endpoint(EndpointName=each.endpoint)


def check_response(deployed: Deployed, rows: Sequence[str] | np.ndarray, response: Any) -> None:
    """Assert that a JSON response has the labels and probabilities of the network in memory."""
    predictions = json.loads(response["Body"].read())["predictions"]
    check_predictions(predictions, rows, deployed.network)
