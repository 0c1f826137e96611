"""Train again what a package was trained from: the same code, data, and hyperparameters."""

import argparse
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.hyperparameters import Hyperparameters, parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.lineage import read_lineage
from scripts.account.model_archives import location_of
from scripts.account.registry import recipe_package
from scripts.jobs.training_flags import SET_BY_LIKE
from scripts.jobs.training_plans import TrainingPlan

_REPLACED = ("preset", "folds", "data", "instance_type", "overrides")


@dataclass(frozen=True)
class Likeness:
    """The lineage of a package, and the sha256 of the code that trained its model."""

    arn: str
    lineage: Mapping[str, Any]
    code_sha256: str

    def hyperparameters(self, recipe: Recipe) -> Hyperparameters:
        """Return the hyperparameters of the model's training job."""
        return parse_hyperparameters(self.lineage["hyperparameters"], recipe.hyperparameters)

    def apply(self, aws: Aws, plan: TrainingPlan) -> TrainingPlan:
        """Return a plan with the code and the channels of the package.

        Raise DeploymentError if the code is no longer in the bucket.
        """
        uri = self.lineage["code_uri"]
        client = aws.client("s3")
        try:
            bundle = client.get_object(**location_of(uri))["Body"].read()
        except client.exceptions.NoSuchKey:
            bundle = b""
        found = hashlib.sha256(bundle).hexdigest() if bundle else "no object"
        if found != self.code_sha256:
            raise DeploymentError(
                f"{uri} is not the code that trained {self.arn}: expected sha256 "
                f"{self.code_sha256}, found {found}. Check out commit "
                f"{self.lineage['commit'] or '(unknown)'}, and train without --like"
            )
        channels = {
            name: address.removeprefix("s3://").partition("/")[2]
            for name, address in self.lineage["channels"].items()
        }
        return replace(
            plan,
            code_uri=uri,
            bundle=bundle,
            commit=self.lineage["commit"],
            image=self.lineage["image"],
            channel_keys=channels,
        )


def read_likeness(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> Likeness:
    """Return the likeness of the package of --like, and set the flags that it replaces.

    Raise DeploymentError if one of these was passed, or if the package does not record its job.
    """
    given = [f"--{name}" for name in _REPLACED if getattr(arguments, name)]
    if given:
        flags = ", ".join(given).replace("--overrides", "--set").replace("_", "-")
        raise DeploymentError(f"--like repeats the job of a package; it does not go with {flags}")
    package = recipe_package(aws, arguments.stack, recipe, arguments.like)
    lineage, properties = read_lineage(aws, package), package.get("CustomerMetadataProperties", {})
    if "code_uri" not in lineage:
        raise DeploymentError(
            f"{arguments.like} does not record its training job: it was registered by an earlier "
            "release, or trained elsewhere. Train a new model without --like"
        )
    for name in SET_BY_LIKE:
        setattr(arguments, name, lineage[name])
    return Likeness(arguments.like, lineage, properties.get("code-sha256", "none"))
