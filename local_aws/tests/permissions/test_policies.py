"""What statements of policies cover, and policies of sessions."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.access_control import PermissionResult

from local_aws.permissions.checks import decide
from local_aws.tests.permissions.buckets import assumed
from local_aws.tests.permissions.test_iam import role_with, statement

MINE, OTHER = "arn:aws:s3:::mine/key", "arn:aws:s3:::other/key"
PERMITTED, NEUTRAL, DENIED = (
    PermissionResult.PERMITTED,
    PermissionResult.NEUTRAL,
    PermissionResult.DENIED,
)
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.observes("iam-statements")
@pytest.mark.parametrize(
    ("elements", "mine", "other"),
    [
        ({"Action": "s3:GetObject", "Resource": MINE}, PERMITTED, NEUTRAL),
        ({"Action": "S3:getobject", "Resource": MINE}, PERMITTED, NEUTRAL),
        ({"Action": ["iam:*", "s3:Get*"], "Resource": [MINE, "a"]}, PERMITTED, NEUTRAL),
        ({"Action": "s3:GetObject", "Resource": MINE.upper()}, NEUTRAL, NEUTRAL),
        ({"Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"}, PERMITTED, NEUTRAL),
        ({"NotAction": "iam:*", "Resource": "*"}, PERMITTED, PERMITTED),
        ({"NotAction": ["iam:*", "s3:get*"], "Resource": "*"}, NEUTRAL, NEUTRAL),
    ],
    ids=str,
)
def test_statement_covers_what_its_elements_say(elements, mine, other):
    for resource, expected in ((MINE, mine), (OTHER, other)):
        assert decide([{"Effect": "Allow", **elements}], "s3:GetObject", resource) == expected
        denied = DENIED if expected == PERMITTED else PERMITTED
        assert decide([{"Effect": "Deny", **elements}, ALL], "s3:GetObject", resource) == denied
        alone = DENIED if expected == PERMITTED else NEUTRAL
        assert decide([{"Effect": "Deny", **elements}], "s3:GetObject", resource) == alone


@pytest.mark.parametrize("policy", ["{", "{}", "[1]", '{"Statement": [{"Action": "*"}]}'])
def test_session_with_a_policy_that_iam_cannot_read_is_refused(account, policy):
    role = role_with(account, statement(["s3:GetObject"], "*"))
    sts = account.aws.client("sts")
    with pytest.raises(ClientError, match=r"\(MalformedPolicyDocument\)"):
        sts.assume_role(RoleArn=role, RoleSessionName="it", Policy=policy)


@pytest.mark.observes("iam-session-policy")
def test_session_may_do_what_both_its_policy_and_its_role_allow(account):
    name = account.upload("in-session", "content").removeprefix(f"s3://{account.bucket}/")
    key = f"arn:aws:s3:::{account.bucket}/{name}"
    role = role_with(account, statement(["s3:GetObject", "s3:PutObject"], "*"))

    def s3(*statements: dict[str, Any]) -> Any:
        policy = json.dumps({"Statement": list(statements)})
        return assumed(account, role, **({"Policy": policy} if statements else {}))

    s3().put_object(Bucket=account.bucket, Key=name)
    reader = s3(statement(["s3:GetObject", "s3:DeleteObject"], key))
    reader.get_object(Bucket=account.bucket, Key=name)
    for refused in (reader.put_object, reader.delete_object):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused(Bucket=account.bucket, Key=name)
