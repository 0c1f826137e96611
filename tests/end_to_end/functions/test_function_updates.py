"""Later deployments of a function: what they keep, limits, another model, and failures."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import DEFAULT_STACK
from scripts.functions.invoke import api_call, invoke_api
from scripts.functions.plans import TEMPLATE
from scripts.functions.release import function_outputs
from tests.account_state import kinds_that_differ, state_of
from tests.end_to_end.functions.lambda_release import NAMED, RECIPE, REGION, STACK, TO_LAMBDA
from tests.scripts.compatibility import KEYS

CHANGED = "word_ngrams=1"  # of every member of the vote


def test_dry_run_of_a_deployed_release_plans_a_record_and_an_update_but_no_upload(function):
    before = state_of(function.scripts)
    calls = function.scripts.run("deploy", *TO_LAMBDA, "--dry-run").result["calls"]
    assert [call["operation"] for call in calls] == ["tag_resource", "update_stack"]
    assert kinds_that_differ(before, state_of(function.scripts)) == set()


def test_second_deploy_changes_nothing(function):
    objects = function.objects()
    ended = function.scripts.run("deploy", *TO_LAMBDA)
    assert ended.result == function.deploy
    assert KEYS["deploy to lambda"] <= set(ended.result)
    assert f"The stack {STACK} is up to date." in ended.stderr
    assert f"The stack {STACK} has this release of the model already" in ended.stderr
    assert "Uploaded" not in ended.stderr
    assert function.objects() == objects


def test_second_deploy_does_not_serve_a_version_that_somebody_published(function):
    client, name = function.scripts.client("lambda"), function.deploy["function_name"]
    alias = {"FunctionName": name, "Name": "live"}
    serving = client.get_alias(**alias)["FunctionVersion"]
    before = client.get_function_configuration(FunctionName=name)["Description"]
    client.update_function_configuration(FunctionName=name, Description="changed by hand")
    published = client.publish_version(FunctionName=name)["Version"]
    assert function.scripts.run("deploy", *TO_LAMBDA).code == 0
    assert client.get_alias(**alias)["FunctionVersion"] == serving != published
    client.update_function_configuration(FunctionName=name, Description=before)
    client.delete_function(FunctionName=name, Qualifier=published)


@pytest.mark.slow
def test_deploy_with_other_limits_keeps_the_version(function):
    versions = function.versions()
    ended = function.scripts.run("deploy", *TO_LAMBDA, "--concurrency", "5", "--rate", "50")
    assert ended.code == 0, ended.stderr
    assert function.versions() == versions
    client, name = function.scripts.client("lambda"), function.deploy["function_name"]
    concurrency = client.get_function_concurrency(FunctionName=name)
    assert concurrency["ReservedConcurrentExecutions"] == 5


@pytest.mark.slow
def test_deploy_without_flags_keeps_the_limits_of_the_last_one(function):
    planned = function.scripts.run("deploy", *TO_LAMBDA, "--dry-run").result
    assert planned["kept"]["ReservedConcurrency"] == "5"
    assert planned["kept"]["ThrottleRate"] == "50"
    ended = function.scripts.run("deploy", *TO_LAMBDA)
    assert "Kept from the stack" in ended.stderr
    assert f"The stack {STACK} is up to date." in ended.stderr


@pytest.mark.slow
def test_deploy_without_the_page_answers_404_and_keeps_that(function):
    assert function.scripts.run("deploy", *TO_LAMBDA, "--no-page").code == 0
    status, content = function.call("GET", "/")
    assert (status, content["error"]["code"]) == (404, "NotFound")
    assert function.scripts.run("deploy", *TO_LAMBDA).code == 0
    assert function.call("GET", "/")[0] == 404
    assert function.scripts.run("deploy", *TO_LAMBDA, "--page").code == 0


@pytest.mark.slow
def test_template_with_only_an_alarm_changed_updates_the_stack(function):
    client, versions = function.scripts.client("cloudformation"), function.versions()
    (stack,) = client.describe_stacks(StackName=STACK)["Stacks"]
    values = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    values["ReleaseSha256"] = "1" * 64  # as deploy does for another template
    template = TEMPLATE.read_text("utf-8").replace("Threshold: 2000", "Threshold: 3000")
    client.update_stack(
        StackName=STACK,
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": text} for key, text in values.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    client.get_waiter("stack_update_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    assert len(function.versions()) == len(versions) + 1
    assert function.call("GET", "/health")[0] == 200


@pytest.mark.slow
def test_deploy_of_a_new_model_serves_it_at_the_same_address(function):
    old, versions = function.model(), function.versions()
    assert (
        function.scripts.run("train", *NAMED, "--approve", "--set", CHANGED, "--no-report").code
        == 0
    )
    assert (
        function.scripts.run("deploy", *TO_LAMBDA).result["api_url"] == function.deploy["api_url"]
    )
    new = function.model()
    assert new["sha256"] != old["sha256"]
    assert f"lambda/models/{RECIPE}/{new['sha256']}.npz" in function.objects()
    assert len(function.versions()) == len(versions) + 1


@pytest.mark.slow
def test_deploy_that_fails_keeps_the_previous_release_serving(function):
    before = function.model()
    error = function.scripts.run("deploy", *TO_LAMBDA, "--concurrency", "5000").error
    assert "UnreservedConcurrentExecution below its minimum value" in error
    assert error.endswith(". It serves the previous release.")
    assert function.model() == before


def test_invoke_of_a_function_without_concurrency_names_the_remedy(function):
    client, name = function.scripts.client("lambda"), function.deploy["function_name"]
    before = client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"]
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    for target, status in (("api", 503), ("lambda", 429)):
        error = function.scripts.run("invoke", *NAMED, "--target", target, "text").error
        assert f"({status})" in error
        assert "deploy the --package that serves, which status shows, with a higher --co" in error
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=before)
    assert function.call("GET", "/health")[0] == 200


@pytest.mark.slow
def test_invoke_over_the_throttle_names_the_fault(function, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", function.scripts.aws.url)
    limits = ("--rate", "1", "--burst", "1")
    assert function.scripts.run("deploy", *TO_LAMBDA, *limits).code == 0
    statuses = {function.call("GET", "/health")[0] for _ in range(20)}
    assert statuses == {200, 429}
    aws = Aws(REGION)
    outputs = function_outputs(aws, DEFAULT_STACK, RECIPES[RECIPE])
    with pytest.raises(DeploymentError, match=r"the API throttles requests \(429\)"):
        for _ in range(20):
            invoke_api(aws, api_call(aws, outputs), ["text"])
    limits = ("--rate", "100", "--burst", "200")
    assert function.scripts.run("deploy", *TO_LAMBDA, *limits).code == 0
