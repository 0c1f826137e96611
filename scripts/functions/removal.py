"""What a release to Lambda left behind: its stack, and objects that no other release needs."""

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
    """A stack of a function and its API, and the bucket that it was made from."""

    name: str
    bucket: str


def function_stack(aws: Aws, foundation: str, recipe: Recipe) -> FunctionStack | None:
    """Return a recipe's stack, or None if there is none; raise DeploymentError if it is no such."""
    if not recipe.served_by_lambda:
        return None
    name = lambda_stack_name(foundation, recipe.name)
    found = find_stack(aws, name)
    if found is None:
        return None
    given = found.get("Parameters", [])
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in given}
    if parameters.get("Recipe") != recipe.name or "CodeBucket" not in parameters:
        raise DeploymentError(
            f"the stack {name} is not one that scripts.deploy made for {recipe.name}; nothing was "
            "deleted"
        )
    return FunctionStack(name, parameters["CodeBucket"])


def object_prefixes(aws: Aws, foundation: str, recipe: Recipe) -> list[str]:
    """Return the prefixes of a recipe's objects; recipes share packages, so the last takes them."""
    prefixes = [lambda_models_prefix(recipe.name)]
    others = [one for one in RECIPES.values() if one is not recipe]
    if all(function_stack(aws, foundation, one) is None for one in others):
        prefixes += [LAMBDA_CODE_PREFIX, LAMBDA_API_PREFIX]
    return prefixes
