"""Stacks of functions and APIs are removed with all that is theirs, or if their creation fails."""

import json
from dataclasses import replace

import pytest

from local_aws.tests.account import eventually
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import DEFAULT_STACK, recipe_tags
from scripts.functions.package import this_machine
from scripts.functions.plans import stack_call, uploads
from scripts.releases.stack_changes import create
from tests.account_state import kinds_that_differ, state_of
from tests.end_to_end.functions.lambda_release import NAMED, RECIPE, REGION, STACK, TEXTS, TO_LAMBDA
from tests.scripts.functions.test_plans import PLAN
from tests.scripts.stubbed import Interrupted


@pytest.fixture
def other_plan(function, monkeypatch):
    """Return a plan of another stack, whose definition is uploaded but not its code."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", function.scripts.aws.url)
    plan = replace(PLAN, bucket=function.setup["bucket"], target=this_machine())
    definition = uploads(plan)[2]
    client = function.scripts.client("s3")
    client.put_object(Bucket=plan.bucket, Key=definition.key, Body=definition.body)
    return plan


@pytest.mark.slow
def test_stack_interrupted_in_its_creation_is_removed(function, other_plan):
    before = state_of(function.scripts)
    with pytest.raises(KeyboardInterrupt):
        create(Interrupted("create_stack", REGION), stack_call(other_plan, None))
    assert kinds_that_differ(before, state_of(function.scripts)) == set()


def test_stack_that_fails_is_removed_with_the_reason(function, other_plan):
    before = state_of(function.scripts)
    with pytest.raises(DeploymentError, match=r"could not be created: Function: .*[Kk]ey"):
        create(Aws(REGION), stack_call(other_plan, None))
    assert kinds_that_differ(before, state_of(function.scripts)) == set()


def check_equal(predictions: list[dict], others: list[dict]) -> None:
    """Fail unless predictions have equal labels, in the same order, and equal probabilities."""
    for one, other in zip(predictions, others, strict=True):
        assert list(one) == list(other)
        assert one["label"] == other["label"]
        assert list(one["probabilities"]) == list(other["probabilities"])
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


@pytest.mark.slow
def test_function_and_endpoint_of_a_recipe_have_equal_apis_and_invoke_prefers_the_function(
    function,
):
    deployed = function.scripts.run("deploy", *NAMED, "--with-api").result
    endpoint = deployed["endpoint_name"]
    behind = replace(function, deploy=deployed)
    bodies = [one.call("POST", "/predict", {"instances": TEXTS})[1] for one in (function, behind)]
    check_equal(*(body["predictions"] for body in bodies))
    (status, content), other = (
        one.call("POST", "/predict", {"text": 5}) for one in (function, behind)
    )
    assert (status, content["error"]["message"]) == (other[0], other[1]["error"]["message"])
    ended = function.scripts.run("invoke", *NAMED, "--target", "api", "the moon")
    assert f"That of endpoint {endpoint} needs: --endpoint-name {endpoint}" in ended.stderr
    named = function.scripts.run(
        "invoke", *NAMED, "--target", "api", "--endpoint-name", endpoint, "the moon"
    )
    check_equal(named.result["predictions"], ended.result["predictions"])
    assert "needs: --endpoint-name" not in named.stderr


@pytest.mark.slow
def test_delete_removes_the_stacks_their_objects_and_their_logs(function):
    before = function.objects("")
    dry = function.scripts.run("delete", *NAMED, "--dry-run").result["calls"]
    operations = [call["operation"] for call in dry]
    assert operations[:3] == ["delete_stack", "delete_stack", "delete_objects"]
    deleted = function.scripts.run("delete", *NAMED).result["deleted"]
    assert (deleted["stack"], deleted["endpoint"]) == (2, 1)
    assert function.objects() == []
    kept = [key for key in before if not key.startswith(("lambda/", "models/"))]
    assert function.objects("") == kept
    assert function.scripts.client("lambda").list_functions()["Functions"] == []
    assert function.scripts.client("apigatewayv2").get_apis()["Items"] == []
    groups = function.scripts.client("logs").describe_log_groups()["logGroups"]
    assert [group for group in groups if STACK in group["logGroupName"]] == []
    for target in ("api", "lambda"):
        error = function.scripts.run("invoke", *NAMED, "--target", target, "text").error
        assert error.startswith(f"there is no stack {STACK} in region {REGION}. Deploy it with: ")


@pytest.mark.slow
def test_deploy_replaces_a_stack_whose_creation_failed(function):
    client = function.scripts.client("cloudformation")
    taken = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": function.setup["bucket"]}}
    template = json.dumps({"Resources": {"B": taken}})
    tags = recipe_tags(DEFAULT_STACK, RECIPES[RECIPE])
    client.create_stack(StackName=STACK, TemplateBody=template, Tags=tags)
    eventually(
        lambda: (
            client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
            == "ROLLBACK_COMPLETE"
        )
    )
    dry = function.scripts.run("deploy", *TO_LAMBDA, "--dry-run").result["calls"]
    assert dry[-1]["operation"] == "create_stack"
    assert function.scripts.run("deploy", *TO_LAMBDA).result["stack_name"] == STACK
