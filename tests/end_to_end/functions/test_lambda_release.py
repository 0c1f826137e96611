"""A release to Lambda: deployment, requests, updates, failures, and deletion."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from local_aws.testing import running_local_aws
from local_aws.tests.account import eventually
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import DEFAULT_STACK, recipe_tags
from scripts.functions.invoke import api_call, invoke_api
from scripts.functions.numpy_layer import this_machine
from scripts.functions.plans import TEMPLATE, stack_call, uploads
from scripts.functions.release import create, function_outputs
from tests.account_state import kinds_that_differ, state_of
from tests.end_to_end.functions.lambda_release import (
    NAMED,
    RECIPE,
    REGION,
    STACK,
    TEXTS,
    LambdaRelease,
    make_lambda_release,
)
from tests.scripts.compatibility import KEYS
from tests.scripts.functions.test_plans import PLAN
from tests.scripts.stubbed import Interrupted

TO_LAMBDA = (*NAMED, "--target", "lambda")
CHANGED = "word_ngrams=1"  # of every member of the vote


@pytest.fixture(scope="module")
def release() -> Iterator[LambdaRelease]:
    """Make a release in its own local AWS, which the tests change and delete, in order."""
    with running_local_aws("--instance-cpus", "1") as aws:
        yield make_lambda_release(aws)


def invoke(release: LambdaRelease, target: str, text: str) -> dict:
    """Return the output of `invoke` for one text."""
    return release.scripts.run("invoke", *NAMED, "--target", target, text).result


def test_deploy_prints_stack_function_and_api_address(release):
    assert release.deploy["stack_name"] == STACK
    assert release.deploy["function_name"].startswith(f"{STACK}-Function-")
    assert release.deploy["api_url"].startswith(f"{release.scripts.aws.url}/_local_aws/apis/")
    assert release.deploy["model_package_arn"] == release.train["model_package_arn"]


def test_deploy_prints_the_log_group_of_the_function(release):
    assert release.call("POST", "/predict", {"text": "the moon"})[0] == 200
    ended = release.scripts.run("deploy", *TO_LAMBDA)
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("Log group: ")]
    group = line.removeprefix("Log group: ")
    (stream, *_) = release.scripts.client("logs").describe_log_streams(logGroupName=group)[
        "logStreams"
    ]
    assert stream["logStreamName"]


def test_api_function_and_invoke_return_the_same_predictions(release):
    status, content = release.call("POST", "/predict", {"instances": TEXTS})
    assert status == 200
    assert len(content["predictions"]) == len(TEXTS)
    for text, prediction in zip(TEXTS, content["predictions"], strict=True):
        assert release.call("POST", "/predict", {"text": text}) == (
            200,
            {"predictions": [prediction]},
        )
        assert invoke(release, "api", text) == {"predictions": [prediction]}
        assert invoke(release, "lambda", text) == {"predictions": [prediction]}


@pytest.mark.parametrize("target", ["api", "lambda"])
def test_invoke_reads_a_file_of_several_texts(release, tmp_path, target):
    path = tmp_path / "texts.csv"
    path.write_text("the ancient horror\nthe creature\n", encoding="utf-8")
    ended = release.scripts.run("invoke", *NAMED, "--target", target, "--file", str(path))
    assert len(ended.result["predictions"]) == 2
    assert "text 1: " in ended.stderr


def test_invoke_of_too_many_texts_shows_the_error_of_the_handler(release, tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("word\n" * 101, encoding="utf-8")
    for target in ("api", "lambda"):
        ended = release.scripts.run("invoke", *NAMED, "--target", target, "--file", str(path))
        assert ended.error.startswith("the request has 101 texts; expected at most 100")


def test_api_has_only_the_routes_of_its_document(release):
    status, document = release.call("GET", "/openapi.json")
    assert status == 200
    assert set(document["paths"]) == {"/", "/predict", "/health", "/openapi.json"}
    assert release.call("GET", "/nothing") == (404, {"message": "Not Found"})
    assert release.call("GET", "/predict") == (404, {"message": "Not Found"})
    assert release.call("POST", "/predict", {"text": 5})[0] == 400


def test_page_of_the_api_classifies_in_a_browser(release, browser):
    browser.open(release.deploy["api_url"])
    browser.classify(TEXTS[0])
    (prediction,) = release.call("POST", "/predict", {"text": TEXTS[0]})[1]["predictions"]
    assert browser.text("label") == prediction["label"]
    paths = {request["url"] for request in browser.log() if request["url"][:5] != "data:"}
    base = release.deploy["api_url"]
    assert paths == {base, f"{base}/health", f"{base}/predict"}
    assert browser.text("curl").startswith(f"curl '{base}/predict'")


@pytest.mark.slow
def test_api_conforms_to_its_document_for_generated_requests(release, tmp_path):
    release.check_against_its_document(tmp_path)


def test_function_may_read_only_its_models(release):
    client, s3 = release.scripts.client("lambda"), release.scripts.client("s3")
    (model,) = release.objects("lambda/models/")
    bucket = release.setup["bucket"]
    s3.copy_object(Bucket=bucket, Key="elsewhere.npz", CopySource={"Bucket": bucket, "Key": model})
    name = release.deploy["function_name"]
    before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    # Only $LATEST changes; the API keeps invoking the published version.
    variables = before | {"MODEL_URI": f"s3://{bucket}/elsewhere.npz"}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    payload = client.invoke(FunctionName=name, Payload=b'{"text": "a"}')["Payload"].read()
    assert b"ModelUnavailable" in payload
    assert b"the function's role does not allow s3:GetObject" in payload
    client.update_function_configuration(FunctionName=name, Environment={"Variables": before})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert release.call("GET", "/health")[0] == 200


def test_dry_run_of_a_deployed_release_plans_a_record_and_an_update_but_no_upload(release):
    before = state_of(release.scripts)
    calls = release.scripts.run("deploy", *TO_LAMBDA, "--dry-run").result["calls"]
    assert [call["operation"] for call in calls] == ["tag_resource", "update_stack"]
    assert kinds_that_differ(before, state_of(release.scripts)) == set()


def test_second_deploy_changes_nothing(release):
    objects = release.objects()
    ended = release.scripts.run("deploy", *TO_LAMBDA)
    assert ended.result == release.deploy
    assert KEYS["deploy to lambda"] <= set(ended.result)
    assert f"The stack {STACK} is up to date." in ended.stderr
    assert "Uploaded" not in ended.stderr
    assert release.objects() == objects


def test_deploy_with_other_limits_keeps_the_version(release):
    versions = versions_of(release)
    ended = release.scripts.run("deploy", *TO_LAMBDA, "--concurrency", "5", "--rate", "50")
    assert ended.code == 0, ended.stderr
    assert versions_of(release) == versions
    client, name = release.scripts.client("lambda"), release.deploy["function_name"]
    concurrency = client.get_function_concurrency(FunctionName=name)
    assert concurrency["ReservedConcurrentExecutions"] == 5


def test_deploy_without_flags_keeps_the_limits_of_the_last_one(release):
    planned = release.scripts.run("deploy", *TO_LAMBDA, "--dry-run").result
    assert planned["kept"]["ReservedConcurrency"] == "5"
    assert planned["kept"]["ThrottleRate"] == "50"
    ended = release.scripts.run("deploy", *TO_LAMBDA)
    assert "Kept from the stack" in ended.stderr
    assert f"The stack {STACK} is up to date." in ended.stderr


def test_deploy_without_the_page_answers_404_and_keeps_that(release):
    assert release.scripts.run("deploy", *TO_LAMBDA, "--no-page").code == 0
    status, content = release.call("GET", "/")
    assert (status, content["error"]["code"]) == (404, "NotFound")
    assert release.scripts.run("deploy", *TO_LAMBDA).code == 0
    assert release.call("GET", "/")[0] == 404
    assert release.scripts.run("deploy", *TO_LAMBDA, "--page").code == 0


def versions_of(release: LambdaRelease) -> list[str]:
    """Return the function's published versions."""
    client = release.scripts.client("lambda")
    page = client.list_versions_by_function(FunctionName=release.deploy["function_name"])
    return [version["Version"] for version in page["Versions"]]


def test_template_with_only_an_alarm_changed_updates_the_stack(release):
    client, versions = release.scripts.client("cloudformation"), versions_of(release)
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
    assert len(versions_of(release)) == len(versions) + 1
    assert release.call("GET", "/health")[0] == 200


def test_deploy_of_a_new_model_serves_it_at_the_same_address(release):
    old, versions = release.model(), versions_of(release)
    assert (
        release.scripts.run("train", *NAMED, "--approve", "--set", CHANGED, "--no-report").code == 0
    )
    assert release.scripts.run("deploy", *TO_LAMBDA).result["api_url"] == release.deploy["api_url"]
    new = release.model()
    assert new["sha256"] != old["sha256"]
    assert f"lambda/models/{RECIPE}/{new['sha256']}.npz" in release.objects()
    assert len(versions_of(release)) == len(versions) + 1


def test_deploy_that_fails_keeps_the_previous_release_serving(release):
    before = release.model()
    error = release.scripts.run("deploy", *TO_LAMBDA, "--concurrency", "5000").error
    assert "UnreservedConcurrentExecution below its minimum value" in error
    assert error.endswith("It serves the previous release.")
    assert release.model() == before


def test_invoke_of_a_function_without_concurrency_names_the_remedy(release):
    client, name = release.scripts.client("lambda"), release.deploy["function_name"]
    before = client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"]
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    for target, status in (("api", 503), ("lambda", 429)):
        error = release.scripts.run("invoke", *NAMED, "--target", target, "text").error
        assert f"({status})" in error
        assert "deploy the --package that serves, which status shows, with a higher --co" in error
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=before)
    assert release.call("GET", "/health")[0] == 200


def test_invoke_over_the_throttle_names_the_fault(release, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", release.scripts.aws.url)
    limits = ("--rate", "1", "--burst", "1")
    assert release.scripts.run("deploy", *TO_LAMBDA, *limits).code == 0
    statuses = {release.call("GET", "/health")[0] for _ in range(20)}
    assert statuses == {200, 429}
    aws = Aws(REGION)
    outputs = function_outputs(aws, DEFAULT_STACK, RECIPES[RECIPE])
    with pytest.raises(DeploymentError, match=r"the API throttles requests \(429\)"):
        for _ in range(20):
            invoke_api(aws, api_call(aws, outputs), ["text"])
    limits = ("--rate", "100", "--burst", "200")
    assert release.scripts.run("deploy", *TO_LAMBDA, *limits).code == 0


def test_recipe_that_lambda_does_not_serve_is_refused(release):
    for script, *extra in (("deploy",), ("invoke", "text")):
        error = release.scripts.run(script, "--target", "lambda", *extra).error
        assert error.startswith("Lambda does not serve newsgroups-naive-bayes; it serves spooky-")


@pytest.fixture
def other_plan(release, monkeypatch):
    """Return a plan of another stack, whose definition is uploaded but not its code."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", release.scripts.aws.url)
    plan = replace(PLAN, bucket=release.setup["bucket"], target=this_machine())
    definition = uploads(plan)[2]
    client = release.scripts.client("s3")
    client.put_object(Bucket=plan.bucket, Key=definition.key, Body=definition.body)
    return plan


def test_stack_interrupted_in_its_creation_is_removed(release, other_plan):
    before = state_of(release.scripts)
    with pytest.raises(KeyboardInterrupt):
        create(Interrupted("create_stack", REGION), stack_call(other_plan, None))
    assert kinds_that_differ(before, state_of(release.scripts)) == set()


def test_stack_that_fails_is_removed_with_the_reason(release, other_plan):
    before = state_of(release.scripts)
    with pytest.raises(DeploymentError, match=r"could not be created: Function: .*[Kk]ey"):
        create(Aws(REGION), stack_call(other_plan, None))
    assert kinds_that_differ(before, state_of(release.scripts)) == set()


def check_equal(predictions: list[dict], others: list[dict]) -> None:
    """Fail unless predictions have equal labels, in the same order, and equal probabilities."""
    for one, other in zip(predictions, others, strict=True):
        assert list(one) == list(other)
        assert one["label"] == other["label"]
        assert list(one["probabilities"]) == list(other["probabilities"])
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


def test_function_and_endpoint_of_a_recipe_have_equal_apis_and_invoke_prefers_the_function(release):
    deployed = release.scripts.run("deploy", *NAMED, "--with-api").result
    endpoint = deployed["endpoint_name"]
    behind = replace(release, deploy=deployed)
    bodies = [one.call("POST", "/predict", {"instances": TEXTS})[1] for one in (release, behind)]
    check_equal(*(body["predictions"] for body in bodies))
    (status, content), other = (
        one.call("POST", "/predict", {"text": 5}) for one in (release, behind)
    )
    assert (status, content["error"]["message"]) == (other[0], other[1]["error"]["message"])
    ended = release.scripts.run("invoke", *NAMED, "--target", "api", "the moon")
    assert f"That of endpoint {endpoint} needs: --endpoint-name {endpoint}" in ended.stderr
    named = release.scripts.run(
        "invoke", *NAMED, "--target", "api", "--endpoint-name", endpoint, "the moon"
    )
    check_equal(named.result["predictions"], ended.result["predictions"])
    assert "needs: --endpoint-name" not in named.stderr


def test_delete_removes_the_stacks_their_objects_and_their_logs(release):
    before = release.objects("")
    dry = release.scripts.run("delete", *NAMED, "--dry-run").result["calls"]
    operations = [call["operation"] for call in dry]
    assert operations[:3] == ["delete_stack", "delete_stack", "delete_objects"]
    deleted = release.scripts.run("delete", *NAMED).result["deleted"]
    assert (deleted["stack"], deleted["endpoint"]) == (2, 1)
    assert release.objects() == []
    kept = [key for key in before if not key.startswith(("lambda/", "models/"))]
    assert release.objects("") == kept
    assert release.scripts.client("lambda").list_functions()["Functions"] == []
    assert release.scripts.client("apigatewayv2").get_apis()["Items"] == []
    groups = release.scripts.client("logs").describe_log_groups()["logGroups"]
    assert [group for group in groups if STACK in group["logGroupName"]] == []
    for target in ("api", "lambda"):
        error = release.scripts.run("invoke", *NAMED, "--target", target, "text").error
        assert error.startswith(f"there is no stack {STACK} in region {REGION}. Deploy it with: ")


def test_deploy_replaces_a_stack_whose_creation_failed(release):
    client = release.scripts.client("cloudformation")
    taken = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": release.setup["bucket"]}}
    template = json.dumps({"Resources": {"B": taken}})
    tags = recipe_tags(DEFAULT_STACK, RECIPES[RECIPE])
    client.create_stack(StackName=STACK, TemplateBody=template, Tags=tags)
    eventually(
        lambda: (
            client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
            == "ROLLBACK_COMPLETE"
        )
    )
    dry = release.scripts.run("deploy", *TO_LAMBDA, "--dry-run").result["calls"]
    assert dry[-1]["operation"] == "create_stack"
    assert release.scripts.run("deploy", *TO_LAMBDA).result["stack_name"] == STACK
