"""Train again what a package was trained from: the same code, data, and hyperparameters."""

import argparse
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.hyperparameters import Hyperparameters, parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.lineage import read_lineage
from scripts.account.model_archives import location_of
from scripts.account.registry import recipe_package
from scripts.jobs.bundles import bundle_key
from scripts.jobs.channels import data_prefix, version_of
from scripts.jobs.data_versions import DataVersions
from scripts.jobs.training_flags import SET_BY_JOB, refuse_flags
from scripts.jobs.training_plans import TrainingPlan


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
        """Return a plan with the code and the channels of the package, in the plan's bucket.

        A promoted package names those of another environment. Raise DeploymentError if the code
        cannot be read there, or if the environment of the plan does not have the same data.
        """
        uri, bucket = self.lineage["code_uri"], plan.foundation.bucket
        unreadable = ("NoSuchKey", "NoSuchBucket", "AccessDenied")
        response = aws.make(Call("s3", "get_object", location_of(uri)), *unreadable)
        bundle = response["Body"].read() if response else b""
        actual = hashlib.sha256(bundle).hexdigest() if bundle else "no readable object"
        if actual != self.code_sha256:
            raise DeploymentError(
                f"{uri} is not the code that trained {self.arn}: expected sha256 "
                f"{self.code_sha256}, found {actual}. Check out commit "
                f"{self.lineage['commit'] or '(unknown)'}, and train without --like"
            )
        data = DataVersions(aws, plan.recipe, plan.stack, bucket)
        keys = self._channels(data, plan)
        return replace(
            plan,
            code_uri=f"s3://{bucket}/{bundle_key(bundle, plan.stack)}",
            bundle=bundle,
            commit=self.lineage["commit"],
            image=self.lineage["image"],
            channel_keys=keys,
            generated=data.is_generated(keys),
        )

    def _channels(self, data: DataVersions, plan: TrainingPlan) -> dict[str, str]:
        """Return the keys of the same channels in the environment of a plan."""
        keys = {
            name: data_prefix(plan.recipe, plan.stack) + "/".join(address.split("/")[-3:])
            for name, address in self.lineage["channels"].items()
        }
        missing = [name for name, key in keys.items() if data.head(key) is None]
        if missing:
            raise DeploymentError(
                f"{self.arn} was trained from version {version_of(keys)} of the data, whose "
                f"channels {', '.join(missing)} are missing under {data.uri}. Upload the same data "
                f"with: {data.upload_command}"
            )
        return keys


def read_likeness(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> Likeness:
    """Return the likeness of the package of --like, and set the flags that it replaces.

    Raise DeploymentError if one of these was passed, or if the package does not record its job.
    """
    refuse_flags(arguments, "--like repeats the job of a package")
    package = recipe_package(aws, arguments.stack, recipe, arguments.like)
    lineage, properties = read_lineage(aws, package), package.get("CustomerMetadataProperties", {})
    if "code_uri" not in lineage:
        raise DeploymentError(
            f"{arguments.like} does not record its training job: it was registered by an earlier "
            "release, or trained elsewhere. Train a new model without --like"
        )
    for name in SET_BY_JOB:
        setattr(arguments, name, lineage[name])
    return Likeness(arguments.like, lineage, properties.get("code-sha256", "none"))
