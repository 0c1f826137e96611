"""Complete releases, made by the commands once per session, each in its own region."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from local_aws.testing import REGION, LocalAws
from local_aws.tests.account import VARIANT
from tests.data_source import DataSource
from tests.scripts.processes import Scripts

SMALL_REGION = "eu-central-1"


@dataclass(frozen=True)
class Release:
    """The output of each command of a release."""

    scripts: Scripts
    setup: dict[str, Any]
    upload_data: dict[str, Any]
    train: dict[str, Any]
    deploy: dict[str, Any]


def create_config(release: Release, uri: str, name: str) -> None:
    """Create a model of the release's containers over another archive, and its configuration."""
    client = release.scripts.client("sagemaker")
    model = client.describe_model(ModelName=release.deploy["model_name"])
    client.create_model(
        ModelName=name,
        ExecutionRoleArn=model["ExecutionRoleArn"],
        Containers=[item | {"ModelDataUrl": uri} for item in model["Containers"]],
    )
    variant = {
        "VariantName": VARIANT,
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])


def make_release(scripts: Scripts, *data: str) -> Release:
    """Set up, upload, train, approve and deploy."""
    return Release(
        scripts=scripts,
        setup=scripts.run("setup").result,
        upload_data=scripts.run("upload_data", *data).result,
        train=scripts.run("train", "--approve").result,
        deploy=scripts.run("deploy").result,
    )


@cache
def small_release(aws: LocalAws) -> Release:
    """Return a release of the generated sample."""
    return make_release(Scripts(aws, SMALL_REGION), "--generated-sample")


@cache
def full_release(aws: LocalAws, data_source: DataSource) -> Release:
    """Return a release of the real data of DATASETS_DIR, or of the generated sample without it."""
    return make_release(Scripts(aws, REGION), *data_source.upload_flags)
