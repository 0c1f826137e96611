"""A release of a function that answers wrong gets no call, and rollback returns to what served."""

import argparse
import hashlib
import json
from dataclasses import replace
from functools import partial

import pytest
from botocore.exceptions import ClientError

from local_aws.testing import running_local_aws
from local_aws.tests.account import eventually
from local_aws.tests.sagemaker.releases.callers import calling
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts import deploy
from scripts.account.aws import Aws
from scripts.account.lineage import LINEAGE, TRIAL, lineage_location
from scripts.account.registry import describe_package
from scripts.account.stacks import parameters_of
from scripts.endpoints.flags import check_target_flags
from scripts.functions.deployment import release_function
from tests.documents import arguments_of, marked_commands
from tests.end_to_end.functions.lambda_release import (
    NAMED,
    RECIPE,
    REGION,
    STACK,
    TO_LAMBDA,
    make_lambda_release,
)
from tests.end_to_end.operations.faulty_models import deploy_slow_function, register_function_model
from tests.scripts.compatibility import KEYS
from tests.scripts.releases import register_archive

pytestmark = pytest.mark.slow
PAGE, THIS = "docs/how-to/operate.md", "tests/end_to_end/operations/test_function_rollback.py"
EXAMPLE = "arn:aws:sagemaker:REGION:ACCOUNT:model-package/NAME/2"


@pytest.fixture(scope="module")
def release():
    """Make a release in its own local AWS, which the tests change, in order."""
    with running_local_aws() as aws:
        release = make_lambda_release(aws)
        flags = ("--rate", "10000", "--burst", "10000", "--email", "night@example.com")
        deployed = release.scripts.run("deploy", *TO_LAMBDA, *flags)
        assert "AWS would ask night@example.com to confirm the subscription" in deployed.stderr
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
    (stack,) = release.scripts.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return alias["FunctionVersion"], latest, release.versions(), parameters_of(stack)


def register_broken(release):
    return register_function_model(release, RECIPE, "no model", b"no model")


def register_swapped_labels(release):
    return register_function_model(release, RECIPE, "swapped labels", None)


@pytest.mark.parametrize(
    ("register", "found"),
    [
        (register_broken, "found a response without one prediction: "),
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
    assert [call["operation"] for call in planned] == [
        "update_stack",
        "tag_resource",
        "update_stack",
    ]
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


def test_slow_release_fails_the_smoke_request_and_gets_no_call(release, tmp_path):
    before, package = content_of(release), release.train["model_package_arn"]
    flags = ("--package", package, "--smoke-seconds", "1")
    ended = deploy_slow_function(release, tmp_path, *TO_LAMBDA, *flags)
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert last.endswith(f"within 1 s (ReadTimeoutError). Its log group is /aws/lambda/{STACK}")
    assert content_of(release) == before


class Unlucky(Aws):
    """AWS that refuses the update that publishes a release, or makes it and loses the response."""

    def __init__(self, *, after: bool) -> None:
        super().__init__(REGION)
        self._after = after

    def make(self, call, *ignored):
        token = call.parameters.get("ClientRequestToken", "")
        if call.operation != "update_stack" or token.endswith(("-staged", "-restored")):
            return super().make(call, *ignored)
        if self._after:
            super().make(call, *ignored)
        error = {"Code": "Throttling", "Message": "Rate exceeded"}
        raise ClientError({"Error": error}, "UpdateStack")


def deploy_here(release, aws, *flags):
    """Deploy in this process, with an AWS of the test."""
    parser = argparse.ArgumentParser()
    deploy.add_arguments(parser)
    arguments = parser.parse_args([*TO_LAMBDA, *flags])
    check_target_flags(arguments)
    package = describe_package(aws, release.train["model_package_arn"])
    return release_function(aws, RECIPES[RECIPE], package, arguments)


@pytest.fixture
def here(release, monkeypatch):
    """Return the release, and let this process work on its local AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", release.scripts.aws.url)
    return release


@pytest.mark.parametrize("after", [False, True])
def test_release_whose_publication_is_refused_or_whose_response_is_lost_is_taken_back(
    here, capsys, after
):
    before = content_of(here)
    with pytest.raises(ClientError, match="Rate exceeded"):
        deploy_here(here, Unlucky(after=after), "--memory", "256" if after else "320")
    version, latest, versions, parameters = content_of(here)
    assert (version, latest) == before[:2]
    assert len(versions) == len(before[2]) + after
    changed = {name for name in parameters if parameters[name] != before[3].get(name)}
    assert changed == ({"ReleaseSha256"} if after else set())
    assert "has its previous content again." in capsys.readouterr().err


class Slow(Aws):
    """AWS of somebody during whose smoke request somebody else releases."""

    def __init__(self, other) -> None:
        super().__init__(REGION)
        self._other = other

    def new_client(self, service, **options):
        if service == "lambda" and options:
            self._other()
        return super().new_client(service, **options)


def test_release_during_whose_smoke_request_someone_else_releases_is_not_published(here):
    package = here.train["model_package_arn"]
    theirs = ("--package", package, "--memory", "448")
    ended = []
    other = partial(here.scripts.run, "deploy", *TO_LAMBDA, *theirs)
    with pytest.raises(DeploymentError, match="someone else has changed the stack"):
        deploy_here(here, Slow(lambda: ended.append(other())), "--memory", "384")
    assert ended[0].code == 0, ended[0].stderr
    version, latest, versions, parameters = content_of(here)
    assert (version, parameters["MemorySize"]) == (versions[-1], "448")
    assert latest["Variables"]["MODEL_PACKAGE"] == package


def test_rollback_after_a_new_release_returns_to_the_good_version_and_not_to_the_bad_one(release):
    good = ("--package", release.train["model_package_arn"])
    release.scripts.run("deploy", *TO_LAMBDA, *good, "--memory", "1024")
    first = live(release)
    bad = register_function_model(release, RECIPE, "bad", None)
    unasked = ("--smoke-seconds", "0")
    assert release.scripts.run("deploy", *TO_LAMBDA, *unasked, "--package", bad).code == 0
    second = live(release)
    assert int(second) > int(first)
    planned = release.scripts.run("rollback", *TO_LAMBDA, "--dry-run").result["calls"]
    assert [call["operation"] for call in planned] == ["tag_resource", "update_alias"]
    returned = release.scripts.run("rollback", *TO_LAMBDA)
    assert set(returned.result) == KEYS["rollback to lambda"]
    assert (returned.result["version"], returned.result["replaced"]) == (first, second)
    assert live(release) == first
    assert f"Its stack still names version {second}" in returned.stderr
    assert f"python -m scripts.approve {' '.join(NAMED)} --reject --package {bad}" in (
        returned.stderr
    )
    guarded = release.scripts.run("deploy", *TO_LAMBDA, "--canary", "10", *good)
    assert f"and an alarm would return its calls to version {second}" in guarded.error
    (shown,) = release.scripts.run("status", "--json").result["deployments"]
    assert (shown["kind"], shown["release"]) == ("function", first)
    assert release.scripts.run("deploy", *TO_LAMBDA, *good).code == 0
    third = live(release)
    assert int(third) > int(second)
    same = release.scripts.run("rollback", *TO_LAMBDA)
    assert same.result["version"] == first
    assert "--reject" not in same.stderr  # both versions have the good package
    assert release.scripts.run("rollback", *TO_LAMBDA).result["version"] == third


def test_package_that_was_left_is_rejected_by_the_command_of_the_guide(release):
    bad = register_function_model(release, RECIPE, "left", None)
    (line,) = marked_commands(PAGE, THIS)
    result = release.scripts.run(*arguments_of(line.replace(EXAMPLE, bad))).result
    assert (result["model_package_arn"], result["approval_status"]) == (bad, "Rejected")
    assert bad in release.scripts.run("deploy", *TO_LAMBDA, "--package", bad).error
