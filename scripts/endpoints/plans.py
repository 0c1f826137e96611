"""Build the requests of a release, as pure functions of frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Call
from scripts.account.naming import DEFAULT_STACK, name_in_stack, recipe_tags, release_name

_VARIANT = "AllTraffic"
# What describes an endpoint config but does not belong to a request for a new one.
_DESCRIPTION = ("EndpointConfigName", "EndpointConfigArn", "CreationTime", "ResponseMetadata")


@dataclass(frozen=True)
class Live:
    """What an update keeps of an endpoint: its config, and the options of its update.

    `retains` are the properties that AWS takes from the endpoint instead of the config.
    """

    config: Mapping[str, Any]
    retains: Mapping[str, bool]


@dataclass(frozen=True)
class ReleasePlan:
    """The parameters of a release: the containers of a model package, and their endpoint.

    `instance_type` is "" for a serverless endpoint. `live` is the endpoint that the release
    updates.
    """

    recipe: Recipe
    stamp: str
    package_arn: str
    containers: Sequence[Mapping[str, Any]]
    endpoint_name: str
    instance_type: str
    instance_count: int
    role_arn: str
    stack: str = DEFAULT_STACK
    live: Live | None = None

    @property
    def scope(self) -> str:
        """The name of the recipe in the stack, which names of resources begin with."""
        return name_in_stack(self.stack, self.recipe.name)

    @property
    def name(self) -> str:
        """The name of the model and of the endpoint config."""
        return release_name(self.scope, self.stamp)

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags of everything that the release creates."""
        return recipe_tags(self.stack, self.recipe.name)


def model_call(plan: ReleasePlan) -> Call:
    """Return the call that creates the model from its containers."""
    keys = ("ContainerHostname", "Image", "ModelDataUrl", "Environment")
    containers = [
        {key: container[key] for key in keys if key in container} for container in plan.containers
    ]
    parameters: dict[str, Any] = {
        "ModelName": plan.name,
        "ExecutionRoleArn": plan.role_arn,
        "Tags": [*plan.tags, {"Key": "model-package-arn", "Value": plan.package_arn}],
    }
    if len(containers) == 1:
        parameters["PrimaryContainer"] = containers[0]
    else:
        parameters["Containers"] = containers
        parameters["InferenceExecutionConfig"] = {"Mode": "Serial"}
    return Call("sagemaker", "create_model", parameters)


def config_call(plan: ReleasePlan) -> Call:
    """Return the call that creates the endpoint config, with what the live one has otherwise."""
    kept = dict(plan.live.config) if plan.live else {}
    (variant,) = kept.pop("ProductionVariants", [{"VariantName": _VARIANT}])
    variant = {"InitialVariantWeight": 1.0, **variant, "ModelName": plan.name}
    if plan.instance_type:
        variant.pop("ServerlessConfig", None)
        variant["InstanceType"] = plan.instance_type
        variant["InitialInstanceCount"] = plan.instance_count
    parameters = {key: value for key, value in kept.items() if key not in _DESCRIPTION}
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
        return Call("sagemaker", "update_endpoint", names | dict(plan.live.retains))
    return Call("sagemaker", "create_endpoint", names | {"Tags": plan.tags})
