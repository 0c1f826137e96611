"""Find the stack of a release to Lambda, and its objects that no other release needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.naming import (
    lambda_api_prefix,
    lambda_code_prefix,
    lambda_models_prefix,
    lambda_stack_name,
    name_in_stack,
    watch_stack_name,
)
from scripts.account.ownership import Tags, check_owner, fault_of, has_own_tags, tag_map
from scripts.account.stacks import find_stack, parameters_of


@dataclass(frozen=True)
class FunctionStack:
    """The stack of a function and its API, and the bucket with its objects."""

    name: str
    bucket: str


def function_stack(aws: Aws, foundation: str, recipe: Recipe) -> FunctionStack | None:
    """Return a recipe's stack, or None; print why a stack of its name is kept."""
    if not recipe.served_by_lambda:
        return None
    name = lambda_stack_name(foundation, recipe.scope)
    stack = find_stack(aws, name)
    if stack is None:
        return None
    tags, parameters = tag_map(stack.get("Tags", [])), parameters_of(stack)
    if not has_own_tags(f"the stack {name}", tags, foundation, recipe):
        return None
    if "CodeBucket" not in parameters:
        say(
            f"Kept the stack {name}: it has no parameter CodeBucket, so `deploy` did not create it."
        )
        return None
    return FunctionStack(name, parameters["CodeBucket"])


def api_stacks(aws: Aws, foundation: str, recipe: Recipe) -> list[FunctionStack]:
    """Return the stacks of the HTTP APIs in front of a recipe's endpoints of any name."""
    return [
        FunctionStack(stack["StackName"], parameters["CodeBucket"])
        for stack in aws.pages("cloudformation", "describe_stacks", "Stacks")
        if (parameters := parameters_of(stack)).get("EndpointName")
        and "CodeBucket" in parameters
        and not fault_of(tag_map(stack.get("Tags", [])), foundation, recipe)
    ]


def watch_stacks(aws: Aws, foundation: str, recipe: Recipe) -> list[str]:
    """Return the names of the stacks with the alarms of a recipe's endpoints of any name."""
    return [
        stack["StackName"]
        for stack in aws.pages("cloudformation", "describe_stacks", "Stacks")
        if stack["StackName"] == watch_stack_name(parameters_of(stack).get("EndpointName", ""))
        and not fault_of(tag_map(stack.get("Tags", [])), foundation, recipe)
    ]


def check_function_stack(stack: dict[str, Any], foundation: str) -> None:
    """Raise DeploymentError unless a function's stack belongs to a foundation stack."""
    remedy = "Choose another --stack, or delete that one in CloudFormation if it is yours."
    check_owner(
        f"the stack {stack['StackName']}", tag_map(stack.get("Tags", [])), foundation, remedy
    )


def object_prefixes(aws: Aws, foundation: str, recipe: Recipe) -> list[str]:
    """Return the prefixes of a recipe's objects, and of shared ones if no recipe needs them."""
    prefixes = [lambda_models_prefix(name_in_stack(foundation, recipe.scope))]
    if not any(other_functions(aws, foundation, recipe)):
        prefixes += [lambda_code_prefix(foundation), lambda_api_prefix(foundation)]
    return prefixes


def other_functions(aws: Aws, foundation: str, recipe: Recipe) -> Iterator[tuple[str, Tags]]:
    """Yield the name and tags of the functions' stacks of other recipes and data of a stack."""
    for stack in aws.pages("cloudformation", "describe_stacks", "Stacks"):
        tags = tag_map(stack.get("Tags", []))
        others = "recipe" in tags and fault_of(tags, foundation, recipe)
        if others and not fault_of(tags, foundation):
            yield stack["StackName"], tags
