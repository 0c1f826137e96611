"""An HTTP API in front of an endpoint: a stack of infra/lambda.yaml without a model of its own."""

import argparse

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.command import Result, say
from scripts.account.naming import (
    PIPELINE,
    api_stack_name,
    endpoint_name,
    lambda_stack_name,
    name_in_stack,
)
from scripts.account.ownership import fault_of
from scripts.account.stacks import find_stack, recipe_flags, tags_of
from scripts.functions.release import (
    StackRelease,
    function_outputs,
    make_release,
    plan_release,
    stack_outputs,
)


def check_api(recipe: Recipe, target: str) -> None:
    """Raise DeploymentError unless an HTTP API can serve the endpoint of a recipe."""
    if recipe.inputs != "texts":
        raise DeploymentError(
            f"recipe {recipe.name} classifies {recipe.inputs}, and the HTTP API takes texts only; "
            f"deploy it without --with-api, and invoke it with --target {PIPELINE}"
        )
    if target != PIPELINE:
        raise DeploymentError(
            f"--with-api is for --target {PIPELINE}, whose responses have the labels that the HTTP "
            f"API returns; the target is {target}"
        )


def plan_api(
    aws: Aws, recipe: Recipe, endpoint: str, sha256: str, arguments: argparse.Namespace
) -> StackRelease | None:
    """Return the release of the API that a flag asks for or that an endpoint has, or None."""
    name = api_stack_name(endpoint)
    if not arguments.with_api:
        stack = find_stack(aws, name)
        if stack is None or fault_of(tags_of(stack), arguments.stack):
            return None
        say(f"Kept: the HTTP API in front of endpoint {endpoint} (stack {name}).")
    check_api(recipe, arguments.target)
    return plan_release(aws, recipe, name, arguments, endpoint=endpoint, sha256=sha256)


def release_api(aws: Aws, release: StackRelease) -> Result:
    """Create or update the stack of an endpoint that already serves, and return its names."""
    try:
        return make_release(aws, release)
    except BaseException:
        say(
            f"Endpoint {release.plan.endpoint} serves the model, but its HTTP API was not "
            "released. To try again, repeat the command."
        )
        raise


def api_outputs(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> dict[str, str]:
    """Return the outputs of the stack whose HTTP API a recipe's requests go to.

    That is the API of the endpoint that a flag names; else that of the recipe's function; else that
    of its endpoint. Raise DeploymentError if there is none.
    """
    foundation, named = arguments.stack, arguments.endpoint_name
    endpoint = named or endpoint_name(name_in_stack(foundation, recipe.scope), PIPELINE)
    if recipe.served_by_lambda and not named:
        api = find_stack(aws, api_stack_name(endpoint))
        function = find_stack(aws, lambda_stack_name(foundation, recipe.scope))
        if function and api:
            say(
                f"Invoking the HTTP API of the function. That of endpoint {endpoint} needs: "
                f"--endpoint-name {endpoint}"
            )
        if function or not api:
            return function_outputs(aws, foundation, recipe)
    flags = recipe_flags(aws, recipe, foundation) + (f" --endpoint-name {named}" if named else "")
    hint = f"Deploy it with: python -m scripts.deploy {flags} --with-api"
    return stack_outputs(aws, api_stack_name(endpoint), hint, foundation)
