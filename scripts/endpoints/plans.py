"""Build the requests of a release, as pure functions of frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Call
from scripts.account.model_archives import ModelArchive
from scripts.account.naming import (
    DEFAULT_STACK,
    models_prefix,
    name_in_stack,
    recipe_tags,
    release_name,
)

_VARIANT = "AllTraffic"
PACKAGE_TAG = "model-package-arn"  # of a model
# What describes an endpoint config but does not belong to a request for a new one.
_UNTRIED = ("DataCaptureConfig", "AsyncInferenceConfig")  # of a live config, which a trial lacks
_DESCRIPTION = ("EndpointConfigName", "EndpointConfigArn", "CreationTime", "ResponseMetadata")


@dataclass(frozen=True)
class Live:
    """What an update keeps: the config, options of UpdateEndpoint, and the model's network."""

    config: Mapping[str, Any]
    options: Mapping[str, Any]
    network: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReleasePlan:
    """The parameters of a release: the containers of a model package, and their endpoint.

    `live` is the endpoint that the release updates. `trial_stamp` is that of the endpoint on which
    the model is tried before, "" for none. `log_days` None keeps the retention of the logs.
    """

    recipe: Recipe
    stamp: str
    package_arn: str
    archive: ModelArchive
    containers: Sequence[Mapping[str, Any]]
    endpoint_name: str
    instance_type: str
    instance_count: int
    bucket: str
    role_arn: str
    stack: str = DEFAULT_STACK
    live: Live | None = None
    trial_stamp: str = ""
    log_days: int | None = None

    @property
    def scope(self) -> str:
        """The name of the recipe in the stack, which names of resources begin with."""
        return name_in_stack(self.stack, self.recipe.scope)

    @property
    def name(self) -> str:
        """The name of the model and of the endpoint config."""
        return release_name(self.scope, self.stamp)

    @property
    def trial_name(self) -> str:
        """The name of the trial endpoint and of its config, which `delete` finds by its form."""
        return release_name(self.scope, self.trial_stamp)

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags of everything that the release creates."""
        return recipe_tags(self.stack, self.recipe)

    @property
    def model_object(self) -> dict[str, str]:
        """The bucket and key of the archive that the model loads."""
        return loaded_object(self.bucket, self.scope, self.name)


def loaded_object(bucket: str, scope: str, model: str) -> dict[str, str]:
    """Return the bucket and key of the archive that a model loads."""
    return {"Bucket": bucket, "Key": f"{models_prefix(scope, model)}model.tar.gz"}


def archive_call(plan: ReleasePlan) -> Call:
    """Return the call that copies the checked version of the archive to where the model loads it.

    A model names a key and no version, and the role of training jobs cannot write to this one.
    """
    parameters = {**plan.model_object, "CopySource": plan.archive.source}
    return Call("s3", "copy", parameters)  # in parts, since CopyObject is limited to 5 GB


def model_call(plan: ReleasePlan) -> Call:
    """Return the call that creates the model from its containers."""
    keys = ("ContainerHostname", "Image", "Environment")
    url = "s3://{Bucket}/{Key}".format(**plan.model_object)
    containers = [
        {key: container[key] for key in keys if key in container} | {"ModelDataUrl": url}
        for container in plan.containers
    ]
    parameters: dict[str, Any] = {
        "ModelName": plan.name,
        "ExecutionRoleArn": plan.role_arn,
        "Tags": [*plan.tags, {"Key": PACKAGE_TAG, "Value": plan.package_arn}],
        **(plan.live.network if plan.live else {}),
    }
    if len(containers) == 1:
        parameters["PrimaryContainer"] = containers[0]
    else:
        parameters["Containers"] = containers
        parameters["InferenceExecutionConfig"] = {"Mode": "Serial"}
    return Call("sagemaker", "create_model", parameters)


def config_call(plan: ReleasePlan) -> Call:
    """Return the call that creates the endpoint config, with what the live one has otherwise."""
    config = dict(plan.live.config) if plan.live else {}
    (variant,) = config.pop("ProductionVariants", [{"VariantName": _VARIANT}])
    variant = {"InitialVariantWeight": 1.0, **variant, "ModelName": plan.name}
    variant |= {"InstanceType": plan.instance_type, "InitialInstanceCount": plan.instance_count}
    parameters = {key: value for key, value in config.items() if key not in _DESCRIPTION}
    parameters |= {
        "EndpointConfigName": plan.name,
        "ProductionVariants": [variant],
        "Tags": plan.tags,
    }
    return Call("sagemaker", "create_endpoint_config", parameters)


def endpoint_call(plan: ReleasePlan) -> Call:
    """Return the call that creates the endpoint, or updates the live one to the new config."""
    names = {"EndpointName": plan.endpoint_name, "EndpointConfigName": plan.name}
    if plan.live:
        return Call("sagemaker", "update_endpoint", names | dict(plan.live.options))
    return Call("sagemaker", "create_endpoint", names | {"Tags": plan.tags})


def trial_calls(plan: ReleasePlan) -> list[Call]:
    """Return the calls that create the trial endpoint of a plan on one instance."""
    names = {"EndpointConfigName": plan.trial_name}
    config = config_call(replace(plan, instance_count=1)).parameters | names
    parameters = {key: value for key, value in config.items() if key not in _UNTRIED}
    endpoint = {"EndpointName": plan.trial_name, **names, "Tags": plan.tags}
    return [
        Call("sagemaker", "create_endpoint_config", parameters),
        Call("sagemaker", "create_endpoint", endpoint),
    ]
