"""An update changes what differs, tells those who depend on it, and keeps the names given."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import TRUST, resource

# A log group whose name is a role's ARN in a form it may have: it depends on the role.
DEPENDANT = resource("AWS::Logs::LogGroup", LogGroupName={"Fn::Sub": "/of/${Role}"})


def role(**properties):
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, **properties)


def group_names(stacks, prefix: str) -> list[str]:
    found = stacks.account.logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    return [item["logGroupName"] for item in found]


def test_property_that_can_change_changes_in_place(stacks):
    group = {"Group": resource("AWS::Logs::LogGroup", RetentionInDays=1)}
    name = stacks.create(group)
    before = stacks.physical(name)
    stacks.update(name, {"Group": resource("AWS::Logs::LogGroup", RetentionInDays=30)})
    assert stacks.physical(name) == before
    found = stacks.account.logs.describe_log_groups(logGroupNamePrefix=before["Group"])
    assert found["logGroups"][0]["retentionInDays"] == 30
    stacks.delete(name)
    assert group_names(stacks, before["Group"]) == []


def test_replacement_reaches_what_depends_on_it_and_the_old_ones_go(stacks):
    name = stacks.create({"Role": role(Path="/one/"), "Group": DEPENDANT})
    before = stacks.physical(name)
    stacks.update(name, {"Role": role(Path="/two/"), "Group": DEPENDANT})
    after = stacks.physical(name)
    assert after["Role"] != before["Role"]
    assert after["Group"] == f"/of/{after['Role']}"
    assert group_names(stacks, f"/of/{name}") == [after["Group"]]
    with pytest.raises(ClientError, match="NoSuchEntity"):
        stacks.account.iam.get_role(RoleName=before["Role"])
    statuses = [status for logical, status, _ in stacks.events(name) if logical == name]
    assert statuses[-3:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]


def test_order_follows_what_refers_and_not_the_template(stacks):
    name = stacks.create({"Group": DEPENDANT, "Role": role()})
    made = [logical for logical, status, _ in stacks.events(name) if status == "CREATE_COMPLETE"]
    assert made == ["Role", "Group", name]
    stack_id = stacks.delete(name)["StackId"]
    gone = [logical for logical, status, _ in stacks.events(stack_id) if status[:8] == "DELETE_C"]
    assert gone == ["Group", "Role", name]


def test_names_given_in_the_template_are_kept(stacks):
    bucket, named = unique("bucket"), unique("role")
    name = stacks.create(
        {"Bucket": resource("AWS::S3::Bucket", BucketName=bucket), "Role": role(RoleName=named)}
    )
    assert stacks.physical(name) == {"Bucket": bucket, "Role": named}


def test_replacement_of_a_named_resource_fails_and_is_rolled_back(stacks):
    named = unique("role")
    name = stacks.create({"Role": role(RoleName=named, Path="/one/")})
    found = stacks.update(
        name, {"Role": role(RoleName=named, Path="/two/")}, "UPDATE_ROLLBACK_COMPLETE"
    )
    reasons = " ".join(reason for _, status, reason in stacks.events(name) if "FAILED" in status)
    assert "already exists" in reasons
    assert stacks.physical(name) == {"Role": named}
    assert stacks.account.iam.get_role(RoleName=named)["Role"]["Path"] == "/one/"
    assert found["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_update_that_fails_brings_everything_back_to_what_it_was(stacks):
    taken = unique("bucket")
    stacks.account.s3.create_bucket(Bucket=taken)
    old = {
        "Group": resource("AWS::Logs::LogGroup", RetentionInDays=1),
        "Role": role(Path="/one/", Description="old"),
        "Goes": resource("AWS::Logs::LogGroup"),
    }
    name = stacks.create(old)
    before = stacks.physical(name)
    new = {
        "Group": resource("AWS::Logs::LogGroup", RetentionInDays=30),
        "Role": role(Path="/two/", Description="new"),
        "Added": resource("AWS::Logs::LogGroup"),
        "Bucket": {
            **resource("AWS::S3::Bucket", BucketName=taken),
            "DependsOn": ["Group", "Role", "Added"],
        },
    }
    stacks.update(name, new, "UPDATE_ROLLBACK_COMPLETE")
    rolling = [
        reason
        for _, status, reason in stacks.events(name)
        if status == "UPDATE_ROLLBACK_IN_PROGRESS"
    ]
    assert rolling == ["The following resource(s) failed to create: [Bucket]. "]
    assert stacks.physical(name) == before
    group = stacks.account.logs.describe_log_groups(logGroupNamePrefix=before["Group"])
    assert group["logGroups"][0]["retentionInDays"] == 1
    assert sorted(group_names(stacks, name)) == sorted([before["Group"], before["Goes"]])
    found = stacks.account.iam.get_role(RoleName=before["Role"])["Role"]
    assert (found["Path"], found["Description"]) == ("/one/", "old")
    stacks.update(name, {"Group": new["Group"]})
    assert stacks.physical(name) == {"Group": before["Group"]}


def test_update_that_changes_nothing_is_refused(stacks):
    group = {"Group": resource("AWS::Logs::LogGroup")}
    name = stacks.create(group)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update(name, group)
    stacks.update(name, group, sections={"Outputs": {"Name": {"Value": {"Ref": "Group"}}}})
    assert stacks.outputs(name) == {"Name": stacks.physical(name)["Group"]}


def test_resource_that_is_retained_outlives_its_stack(stacks):
    kept = {**resource("AWS::Logs::LogGroup"), "DeletionPolicy": "Retain"}
    name = stacks.create({"Kept": kept, "Gone": resource("AWS::Logs::LogGroup")})
    before = stacks.physical(name)
    stacks.delete(name)
    assert group_names(stacks, before["Kept"]) == [before["Kept"]]
    assert group_names(stacks, before["Gone"]) == []


def test_resource_that_is_replaced_is_kept_if_its_policy_says_so(stacks):
    first, second = unique("group"), unique("group")

    def group(name: str):
        made = resource("AWS::Logs::LogGroup", LogGroupName=name)
        return {"Group": {**made, "UpdateReplacePolicy": "Retain"}}

    name = stacks.create(group(first))
    stacks.update(name, group(second))
    assert group_names(stacks, first) == [first]
    assert stacks.physical(name) == {"Group": second}


def test_type_of_a_resource_cannot_change(stacks):
    name = stacks.create({"One": resource("AWS::Logs::LogGroup")})
    with pytest.raises(ClientError, match=r"modifies resource type .*\[One\]"):
        stacks.update(name, {"One": resource("AWS::S3::Bucket")})


def test_stack_that_is_worked_on_takes_no_other_operation(stacks):
    name = stacks.create({"Group": resource("AWS::Logs::LogGroup")})
    body = json.dumps({"Resources": {f"G{n}": resource("AWS::Logs::LogGroup") for n in range(40)}})
    stacks.client.update_stack(StackName=name, TemplateBody=body)
    with pytest.raises(ClientError) as caught:
        stacks.client.update_stack(StackName=name, TemplateBody=body)
    message = caught.value.response["Error"]["Message"]
    assert "IN_PROGRESS state and can not be updated." in message
    stacks.ended(name, "UPDATE_COMPLETE")


def test_tags_of_the_stack_reach_its_resources(stacks):
    name = stacks.create({"Role": role()}, Tags=[{"Key": "project", "Value": "one"}])
    made = stacks.physical(name)["Role"]
    assert stacks.account.iam.list_role_tags(RoleName=made)["Tags"] == [
        {"Key": "project", "Value": "one"}
    ]
    stacks.update(name, {"Role": role()}, Tags=[{"Key": "project", "Value": "two"}])
    assert stacks.account.iam.list_role_tags(RoleName=made)["Tags"] == [
        {"Key": "project", "Value": "two"}
    ]
