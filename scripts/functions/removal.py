"""Find the stack of a release to Lambda, and its objects that no other release needs."""

from dataclasses import dataclass

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws
from scripts.account.naming import (
    LAMBDA_API_PREFIX,
    LAMBDA_CODE_PREFIX,
    lambda_models_prefix,
    lambda_stack_name,
)
from scripts.account.stacks import find_stack


@dataclass(frozen=True)
class FunctionStack:
    """The stack of a function and its API, and the bucket with its objects."""

    name: str
    bucket: str


def function_stack(aws: Aws, foundation: str, recipe: Recipe) -> FunctionStack | None:
    """Return a recipe's stack or None; raise DeploymentError if the name belongs to another one."""
    if not recipe.served_by_lambda:
        return None
    name = lambda_stack_name(foundation, recipe.name)
    stack = find_stack(aws, name)
    if stack is None:
        return None
    items = stack.get("Parameters", [])
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in items}
    if parameters.get("Recipe") != recipe.name or "CodeBucket" not in parameters:
        raise DeploymentError(
            f"the stack {name} was not created by `deploy` for {recipe.name}; nothing was deleted"
        )
    return FunctionStack(name, parameters["CodeBucket"])


def object_prefixes(aws: Aws, foundation: str, recipe: Recipe) -> list[str]:
    """Return the prefixes of a recipe's objects, and of shared ones if no recipe needs them."""
    prefixes = [lambda_models_prefix(recipe.name)]
    others = [one for one in RECIPES.values() if one is not recipe]
    if all(function_stack(aws, foundation, one) is None for one in others):
        prefixes += [LAMBDA_CODE_PREFIX, LAMBDA_API_PREFIX]
    return prefixes
