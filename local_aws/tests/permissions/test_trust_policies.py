"""A role needs a trust policy that IAM can read."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, unique

TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "sagemaker.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


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
