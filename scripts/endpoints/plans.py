"""Build the requests of a release, as pure functions of frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Call
from scripts.account.naming import recipe_tags, release_name

_VARIANT = "AllTraffic"


@dataclass(frozen=True)
class ReleasePlan:
    """The parameters of a release: the containers of a model package, and their endpoint."""

    recipe: Recipe
    stamp: str
    package_arn: str
    containers: Sequence[Mapping[str, Any]]
    endpoint_name: str
    instance_type: str
    instance_count: int
    role_arn: str

    @property
    def name(self) -> str:
        """The name of the model and of the endpoint config."""
        return release_name(self.recipe.name, self.stamp)


def model_call(plan: ReleasePlan) -> Call:
    """Return the call that creates the model from its containers."""
    keys = ("ContainerHostname", "Image", "ModelDataUrl", "Environment")
    containers = [
        {key: container[key] for key in keys if key in container} for container in plan.containers
    ]
    parameters: dict[str, Any] = {
        "ModelName": plan.name,
        "ExecutionRoleArn": plan.role_arn,
        "Tags": [
            *recipe_tags(plan.recipe.name),
            {"Key": "model-package-arn", "Value": plan.package_arn},
        ],
    }
    if len(containers) == 1:
        parameters["PrimaryContainer"] = containers[0]
    else:
        parameters["Containers"] = containers
        parameters["InferenceExecutionConfig"] = {"Mode": "Serial"}
    return Call("sagemaker", "create_model", parameters)


def config_call(plan: ReleasePlan) -> Call:
    """Return the call that creates the endpoint config."""
    variant = {
        "VariantName": _VARIANT,
        "ModelName": plan.name,
        "InstanceType": plan.instance_type,
        "InitialInstanceCount": plan.instance_count,
        "InitialVariantWeight": 1.0,
    }
    parameters = {
        "EndpointConfigName": plan.name,
        "ProductionVariants": [variant],
        "Tags": recipe_tags(plan.recipe.name),
    }
    return Call("sagemaker", "create_endpoint_config", parameters)


def endpoint_call(plan: ReleasePlan, exists: bool) -> Call:
    """Return the call that creates the endpoint, or updates an existing one to the new config."""
    names = {"EndpointName": plan.endpoint_name, "EndpointConfigName": plan.name}
    if exists:
        return Call("sagemaker", "update_endpoint", names)
    return Call("sagemaker", "create_endpoint", names | {"Tags": recipe_tags(plan.recipe.name)})
