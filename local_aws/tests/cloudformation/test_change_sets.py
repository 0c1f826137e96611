"""Change sets, by which `aws cloudformation deploy` and `sam deploy` work."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import TRUST, Stacks, resource


def change_set(stacks: Stacks, name: str, resources, kind: str = "UPDATE") -> str:
    """Make a change set; return its ARN."""
    return str(
        stacks.client.create_change_set(
            StackName=name,
            ChangeSetName=unique("changes"),
            ChangeSetType=kind,
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_IAM"],
        )["Id"]
    )


def changes(stacks: Stacks, arn: str) -> dict[str, tuple[str, str]]:
    """Return action and replacement by logical id."""
    found = stacks.client.describe_change_set(ChangeSetName=arn)
    assert found["Status"] == "CREATE_COMPLETE"
    return {
        change["ResourceChange"]["LogicalResourceId"]: (
            change["ResourceChange"]["Action"],
            change["ResourceChange"].get("Replacement", ""),
        )
        for change in found["Changes"]
    }


def role(path: str):
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, Path=path)


GROUP = resource("AWS::Logs::LogGroup", LogGroupName={"Fn::Sub": "/of/${Role}"})
PLAIN = resource("AWS::Logs::LogGroup", RetentionInDays=1)


def test_stack_is_made_and_changed_by_change_sets(stacks):
    name = unique("stack")
    first = change_set(
        stacks, name, {"Role": role("/one/"), "Group": GROUP, "Old": PLAIN}, "CREATE"
    )
    assert stacks.describe(name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert changes(stacks, first) == {
        "Role": ("Add", ""),
        "Group": ("Add", ""),
        "Old": ("Add", ""),
    }
    stacks.client.execute_change_set(ChangeSetName=first)
    stacks.ended(name, "CREATE_COMPLETE")
    before = stacks.physical(name)
    kept = {**PLAIN, "Properties": {"RetentionInDays": 3}}
    second = change_set(stacks, name, {"Role": role("/two/"), "Group": GROUP, "Old": kept})
    assert changes(stacks, second) == {
        "Role": ("Modify", "True"),
        "Group": ("Modify", "True"),  # it depends on the role, whose name nobody knows yet
        "Old": ("Modify", "False"),
    }
    assert stacks.physical(name) == before
    third = change_set(stacks, name, {"Role": role("/one/")})
    assert changes(stacks, third) == {"Group": ("Remove", ""), "Old": ("Remove", "")}
    listed = stacks.client.list_change_sets(StackName=name)["Summaries"]
    assert {item["ChangeSetId"] for item in listed} >= {second, third}
    stacks.client.execute_change_set(ChangeSetName=second)
    stacks.ended(name, "UPDATE_COMPLETE")
    after = stacks.physical(name)
    assert after["Role"] != before["Role"]
    assert after["Group"] == f"/of/{after['Role']}"
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        stacks.client.execute_change_set(ChangeSetName=third)
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        stacks.client.execute_change_set(ChangeSetName=second)


def test_change_set_without_changes_fails_in_the_words_that_deploy_looks_for(stacks):
    name = stacks.create({"Old": PLAIN})
    arn = change_set(stacks, name, {"Old": PLAIN})
    found = stacks.client.describe_change_set(ChangeSetName=arn)
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert found["StatusReason"].startswith("The submitted information didn't contain changes.")
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        stacks.client.execute_change_set(ChangeSetName=arn)
    stacks.client.delete_change_set(ChangeSetName=arn)
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        stacks.client.describe_change_set(ChangeSetName=arn)


@pytest.mark.parametrize(
    ("kind", "reason"), [("UPDATE", "does not exist"), ("IMPORT", "does not reproduce")]
)
def test_change_set_of_no_stack_is_refused(stacks, kind, reason):
    with pytest.raises(ClientError, match=reason):
        change_set(stacks, unique("stack"), {"Old": PLAIN}, kind)


def test_stack_in_review_can_be_deleted(stacks):
    name = unique("stack")
    change_set(stacks, name, {"Old": PLAIN}, "CREATE")
    stack_id = stacks.describe(name)["StackId"]
    stacks.client.delete_stack(StackName=name)
    stacks.ended(stack_id, "DELETE_COMPLETE")
