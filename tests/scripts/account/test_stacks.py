"""What is said about the last operation on a stack."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.stacks import stack_failures
from scripts.releases.stack_changes import update
from tests.scripts.stubbed import stub

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/s/1"


def event(name, status, reason=""):
    """Return an event of a resource, or of the stack itself."""
    return {
        "StackId": STACK,
        "EventId": f"{name}-{status}",
        "StackName": "s",
        "Timestamp": 0,
        "LogicalResourceId": name,
        "PhysicalResourceId": STACK if name == "s" else f"physical-{name}",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_failures_are_those_of_the_last_operation_by_name_and_by_id():
    oldest_first = [
        event("s", "CREATE_IN_PROGRESS"),
        event("Api", "CREATE_FAILED", "no such issuer"),
        event("s", "CREATE_FAILED", "The following resource(s) failed to create: [Api]."),
        event("s", "DELETE_IN_PROGRESS"),
        event("Bucket", "DELETE_FAILED", "not empty"),
        event("s", "DELETE_FAILED", "The following resource(s) failed to delete: [Bucket]."),
    ]
    for stack in ("s", STACK):
        aws = Aws("us-east-1")
        response = {"StackEvents": oldest_first[::-1]}
        stub(aws, "cloudformation").add_response("describe_stack_events", response)
        assert stack_failures(aws, stack) == "Bucket: not empty"


def test_function_in_an_account_that_can_reserve_no_calls_gets_the_flag_to_do_without():
    reason = "decreases account's UnreservedConcurrentExecution below its minimum value of [10]."
    aws, call = Aws("us-east-1"), Call("cloudformation", "update_stack", {"StackName": "s"})
    stubber = stub(aws, "cloudformation")
    stubber.add_response("update_stack", {"StackId": STACK})
    stack = {"StackName": "s", "StackStatus": "UPDATE_ROLLBACK_COMPLETE", "CreationTime": 0}
    stubber.add_response("describe_stacks", {"Stacks": [stack]})
    failed = event("Function", "UPDATE_FAILED", reason)
    stubber.add_response("describe_stack_events", {"StackEvents": [failed]})
    with pytest.raises(DeploymentError) as caught:
        update(aws, call, "token")
    assert str(caught.value).endswith(
        f"Function: {reason} Pass a lower --concurrency, or 0 to reserve none"
    )
