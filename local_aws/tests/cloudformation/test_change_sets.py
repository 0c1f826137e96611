"""Change sets, which `aws cloudformation deploy` and `sam deploy` use."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import TRUST, Stacks, resource


def change_set(stacks: Stacks, name: str, resources, kind: str = "UPDATE", **options) -> str:
    """Create a change set; return its ARN."""
    return str(
        stacks.client.create_change_set(
            StackName=name,
            ChangeSetName=unique("changes"),
            ChangeSetType=kind,
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_IAM"],
            **options,
        )["Id"]
    )


def changes(stacks: Stacks, arn: str) -> dict[str, tuple[str, str]]:
    """Return the action and the replacement of each change, by logical id."""
    described = stacks.client.describe_change_set(ChangeSetName=arn)
    assert described["Status"] == "CREATE_COMPLETE"
    return {
        change["ResourceChange"]["LogicalResourceId"]: (
            change["ResourceChange"]["Action"],
            change["ResourceChange"].get("Replacement", ""),
        )
        for change in described["Changes"]
    }


def role(path: str):
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, Path=path)


GROUP = resource("AWS::Logs::LogGroup", LogGroupName={"Fn::Sub": "/of/${Role}"})
PLAIN = resource("AWS::Logs::LogGroup", RetentionInDays=1)


@pytest.mark.observes("stack-change-sets")
def test_change_sets_create_and_change_a_stack(stacks):
    name = unique("stack")
    first = change_set(
        stacks, name, {"Role": role("/one/"), "Group": GROUP, "Old": PLAIN}, "CREATE"
    )
    assert stacks.describe(name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert changes(stacks, first) == {"Role": ("Add", ""), "Group": ("Add", ""), "Old": ("Add", "")}
    stacks.client.execute_change_set(ChangeSetName=first)
    stacks.wait(name, "CREATE_COMPLETE")
    before = stacks.physical(name)
    changed = {**PLAIN, "Properties": {"RetentionInDays": 3}}
    second = change_set(stacks, name, {"Role": role("/two/"), "Group": GROUP, "Old": changed})
    assert changes(stacks, second) == {
        "Role": ("Modify", "True"),
        "Group": ("Modify", "True"),  # it depends on the role, whose name is not known yet
        "Old": ("Modify", "False"),
    }
    assert stacks.physical(name) == before
    third = change_set(stacks, name, {"Role": role("/one/")})
    assert changes(stacks, third) == {"Group": ("Remove", ""), "Old": ("Remove", "")}
    listed = stacks.client.list_change_sets(StackName=name)["Summaries"]
    assert {item["ChangeSetId"] for item in listed} >= {second, third}
    stacks.client.execute_change_set(ChangeSetName=second)
    stacks.wait(name, "UPDATE_COMPLETE")
    after = stacks.physical(name)
    assert after["Role"] != before["Role"]
    assert after["Group"] == f"/of/{after['Role']}"
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        stacks.client.execute_change_set(ChangeSetName=third)
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        stacks.client.execute_change_set(ChangeSetName=second)


@pytest.mark.observes("stack-change-sets")
def test_change_set_is_obsolete_after_an_update_of_its_stack(stacks):
    name = stacks.create({"Old": PLAIN})
    arn = change_set(stacks, name, {"Old": resource("AWS::Logs::LogGroup", RetentionInDays=3)})
    stacks.update(name, {"Old": resource("AWS::Logs::LogGroup", RetentionInDays=5)})
    described = stacks.client.describe_change_set(ChangeSetName=arn)
    assert (described["Status"], described["ExecutionStatus"]) == ("CREATE_COMPLETE", "OBSOLETE")
    with pytest.raises(ClientError, match=r"InvalidChangeSetStatus.*status of \[OBSOLETE\]"):
        stacks.client.execute_change_set(ChangeSetName=arn)


@pytest.mark.observes("stack-change-sets")
def test_change_set_without_changes_fails_with_the_reason_that_deploy_expects(stacks):
    name = stacks.create({"Old": PLAIN})
    arn = change_set(stacks, name, {"Old": PLAIN})
    described = stacks.client.describe_change_set(ChangeSetName=arn)
    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert described["StatusReason"].startswith("The submitted information didn't contain changes.")
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        stacks.client.execute_change_set(ChangeSetName=arn)
    stacks.client.delete_change_set(ChangeSetName=arn)
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        stacks.client.describe_change_set(ChangeSetName=arn)


@pytest.mark.observes("stack-role")
def test_change_set_whose_role_is_gone_is_refused_and_remains_available(stacks):
    name = stacks.create({"Old": PLAIN})
    role_arn = stacks.account.create_role("cloudformation.amazonaws.com")
    arn = change_set(stacks, name, {"New": PLAIN}, RoleARN=role_arn)
    stacks.account.iam.delete_role(RoleName=role_arn.rsplit("/", 1)[-1])
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        stacks.client.execute_change_set(ChangeSetName=arn)
    described = stacks.client.describe_change_set(ChangeSetName=arn)
    assert described["ExecutionStatus"] == "AVAILABLE"


def test_change_set_with_a_type_that_is_not_reproduced_is_refused_by_name(stacks):
    queue = {"Queue": resource("AWS::SQS::Queue")}
    with pytest.raises(ClientError, match=r"does not reproduce .*\[AWS::SQS::Queue\]"):
        change_set(stacks, unique("stack"), queue, "CREATE")


@pytest.mark.parametrize(
    ("kind", "reason"), [("UPDATE", "does not exist"), ("IMPORT", "does not reproduce")]
)
def test_change_set_without_a_stack_is_refused(stacks, kind, reason):
    with pytest.raises(ClientError, match=reason):
        change_set(stacks, unique("stack"), {"Old": PLAIN}, kind)


def test_stack_in_review_can_be_deleted(stacks):
    name = unique("stack")
    arn = change_set(stacks, name, {"Old": PLAIN}, "CREATE")
    stack_id = stacks.describe(name)["StackId"]
    stacks.client.delete_stack(StackName=name)
    stacks.wait(stack_id, "DELETE_COMPLETE")
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        stacks.client.execute_change_set(ChangeSetName=arn)
    assert stacks.describe(stack_id)["StackStatus"] == "DELETE_COMPLETE"
