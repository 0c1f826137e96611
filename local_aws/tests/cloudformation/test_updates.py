"""An update changes the resources that differ and those that depend on them."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import refusal, unique
from local_aws.tests.cloudformation.stacks import TRUST, resource

# A log group that depends on the role in its name.
DEPENDENT = resource("AWS::Logs::LogGroup", LogGroupName={"Fn::Sub": "/of/${Role}"})


def role(**properties):
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, **properties)


def group_names(stacks, prefix: str) -> list[str]:
    groups = stacks.account.logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    return [item["logGroupName"] for item in groups]


def test_property_that_needs_no_replacement_changes_in_place(stacks):
    group = {"Group": resource("AWS::Logs::LogGroup", RetentionInDays=1)}
    name = stacks.create(group)
    before = stacks.physical(name)
    stacks.update(name, {"Group": resource("AWS::Logs::LogGroup", RetentionInDays=30)})
    assert stacks.physical(name) == before
    response = stacks.account.logs.describe_log_groups(logGroupNamePrefix=before["Group"])
    assert response["logGroups"][0]["retentionInDays"] == 30
    stacks.delete(name)
    assert group_names(stacks, before["Group"]) == []


@pytest.mark.observes("stack-replacement")
def test_replacement_also_replaces_its_dependents_and_deletes_the_old_resources(stacks):
    name = stacks.create({"Role": role(Path="/one/"), "Group": DEPENDENT})
    before = stacks.physical(name)
    stacks.update(name, {"Role": role(Path="/two/"), "Group": DEPENDENT})
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


@pytest.mark.observes("stack-order")
def test_order_of_creation_follows_the_references(stacks):
    name = stacks.create({"Group": DEPENDENT, "Role": role()})
    order = [logical for logical, status, _ in stacks.events(name) if status == "CREATE_COMPLETE"]
    assert order == ["Role", "Group", name]
    stack_id = stacks.delete(name)["StackId"]
    order = [logical for logical, status, _ in stacks.events(stack_id) if status[:8] == "DELETE_C"]
    assert order == ["Group", "Role", name]


def test_names_in_the_template_are_used(stacks):
    bucket, named = unique("bucket"), unique("role")
    name = stacks.create(
        {"Bucket": resource("AWS::S3::Bucket", BucketName=bucket), "Role": role(RoleName=named)}
    )
    assert stacks.physical(name) == {"Bucket": bucket, "Role": named}


@pytest.mark.observes("stack-names")
def test_replacement_of_a_resource_with_an_explicit_name_is_rolled_back(stacks):
    named = unique("role")
    name = stacks.create({"Role": role(RoleName=named, Path="/one/")})
    stacks.update(name, {"Role": role(RoleName=named, Path="/two/")}, "UPDATE_ROLLBACK_COMPLETE")
    reasons = " ".join(reason for _, status, reason in stacks.events(name) if "FAILED" in status)
    assert "already exists" in reasons
    assert stacks.physical(name) == {"Role": named}
    assert stacks.account.iam.get_role(RoleName=named)["Role"]["Path"] == "/one/"


@pytest.mark.observes("stack-update-rollback")
def test_failed_update_restores_every_resource(stacks):
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
    restored = stacks.account.iam.get_role(RoleName=before["Role"])["Role"]
    assert (restored["Path"], restored["Description"]) == ("/one/", "old")
    stacks.update(name, {"Group": new["Group"]})
    assert stacks.physical(name) == {"Group": before["Group"]}


@pytest.mark.observes("stack-no-updates")
def test_update_that_changes_nothing_is_refused(stacks):
    group = {"Group": resource("AWS::Logs::LogGroup")}
    name = stacks.create(group)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update(name, group)
    stacks.update(name, group, sections={"Outputs": {"Name": {"Value": {"Ref": "Group"}}}})
    assert stacks.outputs(name) == {"Name": stacks.physical(name)["Group"]}


@pytest.mark.observes("stack-retain")
def test_retained_resource_outlives_its_stack(stacks):
    retained = {**resource("AWS::Logs::LogGroup"), "DeletionPolicy": "Retain"}
    name = stacks.create({"Kept": retained, "Gone": resource("AWS::Logs::LogGroup")})
    before = stacks.physical(name)
    stacks.delete(name)
    assert group_names(stacks, before["Kept"]) == [before["Kept"]]
    assert group_names(stacks, before["Gone"]) == []


@pytest.mark.observes("stack-retain")
def test_replaced_resource_with_the_policy_retain_is_kept(stacks):
    first, second = unique("group"), unique("group")

    def group(name: str):
        replaced = resource("AWS::Logs::LogGroup", LogGroupName=name)
        return {"Group": {**replaced, "UpdateReplacePolicy": "Retain"}}

    name = stacks.create(group(first))
    stacks.update(name, group(second))
    assert group_names(stacks, first) == [first]
    assert stacks.physical(name) == {"Group": second}


@pytest.mark.observes("stack-retain-new")
@pytest.mark.parametrize("deletes_new", [False, True])
def test_new_resource_with_the_policy_retain_outlives_a_rollback_unless_excepted(
    stacks, deletes_new
):
    taken, new = stacks.create({"Group": resource("AWS::Logs::LogGroup")}), unique("group")
    name = stacks.create({"First": resource("AWS::Logs::LogGroup")})
    retained = resource("AWS::Logs::LogGroup", LogGroupName=new) | {"DeletionPolicy": "Retain"}
    fails = resource("AWS::Logs::LogGroup", LogGroupName=stacks.physical(taken)["Group"])
    changed = {
        "First": resource("AWS::Logs::LogGroup"),
        "New": retained,
        "Taken": {**fails, "DependsOn": "New"},
    }
    body = json.dumps({"Resources": changed})
    stacks.client.update_stack(StackName=name, TemplateBody=body, RetainExceptOnCreate=deletes_new)
    stacks.wait(name, "UPDATE_ROLLBACK_COMPLETE")
    assert group_names(stacks, new) == ([] if deletes_new else [new])


def test_type_of_a_resource_cannot_change(stacks):
    name = stacks.create({"One": resource("AWS::Logs::LogGroup")})
    with pytest.raises(ClientError, match=r"modifies resource type .*\[One\]"):
        stacks.update(name, {"One": resource("AWS::S3::Bucket")})


@pytest.mark.observes("stack-in-progress")
def test_stack_in_progress_refuses_another_operation(stacks):
    name = stacks.create({"Group": resource("AWS::Logs::LogGroup")})
    body = json.dumps({"Resources": {f"G{n}": resource("AWS::Logs::LogGroup") for n in range(40)}})
    stacks.client.update_stack(StackName=name, TemplateBody=body)
    _, message = refusal(stacks.client.update_stack, StackName=name, TemplateBody=body)
    assert "IN_PROGRESS state and can not be updated." in message
    stacks.wait(name, "UPDATE_COMPLETE")


@pytest.mark.observes("stack-tags")
def test_tags_of_the_stack_are_set_on_its_resources(stacks):
    name = stacks.create({"Role": role()}, Tags=[{"Key": "project", "Value": "one"}])
    physical_id = stacks.physical(name)["Role"]
    assert stacks.account.iam.list_role_tags(RoleName=physical_id)["Tags"] == [
        {"Key": "project", "Value": "one"}
    ]
    stacks.update(name, {"Role": role()}, Tags=[{"Key": "project", "Value": "two"}])
    assert stacks.account.iam.list_role_tags(RoleName=physical_id)["Tags"] == [
        {"Key": "project", "Value": "two"}
    ]


def test_resources_of_a_stack_are_described(stacks):
    name = stacks.create({"Group": resource("AWS::Logs::LogGroup")})
    described = stacks.client.describe_stack_resource(StackName=name, LogicalResourceId="Group")
    (listed,) = stacks.client.describe_stack_resources(StackName=name)["StackResources"]
    ids = {described["StackResourceDetail"]["PhysicalResourceId"], listed["PhysicalResourceId"]}
    assert ids == {stacks.physical(name)["Group"]}
