"""GetCallerIdentity names the owner of an access key, as on AWS."""

import boto3

from local_aws.testing import REGION
from local_aws.tests.account import Account

OWN = "123456789012"


def caller(account: Account, key: str, token: str | None = None) -> dict[str, str]:
    session = boto3.Session(key, "secret", token, region_name=REGION)
    content = session.client("sts", endpoint_url=account.aws.url).get_caller_identity()
    return {name: content[name] for name in ("UserId", "Account", "Arn")}


def test_key_that_iam_did_not_create_is_the_root_user(account):
    root = {"UserId": OWN, "Account": OWN, "Arn": f"arn:aws:iam::{OWN}:root"}
    assert caller(account, "local") == caller(account, "of-another-account") == root


def test_key_of_a_user_is_that_user_whatever_the_name(account):
    account.iam.create_user(UserName="moto")
    key = account.iam.create_access_key(UserName="moto")["AccessKey"]["AccessKeyId"]
    assert caller(account, key)["Arn"] == f"arn:aws:iam::{OWN}:user/moto"
    account.iam.delete_access_key(UserName="moto", AccessKeyId=key)
    account.iam.delete_user(UserName="moto")


def test_key_of_a_session_is_that_session(account):
    sts = account.aws.client("sts")
    keys = sts.assume_role(RoleArn=account.role, RoleSessionName="mine")["Credentials"]
    name = account.role.rpartition("/")[2]
    arn = caller(account, keys["AccessKeyId"], keys["SessionToken"])["Arn"]
    assert arn == f"arn:aws:sts::{OWN}:assumed-role/{name}/mine"
