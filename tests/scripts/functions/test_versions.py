"""The alias of a function: what it serves, and the calls that move it."""

import pytest
from botocore.stub import ANY

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.functions.versions import LiveAlias, live_alias, previous_version
from tests.scripts.stubbed import stub

OUTPUTS = {"FunctionName": "f", "FunctionAlias": "arn:aws:lambda:us-east-1:123456789012:f:live"}


@pytest.mark.parametrize(("weights", "incoming"), [({}, ""), ({"3": 0.1}, "3")])
def test_alias_names_the_version_that_a_release_is_moving_calls_to(weights, incoming):
    aws = Aws("us-east-1")
    routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
    stub(aws, "lambda").add_response(
        "get_alias", {"FunctionVersion": "2", **routing}, {"FunctionName": "f", "Name": "live"}
    )
    assert live_alias(aws, OUTPUTS) == LiveAlias("f", "live", "2", incoming)


def test_moved_alias_sends_no_call_to_another_version():
    aws, call = Aws("us-east-1"), LiveAlias("f", "live", "2").move_call("1")
    stubber = stub(aws, "lambda")  # which validates the request
    stubber.add_response("update_alias", {}, call.parameters)
    aws.make(call)
    stubber.assert_no_pending_responses()
    assert call.parameters["FunctionVersion"] == "1"
    assert call.parameters["RoutingConfig"] == {"AdditionalVersionWeights": {}}


@pytest.mark.parametrize(("live", "previous"), [("10", "9"), ("9", "2")])
def test_previous_version_is_the_next_lower_number_that_exists(live, previous):
    assert previous_version(versions(), LiveAlias("f", "live", live), "") == previous


def test_first_version_has_no_previous_one_and_the_message_has_the_command_that_deploys_another():
    with pytest.raises(DeploymentError) as caught:
        previous_version(versions(), LiveAlias("f", "live", "2"), "--recipe r --target lambda")
    assert str(caught.value).endswith(
        "with: python -m scripts.deploy --recipe r --target lambda --package ARN"
    )


def versions():
    """Return AWS with a function whose versions are listed as texts, in their order."""
    aws, names = Aws("us-east-1"), ("$LATEST", "10", "2", "9")
    found = {"Versions": [{"Version": name} for name in names]}
    stub(aws, "lambda").add_response("list_versions_by_function", found, {"FunctionName": ANY})
    return aws
