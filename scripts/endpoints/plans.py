"""The requests that registering and releasing make, as pure functions of frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference_pipeline.content_types import IMAGE_TYPES, REQUEST_TYPES, RESPONSE_TYPES
from newsgroup_classifier.recipes.catalogue import Recipe, Stage
from scripts.account.aws import Call
from scripts.account.naming import recipe_tags, release_name

SERVING_DIRECTORY = "/opt/ml/model/serving"
_VARIANT = "AllTraffic"


def group_call(recipe: Recipe) -> Call:
    """Return the call that makes a recipe's model package group."""
    return Call(
        "sagemaker",
        "create_model_package_group",
        {
            "ModelPackageGroupName": recipe.name,
            "ModelPackageGroupDescription": recipe.summary,
            "Tags": recipe_tags(recipe.name),
        },
    )


def package_call(recipe: Recipe, images: Mapping[str, str], model_uri: str, approved: bool) -> Call:
    """Return the call that registers a model: every container of its endpoint, in order.

    `images` has the address of each image that a stage names.
    """
    content_types = IMAGE_TYPES if recipe.inputs == "images" else REQUEST_TYPES
    return Call(
        "sagemaker",
        "create_model_package",
        {
            "ModelPackageGroupName": recipe.name,
            "ModelPackageDescription": recipe.summary,
            "InferenceSpecification": {
                "Containers": [
                    _container(stage, images[stage.image], model_uri) for stage in recipe.stages
                ],
                "SupportedContentTypes": list(content_types),
                "SupportedResponseMIMETypes": list(RESPONSE_TYPES),
            },
            "ModelApprovalStatus": "Approved" if approved else "PendingManualApproval",
        },
    )


def _container(stage: Stage, image: str, model_uri: str) -> dict[str, Any]:
    container: dict[str, Any] = {
        "ContainerHostname": stage.name,
        "Image": image,
        "ModelDataUrl": model_uri,
    }
    if stage.program:  # TensorFlow Serving finds its handlers in the artifact
        container["Environment"] = {
            "SAGEMAKER_PROGRAM": stage.program,
            "SAGEMAKER_SUBMIT_DIRECTORY": SERVING_DIRECTORY,
        }
    return container


@dataclass(frozen=True)
class ReleasePlan:
    """What a release is made from: containers of a model package and where they go."""

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
    """Return the call that makes the model from its containers."""
    kept = ("ContainerHostname", "Image", "ModelDataUrl", "Environment")
    containers = [
        {name: container[name] for name in kept if name in container}
        for container in plan.containers
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
    """Return the call that makes the endpoint config."""
    variant = {
        "VariantName": _VARIANT,
        "ModelName": plan.name,
        "InstanceType": plan.instance_type,
        "InitialInstanceCount": plan.instance_count,
        "InitialVariantWeight": 1.0,
    }
    return Call(
        "sagemaker",
        "create_endpoint_config",
        {
            "EndpointConfigName": plan.name,
            "ProductionVariants": [variant],
            "Tags": recipe_tags(plan.recipe.name),
        },
    )


def endpoint_call(plan: ReleasePlan, exists: bool) -> Call:
    """Return the call that makes the endpoint, or moves an existing one to the new config."""
    parameters: dict[str, Any] = {
        "EndpointName": plan.endpoint_name,
        "EndpointConfigName": plan.name,
    }
    if exists:
        return Call("sagemaker", "update_endpoint", parameters)
    return Call(
        "sagemaker", "create_endpoint", parameters | {"Tags": recipe_tags(plan.recipe.name)}
    )
