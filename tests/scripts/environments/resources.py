"""Resources of an account in memory, and the errors of AWS about them."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import OWN_ROLE, name_in_stack

Parameters = dict[str, Any]
# The kinds of resources by the ending of an operation, with the members for the name and the ARN.
KINDS = {
    "model": ("ModelName", "ModelArn"),
    "endpoint_config": ("EndpointConfigName", "EndpointConfigArn"),
    "endpoint": ("EndpointName", "EndpointArn"),
    "model_package_group": ("ModelPackageGroupName", "ModelPackageGroupArn"),
    "model_package": ("ModelPackageName", "ModelPackageArn"),
    "stack": ("StackName", "StackId"),
    "object": ("Key", "ETag"),
    "hyper_parameter_tuning_job": ("HyperParameterTuningJobName", "HyperParameterTuningJobArn"),
}


class AlreadyExists(ClientError):
    """The error of a stack whose name is taken."""


def refusal(operation: str, message: str, kind: type[ClientError] = ClientError) -> ClientError:
    """Return the error of a request that AWS refuses."""
    error = {"Error": {"Code": "ValidationException", "Message": message}}
    return kind(error | {"ResponseMetadata": {"HTTPStatusCode": 400}}, operation)


def outputs_of(stack: str) -> list[Parameters]:
    """Return the outputs of a foundation and of a function, which every stack has here."""
    names = ["BucketName", "RoleArn", "TransformRoleArn", "FunctionName", "FunctionAlias", "ApiUrl"]
    scopes = [name_in_stack(stack, recipe) for recipe in (*RECIPES, OWN_ROLE)]
    names += [f"JobsRoleArn{scope.replace('-', '')}" for scope in scopes]
    return [{"OutputKey": name, "OutputValue": f"{stack}-{name}"} for name in names]


@dataclass
class Resource:
    """A resource, with the run and the stack that created it."""

    kind: str
    name: str
    run: int
    stack: str
    members: Parameters


@dataclass
class Change:
    """An update or deletion of a resource by a run of a command on a stack."""

    operation: str
    run: int
    stack: str
    resource: Resource
    status: str  # of a stack before the change
    in_use: bool  # whether an endpoint has the config
