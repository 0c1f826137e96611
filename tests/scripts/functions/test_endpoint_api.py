"""The API in front of an endpoint: which stack it is, and whose."""

import argparse
from datetime import UTC, datetime
from typing import Any

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import recipe_tags
from scripts.functions import release
from scripts.functions.access import FLAGS
from scripts.functions.deployment import api_outputs, plan_api
from tests.scripts.stubbed import stub

RECIPE = RECIPES["spooky-ngrams"]
ENDPOINT = "base--spooky-ngrams-pipeline"
API, FUNCTION = f"api-of-{ENDPOINT}", "base--spooky-ngrams"
OWN = recipe_tags("base", RECIPE)
MISSING = ("ValidationError", "Stack with id x does not exist")


def stack(name: str, tags: list[dict[str, str]] = OWN, **parameters: str) -> dict[str, Any]:
    """Return a description of a stack."""
    return {
        "StackName": name,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": datetime.now(UTC),
        "Tags": tags,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        "Outputs": [
            {"OutputKey": key, "OutputValue": f"{key} of {name}"}
            for key in ("FunctionName", "FunctionAlias", "ApiUrl")
        ],
    }


def aws_with(*answers: dict[str, Any] | None) -> Aws:
    """Return an AWS that describes these stacks in order; None does not exist."""
    aws = Aws("us-east-1")
    stubber = stub(aws, "cloudformation")
    for answer in answers:
        if answer is None:
            stubber.add_client_error("describe_stacks", *MISSING)
        else:
            stubber.add_response("describe_stacks", {"Stacks": [answer]})
    return aws


def arguments(**flags: Any) -> argparse.Namespace:
    """Return the arguments of a command on the stack `base`."""
    names = (
        "endpoint_name",
        "memory",
        "concurrency",
        "rate",
        "burst",
        "page",
        "log_days",
        "email",
        *FLAGS,
    )
    defaults = dict.fromkeys(names) | {"target": "pipeline", "dry_run": False, "with_api": False}
    return argparse.Namespace(**(defaults | {"stack": "base"} | flags))


def test_endpoint_without_an_api_gets_none_without_the_flag():
    assert plan_api(aws_with(None), RECIPE, ENDPOINT, "0", arguments()) is None


def test_stack_of_someone_else_with_the_name_of_an_api_is_left_alone_without_the_flag():
    aws = aws_with(stack(API, recipe_tags("other", RECIPE)))
    assert plan_api(aws, RECIPE, ENDPOINT, "0", arguments()) is None


def test_stack_of_someone_else_with_the_name_of_an_api_is_not_changed_with_the_flag():
    aws = aws_with(stack(API, recipe_tags("other", RECIPE)))
    with pytest.raises(DeploymentError, match="belongs to someone else, so it is not changed"):
        plan_api(aws, RECIPE, ENDPOINT, "0", arguments(with_api=True))


@pytest.mark.parametrize(
    ("recipe", "target"), [("digits-cnn", "pipeline"), ("headlines-fast", "single")]
)
def test_release_that_an_existing_api_could_not_serve_is_refused(recipe, target):
    with pytest.raises(DeploymentError, match="HTTP API"):
        plan_api(aws_with(stack(API)), RECIPES[recipe], ENDPOINT, "0", arguments(target=target))


def test_existing_api_is_updated_with_what_it_has(monkeypatch, capsys):
    monkeypatch.setattr(release, "build_package", lambda target, cache, numpy: b"code")
    monkeypatch.setattr(release, "foundation", lambda aws, stack: argparse.Namespace(bucket="b"))
    existing = stack(API, ThrottleRate="5", EndpointName=ENDPOINT)
    planned = plan_api(aws_with(existing, existing), RECIPE, ENDPOINT, "7" * 64, arguments())
    assert planned is not None
    assert planned.call.operation == "update_stack"
    assert {"ParameterKey": "ThrottleRate", "UsePreviousValue": True} in planned.call.parameters[
        "Parameters"
    ]
    assert (planned.plan.endpoint, planned.plan.sha256) == (ENDPOINT, "7" * 64)
    message = f"Kept: the HTTP API in front of endpoint {ENDPOINT} (stack {API})."
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answers", "flags", "expected"),
    [
        ((None, stack(FUNCTION), stack(FUNCTION)), {}, FUNCTION),
        ((stack(API), None, stack(API)), {}, API),
        ((stack(API), stack(FUNCTION), stack(FUNCTION)), {}, FUNCTION),
        ((stack("api-of-mine"),), {"endpoint_name": "mine"}, "api-of-mine"),
    ],
    ids=["function only", "endpoint only", "both", "named endpoint"],
)
def test_requests_go_to_the_named_endpoint_or_the_function_or_the_endpoint(
    answers, flags, expected, capsys
):
    outputs = api_outputs(aws_with(*answers), RECIPE, arguments(**flags))
    assert outputs["ApiUrl"] == f"ApiUrl of {expected}"
    both = len(answers) == 3 and None not in answers
    assert (f"needs: --endpoint-name {ENDPOINT}" in capsys.readouterr().err) is both


def test_recipe_without_any_api_is_told_how_to_deploy_one(monkeypatch):
    monkeypatch.setattr(release, "foundation", lambda aws, stack: None)  # it exists
    for name, answers, flags in (
        (
            RECIPE.name,
            (None, None, None),
            "--recipe spooky-ngrams --region us-east-1 --stack base --target lambda",
        ),
        (
            "comments-mlp",
            (None,),
            "--recipe comments-mlp --region us-east-1 --stack base --with-api",
        ),
    ):
        with pytest.raises(DeploymentError) as raised:
            api_outputs(aws_with(*answers), RECIPES[name], arguments())
        assert str(raised.value).endswith(f"Deploy it with: python -m scripts.deploy {flags}")
