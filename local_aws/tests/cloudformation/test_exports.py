"""Exports of one stack, imports of another, rules about parameters, and stacks with a role."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import resource

GROUP = resource("AWS::Logs::LogGroup")


def exporting(name: str, value) -> dict:
    """Return the section of a template with one export."""
    return {"Outputs": {"O": {"Value": value, "Export": {"Name": {"Fn::Sub": name}}}}}


def importing(name: str) -> dict:
    """Return a log group that has an imported value in its name."""
    value = {"Fn::ImportValue": {"Fn::Sub": name}}
    return resource("AWS::Logs::LogGroup", LogGroupName={"Fn::Join": ["/", [value, "logs"]]})


@pytest.mark.observes("stack-exports")
def test_export_is_imported_by_another_stack_and_listed(stacks):
    export = unique("export")
    owner = stacks.create({"A": GROUP}, sections=exporting(export, "/mine"))
    user = stacks.create({"B": importing(export)})
    assert stacks.physical(user) == {"B": "/mine/logs"}
    exports = {item["Name"]: item for item in stacks.client.list_exports()["Exports"]}
    assert exports[export]["Value"] == "/mine"
    assert exports[export]["ExportingStackId"] == stacks.describe(owner)["StackId"]
    assert stacks.describe(owner)["Outputs"][0]["ExportName"] == export
    stacks.delete(user)
    stacks.delete(owner)


@pytest.mark.observes("stack-exports-in-use")
def test_export_in_use_can_neither_change_nor_be_deleted(stacks):
    export = unique("export")
    owner = stacks.create({"A": GROUP}, sections=exporting(export, "/first" + export))
    user = stacks.create({"B": importing(export)})
    changed = {"A": resource("AWS::Logs::LogGroup", RetentionInDays=1)}
    for sections, verb in ((exporting(export, "/second"), "updated"), ({}, "deleted")):
        stacks.update(owner, changed, "UPDATE_ROLLBACK_COMPLETE", sections=sections)
        reason = f"Export {export} cannot be {verb} as it is in use by {user}"
        assert reason in [event[2] for event in stacks.events(owner)]
    stacks.client.delete_stack(StackName=owner)  # as on AWS, the call succeeds
    described = stacks.describe(owner)
    assert described["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert described["StackStatusReason"] == (
        f"Export {export} cannot be deleted as it is in use by {user}"
    )
    stacks.update(user, {"B": GROUP})
    stacks.delete(owner)


@pytest.mark.observes("stack-exports")
def test_exported_name_is_unique_in_a_region(stacks):
    export = unique("export")
    owner = stacks.create({"A": GROUP}, sections=exporting(export, 1))
    second = stacks.start({"A": GROUP}, sections=exporting(export, 2))
    stacks.wait(second, "ROLLBACK_COMPLETE")
    reason = f"Export with name {export} is already exported by stack {owner}. "
    assert any(reason in event[2] for event in stacks.events(second))


@pytest.mark.observes("stack-exports")
def test_missing_export_is_refused_and_fails_a_change_set(stacks):
    reason = "No export named missing found"
    template = json.dumps({"Resources": {"B": importing("missing")}})
    with pytest.raises(ClientError, match=reason):
        stacks.client.create_stack(StackName=unique("stack"), TemplateBody=template)
    arn = stacks.client.create_change_set(
        StackName=unique("stack"),
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=template,
    )["Id"]
    described = stacks.client.describe_change_set(ChangeSetName=arn)
    assert (described["Status"], described["StatusReason"]) == ("FAILED", reason)


@pytest.mark.observes("stack-rules")
@pytest.mark.parametrize(
    ("version", "stage", "refusal"),
    [
        ("6", "test", None),
        ("5", "test", "version 6 is needed"),
        ("5", "none", None),
        ("6", "x", "an assertion is false"),
    ],
)
def test_rule_about_parameters_is_checked_before_anything_is_created(
    stacks, version, stage, refusal
):
    old = {"Fn::Contains": [["1", "2", "3", "4", "5"], {"Ref": "Version"}]}
    assertion = {"Assert": {"Fn::Not": [old]}, "AssertDescription": "version 6 is needed"}
    known = {"Fn::Contains": [["test", "none"], {"Ref": "Stage"}]}
    rules = {
        "New": {
            "RuleCondition": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
            "Assertions": [assertion],
        },
        "Known": {"Assertions": [{"Assert": known}]},
    }
    parameters = {
        "Version": {"Type": "String", "Default": version},
        "Stage": {"Type": "String", "Default": stage},
    }
    sections = {"Rules": rules, "Parameters": parameters}
    if refusal is None:
        stacks.create({"A": GROUP}, sections=sections)
    else:
        with pytest.raises(ClientError, match=refusal):
            stacks.start({"A": GROUP}, sections=sections)


@pytest.mark.observes("stack-role")
def test_stack_works_with_the_permissions_of_its_role(stacks):
    account = stacks.account
    role = account.create_role("cloudformation.amazonaws.com")
    name = stacks.start({"A": GROUP}, RoleARN=role)
    assert stacks.wait(name, "ROLLBACK_COMPLETE")["RoleARN"] == role
    failure = next(event for event in stacks.events(name) if event[1] == "CREATE_FAILED")
    assert "is not authorized to perform: logs:CreateLogGroup" in failure[2]
    account.iam.attach_role_policy(
        RoleName=role.rsplit("/", 1)[-1], PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    stacks.create({"A": GROUP}, RoleARN=role)
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        stacks.start({"A": GROUP}, RoleARN=account.create_role("lambda.amazonaws.com"))
