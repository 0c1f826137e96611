"""What is said about the last operation on a stack."""

from scripts.account.aws import Aws
from scripts.account.stacks import stack_failures
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
