"""The alias of a function: what it serves, and the calls that move it."""

from datetime import UTC, datetime

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.functions.versions import (
    LiveAlias,
    history_call,
    live_alias,
    move,
    previous_version,
    stack_version,
    take_back,
)
from tests.scripts.stubbed import stub

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
OUTPUTS = {"FunctionName": "f", "FunctionAlias": f"{ARN}:live"}
ALIAS = {"FunctionVersion": "2", "RevisionId": "r"}


@pytest.mark.parametrize(("weights", "incoming"), [({}, ""), ({"3": 0.1}, "3")])
def test_alias_names_the_version_that_a_release_is_moving_calls_to(weights, incoming):
    aws = Aws("us-east-1")
    routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
    stub(aws, "lambda").add_response(
        "get_alias", ALIAS | routing, {"FunctionName": "f", "Name": "live"}
    )
    expected = LiveAlias("f", "live", "2", incoming, ARN, weights.get("3", 0), "r")
    assert live_alias(aws, OUTPUTS) == expected


def test_stack_names_the_newest_of_its_versions_that_is_not_deleted():
    aws = Aws("us-east-1")
    about = {"LogicalResourceId": "Version", "Timestamp": datetime(2026, 1, 2, tzinfo=UTC)}
    states = {"9": "CREATE_COMPLETE", "10": "CREATE_COMPLETE", "11": "DELETE_SKIPPED"}
    resources = [
        {
            **about,
            "ResourceType": "AWS::Lambda::Version",
            "PhysicalResourceId": f"{ARN}:{version}",
            "ResourceStatus": status,
        }
        for version, status in states.items()
    ]
    response = {"StackResources": resources}
    stub(aws, "cloudformation").add_response("describe_stack_resources", response)
    assert stack_version(aws, "s") == "10"


def test_moved_alias_sends_no_call_to_another_version():
    aws, call = Aws("us-east-1"), LiveAlias("f", "live", "2").move_call("1")
    stubber = stub(aws, "lambda")  # which validates the request
    stubber.add_response("update_alias", {}, call.parameters)
    aws.make(call)
    stubber.assert_no_pending_responses()
    assert call.parameters["FunctionVersion"] == "1"
    assert call.parameters["RoutingConfig"] == {"AdditionalVersionWeights": {}}


def alias_at(version):
    return LiveAlias("f", "live", version, function_arn=ARN)


class Tagged(Aws):
    """AWS with a function that has three versions and keeps its tags."""

    def __init__(self):
        super().__init__("us-east-1")
        self.tags = {"team": "a"}

    def make(self, call, *ignored):
        assert call.parameters["Resource"] == ARN
        if call.operation == "tag_resource":
            self.tags |= call.parameters["Tags"]
        return {"Tags": self.tags}

    def pages(self, service, operation, key, **parameters):
        return [{"Version": name} for name in ("$LATEST", "1", "2", "3", "4", "5")]

    def moved(self, before):
        """Record what is left, as `deploy` and `rollback` do before they move the alias."""
        self.make(history_call(self, alias_at(before)))


def test_rollback_after_a_rollback_and_a_new_release_returns_to_the_good_version():
    """Version 1 is good, 2 is bad, 3 has the package of 1 again, and 4 is bad."""
    aws = Tagged()
    aws.moved("1")
    assert previous_version(aws, alias_at("2"), "") == "1"
    aws.moved("2")  # by the rollback
    aws.moved("1")  # by the release of 3
    assert previous_version(aws, alias_at("3"), "") == "1"
    aws.moved("3")
    assert previous_version(aws, alias_at("4"), "") == "3"
    assert aws.tags["team"] == "a"


def test_second_rollback_returns_to_the_newer_version():
    aws = Tagged()
    aws.moved("1")
    aws.moved("2")
    assert previous_version(aws, alias_at("1"), "") == "2"


def test_release_that_failed_or_published_nothing_leaves_the_version_before():
    aws = Tagged()
    aws.moved("1")
    for _ in range(3):
        aws.moved("2")
    assert previous_version(aws, alias_at("2"), "") == "1"


@pytest.mark.parametrize(
    ("before", "reason"), [("", "it has had one release only"), ("7", "its version 7 was deleted")]
)
def test_missing_version_is_named_with_the_command_that_deploys_another(before, reason):
    aws = Tagged()
    if before:
        aws.moved(before)
    with pytest.raises(DeploymentError) as caught:
        previous_version(aws, alias_at("2"), "--recipe r --target lambda")
    assert str(caught.value) == (
        f"function f has no previous release: {reason}. Deploy another package with: "
        "python -m scripts.deploy --recipe r --target lambda --package ARN"
    )


def events_of(aws, token):
    """Stub a stack at rest, whose last operation has a token."""
    formation = stub(aws, "cloudformation")
    stack = {"StackName": "s", "CreationTime": 0, "StackStatus": "UPDATE_COMPLETE"}
    formation.add_response("describe_stacks", {"Stacks": [stack]})
    event = {"StackId": "s", "EventId": "e", "StackName": "s", "Timestamp": 0}
    named = event | {"ClientRequestToken": token}
    formation.add_response("describe_stack_events", {"StackEvents": [named, event]})


def test_alias_returns_to_the_version_before_an_update_that_may_have_moved_it(capsys):
    aws = Aws("us-east-1")
    events_of(aws, "mine")
    functions = stub(aws, "lambda")
    functions.add_response("get_alias", ALIAS)
    moved = LiveAlias("f", "live", "2", revision="r").move_call("1")
    functions.add_response("update_alias", {}, moved.parameters)
    take_back(aws, "s", "mine", OUTPUTS, "1")
    functions.assert_no_pending_responses()
    assert "Function f serves version 1 again." in capsys.readouterr().err


def test_alias_that_somebody_changes_at_the_same_time_is_left_as_it_is():
    aws, alias = Aws("us-east-1"), LiveAlias("f", "live", "2", revision="r")
    changed = ("PreconditionFailedException", "The Revision Id provided does not match")
    expected = alias.move_call("1").parameters
    assert expected["RevisionId"] == "r"
    stub(aws, "lambda").add_client_error(
        "update_alias", *changed, http_status_code=412, expected_params=expected
    )
    with pytest.raises(DeploymentError, match="changed the alias of function f in the meantime"):
        move(aws, alias, "1")


def test_alias_that_someone_else_has_moved_since_is_kept():
    aws = Aws("us-east-1")
    events_of(aws, "theirs")
    stub(aws, "lambda")  # which has no response
    take_back(aws, "s", "mine", OUTPUTS, "1")


def test_alias_that_was_deleted_with_its_stack_needs_no_words(capsys):
    aws, gone = Aws("us-east-1"), ("ValidationError", "Stack with id s does not exist")
    stub(aws, "cloudformation").add_client_error("describe_stacks", *gone)
    take_back(aws, "s", "mine", OUTPUTS, "1")
    assert capsys.readouterr().err == ""


def test_alias_that_cannot_return_is_named(capsys):
    aws = Aws("us-east-1")
    stub(aws, "cloudformation").add_client_error("describe_stacks", "ExpiredToken", "It expired.")
    take_back(aws, "s", "mine", OUTPUTS, "1")
    assert capsys.readouterr().err == (
        "The release may serve calls of the function f, which could not return to version 1: AWS "
        "refused DescribeStacks (ExpiredToken): It expired. Sign in to AWS again\n"
    )
