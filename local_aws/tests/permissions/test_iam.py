"""What policies of users, groups, and roles allow (SimulatePrincipalPolicy), and trust policies."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, refusal, unique
from local_aws.tests.permissions.buckets import assumed

ROOT = "arn:aws:iam::123456789012:root"
OBJECTS = "arn:aws:s3:::some/*"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "sagemaker.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(action: str, resource: str = "*", effect: str = "Allow", **more: Any) -> Any:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def role_with(account: Account, *statements: dict[str, Any]) -> str:
    """Create a role with an inline policy; return its ARN."""
    arn = account.create_role_of([{"Effect": "Allow", "Principal": {"AWS": ROOT}}])
    account.iam.put_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyName="own", PolicyDocument=policy(*statements)
    )
    return arn


def results(account: Account, arn: str, *actions: str, **more: Any) -> list[dict[str, Any]]:
    response = account.iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=actions, **more
    )
    return list(response["EvaluationResults"])


def decisions(account: Account, arn: str, *actions: str) -> list[str]:
    return [result["EvalDecision"] for result in results(account, arn, *actions)]


@pytest.mark.observes("simulate-policies")
def test_inline_and_managed_policies_of_a_role_decide_together(account):
    arn = role_with(
        account,
        statement("s3:Get*", OBJECTS),
        statement("ecr:*", effect="Deny"),
        statement("sqs:SendMessage"),
    )
    account.iam.attach_role_policy(
        RoleName=arn.rpartition("/")[2],
        PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
    )
    actions = ("sqs:SendMessage", "cloudwatch:PutMetricData", "s3:GetObject", "iam:CreateUser")
    assert decisions(account, arn, *actions) == ["allowed", "allowed", *["implicitDeny"] * 2]
    assert decisions(account, arn, "ecr:GetAuthorizationToken") == ["explicitDeny"]


@pytest.mark.observes("simulate-policies")
def test_each_resource_has_a_decision_and_the_most_restrictive_one_counts(account):
    arn = role_with(account, statement("s3:GetObject", OBJECTS))
    resources = ["arn:aws:s3:::some/key", "arn:aws:s3:::other/key"]
    (result,) = results(account, arn, "s3:GetObject", ResourceArns=resources)
    assert result["EvalDecision"] == "implicitDeny"
    assert [
        (each["EvalResourceName"], each["EvalResourceDecision"])
        for each in result["ResourceSpecificResults"]
    ] == list(zip(resources, ["allowed", "implicitDeny"], strict=True))


@pytest.mark.observes("simulate-policies")
def test_policies_of_the_groups_of_a_user_count(account):
    name = unique("somebody")
    arn = account.iam.create_user(UserName=name, Path="/people/")["User"]["Arn"]
    group = account.iam.create_group(GroupName=name)["Group"]["Arn"]
    document = policy(statement("sqs:*"))
    account.iam.put_group_policy(GroupName=name, PolicyName="own", PolicyDocument=document)
    assert decisions(account, group, "sqs:SendMessage") == ["allowed"]
    assert decisions(account, arn, "sqs:SendMessage") == ["implicitDeny"]
    account.iam.add_user_to_group(GroupName=name, UserName=name)
    assert decisions(account, arn, "sqs:SendMessage") == ["allowed"]


def test_simulation_agrees_with_the_calls_of_a_role(account):
    key = account.upload("simulated/key", "content").removeprefix(f"s3://{account.bucket}/")
    objects = f"arn:aws:s3:::{account.bucket}/{key}"
    arn = role_with(account, statement("s3:GetObject", objects))
    s3, actions = assumed(account, arn), ("s3:GetObject", "s3:PutObject")
    found = results(account, arn, *actions, ResourceArns=[objects])
    assert [result["EvalDecision"] for result in found] == ["allowed", "implicitDeny"]
    s3.get_object(Bucket=account.bucket, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=account.bucket, Key=key)


@pytest.mark.observes("simulate-conditions")
@pytest.mark.parametrize(
    ("operator", "value", "decision"),
    [
        ("StringEquals", "x", "implicitDeny"),
        ("StringNotEquals", "x", "allowed"),
        ("StringEqualsIfExists", "x", "allowed"),
        ("Null", "true", "allowed"),
        ("Null", ["false"], "implicitDeny"),
        ("ForAllValues:StringLike", "x", "allowed"),
        ("ForAnyValue:StringNotLike", "x", "implicitDeny"),
        ("StringEquals", "${aws:username}", "implicitDeny"),
        ("IpAddress", "10.0.0.0/8", "implicitDeny"),
        ("NotIpAddress", "10.0.0.0/8", "allowed"),
    ],
)
def test_condition_without_a_value_holds_as_documented(account, operator, value, decision):
    condition = {operator: {"aws:SourceVpc": value}}
    arn = role_with(account, statement("sqs:SendMessage", Condition=condition))
    (result,) = results(account, arn, "sqs:SendMessage")
    assert result["EvalDecision"] == decision
    assert result["MissingContextValues"] == ["aws:SourceVpc"]


def test_results_come_in_pages(account):
    arn = role_with(account, statement("sqs:*"))
    actions = [f"sqs:Action{number}" for number in range(5)]
    pages = account.iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=arn, ActionNames=actions, PaginationConfig={"PageSize": 2}
    )
    names = [[each["EvalActionName"] for each in page["EvaluationResults"]] for page in pages]
    assert names == [actions[:2], actions[2:4], actions[4:]]


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"PolicySourceArn": "arn:aws:iam::123456789012:role/nobody"}, "NoSuchEntity", "nobody"),
        ({"PolicySourceArn": "arn:aws:iam::9:user/nobody"}, "NoSuchEntity", "nobody"),
        (
            {"PolicySourceArn": "arn:aws:sts::123456789012:assumed-role/some/session"},
            "InvalidInput",
            "does not clearly define entity type and name",
        ),
        ({"ActionNames": ["s3:Get*"]}, "InvalidInput", "s3:Get*"),
        ({"ActionNames": ["GetObject"]}, "InvalidInput", "GetObject"),
        ({"ResourceArns": ["*", OBJECTS]}, "InvalidInput", "both * and individual resources"),
        ({"Marker": "next"}, "InvalidInput", "next"),
    ],
)
def test_request_that_cannot_be_simulated_is_refused(account, changes, code, words):
    request = {"PolicySourceArn": account.role, "ActionNames": ["s3:GetObject"], **changes}
    found = refusal(account.iam.simulate_principal_policy, **request)
    assert found[0] == code
    assert words in found[1]


@pytest.mark.observes("not-simulate")
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("PolicyInputList", ["{}"]),
        ("PermissionsBoundaryPolicyInputList", ["{}"]),
        ("ResourcePolicy", "{}"),
        ("ResourceOwner", ROOT),
        ("CallerArn", "arn:aws:iam::123456789012:user/somebody"),
        ("ContextEntries", [{"ContextKeyName": "aws:SourceVpc"}]),
        ("ResourceHandlingOption", "EC2-Classic-EBS"),
    ],
)
def test_member_that_is_not_reproduced_is_refused_by_name(account, member, value):
    request = {"PolicySourceArn": account.role, "ActionNames": ["s3:GetObject"], member: value}
    code, message = refusal(account.iam.simulate_principal_policy, **request)
    assert code == "NotImplemented"
    assert f"SimulatePrincipalPolicy with {member}" in message


@pytest.mark.observes("not-simulate")
def test_role_with_a_permissions_boundary_is_refused_by_name(account):
    arn = role_with(account, statement("sqs:*"))
    account.iam.put_role_permissions_boundary(
        RoleName=arn.rpartition("/")[2],
        PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    code, message = refusal(
        account.iam.simulate_principal_policy, PolicySourceArn=arn, ActionNames=["sqs:SendMessage"]
    )
    assert code == "NotImplemented"
    assert "a role with a permissions boundary" in message


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (str({"Statement": [TRUST]}), "This policy contains invalid Json"),  # with single quotes
        ("{", "This policy contains invalid Json"),
        (json.dumps([TRUST]), "Syntax errors in policy"),
        (json.dumps({"Version": "2012-10-17"}), "Syntax errors in policy"),
        (json.dumps({"Statement": "Allow"}), "Syntax errors in policy"),
    ],
)
def test_role_without_a_readable_trust_policy_is_refused(account: Account, policy, reason):
    with pytest.raises(ClientError, match=rf"\(MalformedPolicyDocument\).*{reason}"):
        account.iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=policy)


@pytest.mark.parametrize("statements", [TRUST, [TRUST]], ids=["statement", "list"])
def test_trust_policy_needs_neither_a_version_nor_a_list(account: Account, statements):
    policy = json.dumps({"Statement": statements})
    name = unique("role")
    role = account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]
    assert role["AssumeRolePolicyDocument"] == {"Statement": statements}
