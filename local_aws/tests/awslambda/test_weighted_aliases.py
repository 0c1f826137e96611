"""Aliases that share their calls between two versions."""

import pytest

from local_aws.tests.account import refusal
from local_aws.tests.awslambda.functions import VERSION, zipped_version


@pytest.fixture(scope="module")
def function(lambdas) -> str:
    """Create a function with the published versions 1 and 2 and an alias of the first."""
    name = lambdas.create(VERSION.format("one"))
    lambdas.client.publish_version(FunctionName=name)
    lambdas.client.update_function_code(FunctionName=name, ZipFile=zipped_version("two"))
    lambdas.wait_until_updated(name)
    lambdas.client.publish_version(FunctionName=name)
    lambdas.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return str(name)


def weigh(lambdas, function, **request):
    """Update the alias; return the response."""
    weights = request.pop("weights")
    return lambdas.client.update_alias(
        FunctionName=function,
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": weights},
        **request,
    )


@pytest.mark.observes("lambda-alias-weights")
def test_weighted_alias_shares_its_calls_and_names_the_executed_version(lambdas, function):
    alias = weigh(lambdas, function, weights={"2": 0.25})
    assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.25}}
    replies = [lambdas.invoke(function, Qualifier="live") for _ in range(40)]
    assert [reply.version for reply in replies].count("2") == 10
    payloads = {(reply.version, reply.payload) for reply in replies}
    assert payloads == {("1", "one"), ("2", "two")}
    alias = weigh(lambdas, function, weights={}, FunctionVersion="2")
    assert "RoutingConfig" not in alias
    assert {lambdas.invoke(function, Qualifier="live").version for _ in range(5)} == {"2"}
    weigh(lambdas, function, weights={}, FunctionVersion="1")


@pytest.mark.observes("lambda-alias-weights-rules")
@pytest.mark.parametrize(
    "weights", [{"1": 0.1}, {"$LATEST": 0.1}, {"2": 1.5}, {"1": 0.1, "2": 0.1}, {"9": 0.1}], ids=str
)
def test_weights_that_aws_refuses_are_refused(lambdas, function, weights):
    code, _ = refusal(
        lambdas.client.update_alias,
        FunctionName=function,
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": weights},
    )
    kinds = ("InvalidParameterValue", "Validation", "ResourceNotFound")
    assert code.removesuffix("Exception") in kinds
    assert lambdas.client.get_alias(FunctionName=function, Name="live").get("RoutingConfig") is None


@pytest.mark.observes("lambda-alias-weights-rules")
@pytest.mark.parametrize("version", ["2", "$LATEST"])
def test_alias_with_weights_cannot_move_to_a_version_that_its_weights_exclude(
    lambdas, function, version
):
    weigh(lambdas, function, weights={"2": 0.5})
    update = {"FunctionName": function, "Name": "live", "FunctionVersion": version}
    code, _ = refusal(lambdas.client.update_alias, **update)
    assert code == "InvalidParameterValueException"
    alias = lambdas.client.get_alias(FunctionName=function, Name="live")
    assert (alias["FunctionVersion"], alias["RoutingConfig"]["AdditionalVersionWeights"]) == (
        "1",
        {"2": 0.5},
    )
    weigh(lambdas, function, weights={})


@pytest.mark.observes("lambda-aliases")
@pytest.mark.parametrize(
    ("qualifier", "expected"),
    [("2", "ResourceConflictException"), ("live", "InvalidParameterValueException")],
)
def test_version_that_gets_a_share_and_an_alias_cannot_be_deleted_as_versions(
    lambdas, function, qualifier, expected
):
    weigh(lambdas, function, weights={"2": 0.5})
    delete = {"FunctionName": function, "Qualifier": qualifier}
    assert refusal(lambdas.client.delete_function, **delete)[0] == expected
    replies = [lambdas.invoke(function, Qualifier="live") for _ in range(4)]
    assert {reply.payload for reply in replies} == {"one", "two"}
    weigh(lambdas, function, weights={})
