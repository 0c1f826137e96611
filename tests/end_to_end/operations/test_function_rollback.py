"""A release of a function that answers wrong gets no call, and rollback goes one version back."""

import hashlib
import json
from dataclasses import replace
from functools import partial

import pytest

from local_aws.testing import running_local_aws
from local_aws.tests.account import eventually
from local_aws.tests.sagemaker.releases.callers import calling
from scripts.account.lineage import LINEAGE, TRIAL, lineage_location
from scripts.account.stacks import parameters_of
from tests.end_to_end.functions.lambda_release import NAMED, RECIPE, STACK, make_lambda_release
from tests.end_to_end.operations.faulty_models import register_function_model
from tests.scripts.compatibility import KEYS
from tests.scripts.releases import register_archive

pytestmark = pytest.mark.slow
TO_LAMBDA = (*NAMED, "--target", "lambda")


@pytest.fixture(scope="module")
def release():
    """Make a release in its own local AWS, which the tests change, in order."""
    with running_local_aws() as aws:
        release = make_lambda_release(aws)
        flags = ("--rate", "10000", "--burst", "10000", "--email", "night@example.com")
        deployed = release.scripts.run("deploy", *TO_LAMBDA, *flags)
        assert "AWS has sent night@example.com a message that must be confirmed" in deployed.stderr
        assert deployed.code == 0
        yield release


def live(release):
    client, name = release.scripts.client("lambda"), release.deploy["function_name"]
    return client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]


def register_other_label(release):
    """Register the release's model with an example that no model labels so; return it."""
    scripts, uri = release.scripts, release.train["model_artifacts"]
    lineage = json.loads(scripts.read_object("s3://{Bucket}/{Key}".format(**lineage_location(uri))))
    lineage["example"] = replace(TRIAL, label="another").document()
    content = json.dumps(lineage).encode()
    copy = f"s3://{release.setup['bucket']}/other-label/model.tar.gz"
    scripts.put_object(copy, scripts.read_object(uri))
    scripts.put_object("s3://{Bucket}/{Key}".format(**lineage_location(copy)), content)
    properties = {LINEAGE: hashlib.sha256(content).hexdigest()}
    return register_archive(scripts, RECIPE, copy, approved=True, properties=properties)


def answer_of(release):
    """Return the label in an answer of the API, or else its status."""
    status, content = release.call("POST", "/predict", {"text": "the monster"})
    return content["predictions"][0]["label"] if status == 200 else str(status)


def content_of(release):
    """Return everything that a release of the function changes."""
    names = {"FunctionName": release.deploy["function_name"]}
    client = release.scripts.client("lambda")
    alias = client.get_alias(**names, Name="live")
    latest = client.get_function_configuration(**names)["Environment"]
    versions = [each["Version"] for each in client.list_versions_by_function(**names)["Versions"]]
    (stack,) = release.scripts.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return alias["FunctionVersion"], latest, versions, parameters_of(stack)


def register_broken(release):
    return register_function_model(release, RECIPE, "no model", b"no model")


def register_swapped_labels(release):
    return register_function_model(release, RECIPE, "swapped labels", None)


@pytest.mark.parametrize(
    ("register", "found"),
    [
        (register_broken, "found an answer without one prediction: "),
        (register_swapped_labels, "found the label '"),
        (register_other_label, "found the label '"),
    ],
)
def test_release_that_fails_the_smoke_request_gets_no_call(release, register, found):
    package, before = register(release), content_of(release)
    label = answer_of(release)
    assert not label.isdecimal()
    with calling(partial(answer_of, release), clients=2) as callers:
        eventually(lambda: callers.last)
        flags = ("--package", package, "--memory", "256")
        ended = release.scripts.run("deploy", *TO_LAMBDA, *flags)
        answers = callers.take()
        eventually(lambda: callers.take().total())
    assert ended.code == 1
    last = ended.stderr.splitlines()[-1]
    assert "the new release of function " in last
    assert "failed the smoke request: expected the label '" in last
    assert found in last
    assert "Traceback" not in ended.stderr
    assert set(answers) == {label}, answers
    assert content_of(release) == before


def test_release_that_answers_right_and_cannot_be_published_leaves_everything_as_it_was(release):
    before = content_of(release)
    flags = ("--package", release.train["model_package_arn"], "--memory", "256")
    ended = release.scripts.run("deploy", *TO_LAMBDA, *flags, "--concurrency", "5000")
    assert "Smoke request: the new release of function " in ended.stderr
    assert f"the stack {STACK} could not be updated (UPDATE_ROLLBACK_COMPLETE)" in ended.error
    assert content_of(release) == before


def test_release_that_answers_the_smoke_request_right_takes_over_without_a_failed_call(release):
    package = release.train["model_package_arn"]
    flags = ("--package", package, "--memory", "640")
    planned = release.scripts.run("deploy", *TO_LAMBDA, *flags, "--dry-run").result["calls"]
    assert [call["operation"] for call in planned] == ["update_stack", "update_stack"]
    before, label = live(release), answer_of(release)
    with calling(partial(answer_of, release), clients=2) as callers:
        eventually(lambda: callers.last)
        ended = release.scripts.run("deploy", *TO_LAMBDA, *flags)
        answers = callers.take()
    assert "the new release of function " in ended.stderr
    assert ended.code == 0, ended.stderr
    assert int(live(release)) == int(before) + 1
    assert set(answers) == {label}, answers


def test_alarms_of_a_function_send_mail_to_an_address_that_later_releases_keep(release):
    stack = release.scripts.client("cloudformation").describe_stack_resources(StackName=STACK)
    kinds = {"AWS::CloudWatch::Alarm": [], "AWS::SNS::Topic": []}
    for each in stack["StackResources"]:
        kinds.get(each["ResourceType"], []).append(each["PhysicalResourceId"])
    names, (topic,) = kinds.values()
    alarms = release.scripts.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert [alarm["AlarmActions"] for alarm in alarms] == [[topic]] * 4
    listed = release.scripts.client("sns").list_subscriptions_by_topic(TopicArn=topic)
    (subscription,) = listed["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "night@example.com")


def test_rollback_goes_one_version_back_and_the_next_deploy_forward(release):
    first = live(release)
    arn = release.train["model_package_arn"]
    release.scripts.run("deploy", *TO_LAMBDA, "--package", arn, "--memory", "1024")
    second = live(release)
    assert int(second) > int(first)
    returned = release.scripts.run("rollback", *TO_LAMBDA)
    result = returned.result
    assert f"Its stack still names version {second}" in returned.stderr
    guarded = release.scripts.run("deploy", *TO_LAMBDA, "--canary", "10", "--package", arn)
    assert f"and an alarm would return its calls to version {second}" in guarded.error
    assert set(result) == KEYS["rollback to lambda"]
    assert result["replaced"] == second
    assert live(release) == result["version"]
    (shown,) = release.scripts.run("status", "--json").result["deployments"]
    assert (shown["kind"], shown["release"]) == ("function", result["version"])
    assert shown["model_package_arn"]
    again = release.scripts.run("deploy", *TO_LAMBDA, "--package", arn)
    assert again.code == 0, again.stderr
    assert live(release) == second
