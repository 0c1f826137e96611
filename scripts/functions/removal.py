"""Find the stacks of a recipe, and its objects that no other release needs."""

from collections.abc import Iterator
from typing import Any

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.naming import (
    lambda_api_prefix,
    lambda_code_prefix,
    lambda_models_prefix,
    name_in_stack,
)
from scripts.account.ownership import Tags, check_owner, fault_of
from scripts.account.stacks import list_stacks, tags_of


def recipe_stacks(aws: Aws, foundation: str, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the stacks of a recipe: of its function, and of its endpoints' APIs and alarms."""
    stacks = list_stacks(aws)
    return [stack for stack in stacks if not fault_of(tags_of(stack), foundation, recipe)]


def check_function_stack(stack: dict[str, Any], foundation: str) -> None:
    """Raise DeploymentError unless a function's stack belongs to a foundation stack."""
    remedy = "Choose another --stack, or delete that one in CloudFormation if it is yours."
    check_owner(f"the stack {stack['StackName']}", tags_of(stack), foundation, remedy)


def object_prefixes(aws: Aws, foundation: str, recipe: Recipe) -> list[str]:
    """Return the prefixes of a recipe's objects, and of shared ones if no recipe needs them."""
    prefixes = [lambda_models_prefix(name_in_stack(foundation, recipe.scope))]
    if not any(other_functions(aws, foundation, recipe)):
        prefixes += [lambda_code_prefix(foundation), lambda_api_prefix(foundation)]
    return prefixes


def other_functions(aws: Aws, foundation: str, recipe: Recipe) -> Iterator[tuple[str, Tags]]:
    """Yield the name and tags of the functions' stacks of other recipes and data of a stack."""
    for stack in list_stacks(aws):
        tags = tags_of(stack)
        others = "recipe" in tags and fault_of(tags, foundation, recipe)
        if others and not fault_of(tags, foundation):
            yield stack["StackName"], tags
