"""Releases made by the commands, once per session, each in its own region."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from local_aws.testing import REGION, LocalAws
from local_aws.tests.account import VARIANT
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import DEFAULT_STACK, stack_tags
from scripts.account.registry import package_call
from tests.data_source import SAMPLE, DataSource
from tests.scripts.processes import IMAGES, RECIPE, Scripts

SMALL_REGION = "eu-central-1"


@dataclass(frozen=True)
class Release:
    """The output of each command of a release, and what `train` printed to stderr."""

    scripts: Scripts
    setup: dict[str, Any]
    upload_data: dict[str, Any]
    train: dict[str, Any]
    deploy: dict[str, Any]
    train_stderr: str = ""

    def channel_key(self, name: str) -> str:
        """Return the key of the file of a text channel."""
        return f"{self.upload_data['channels'][name].split('/', 3)[3]}{name}.csv"

    @property
    def training_job(self) -> dict[str, Any]:
        """The description of the training job."""
        name = self.train["training_job_name"]
        job = self.scripts.client("sagemaker").describe_training_job(TrainingJobName=name)
        return dict(job)


def create_config(scripts: Scripts, model_name: str, name: str) -> None:
    """Create an endpoint configuration with one instance of a model."""
    variant = {
        "VariantName": VARIANT,
        "ModelName": model_name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client = scripts.client("sagemaker")
    client.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], Tags=stack_tags(DEFAULT_STACK)
    )


def create_model(release: Release, name: str, uri: str = "") -> None:
    """Create a model with the release's containers, and a configuration of the same name.

    The containers load the release's archive or the one at `uri`.
    """
    client = release.scripts.client("sagemaker")
    model = client.describe_model(ModelName=release.deploy["model_name"])
    client.create_model(
        ModelName=name,
        ExecutionRoleArn=model["ExecutionRoleArn"],
        Tags=stack_tags(DEFAULT_STACK),
        Containers=[
            item | {"ModelDataUrl": uri or item["ModelDataUrl"]} for item in model["Containers"]
        ],
    )
    create_config(release.scripts, name, name)


def register_archive(
    scripts: Scripts,
    recipe: str,
    uri: str,
    approved: bool,
    properties: Mapping[str, str] | None = None,
) -> str:
    """Register an archive with its sha256 and version, as `train` does; return the package."""
    stored = scripts.get_object(uri)
    properties = {
        **(properties or {}),
        "model-sha256": hashlib.sha256(stored["Body"].read()).hexdigest(),
        "model-version-id": stored["VersionId"],
    }
    call = package_call(RECIPES[recipe], IMAGES, uri, approved)
    request = call.parameters | {"CustomerMetadataProperties": properties}
    response = scripts.client("sagemaker").create_model_package(**request)
    return str(response["ModelPackageArn"])


def make_release(
    scripts: Scripts,
    *data: str,
    recipe: str = RECIPE,
    train: Sequence[str] = (),
    deploy: Sequence[str] = (),
) -> Release:
    """Set up, upload, train, approve and deploy; the arguments are flags of the commands."""
    named = ("--recipe", recipe)
    setup = scripts.run("setup").result
    uploaded = scripts.run("upload_data", *named, *data).result
    trained = scripts.run("train", *named, *train, "--approve")
    model = trained.result
    deployed = scripts.run("deploy", *named, *deploy).result
    return Release(scripts, setup, uploaded, model, deployed, trained.stderr)


@cache
def small_release(aws: LocalAws) -> Release:
    """Return a release of the generated sample."""
    return make_release(Scripts(aws, SMALL_REGION), *SAMPLE)


@cache
def full_release(aws: LocalAws, data_source: DataSource) -> Release:
    """Return a release of the real data of DATASETS_DIR, or of the generated sample without it."""
    return make_release(Scripts(aws, REGION), *data_source.upload_flags)
