"""A bucket with a policy, and clients of S3 with different credentials, for tests."""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

from local_aws.testing import REGION
from local_aws.tests.account import Account, unique


class Bucket:
    """A bucket with an object `stored`, and its policy."""

    def __init__(self, account: Account) -> None:
        self.name = unique("bucket")
        self.s3 = account.s3
        self.s3.create_bucket(Bucket=self.name)
        self.s3.put_object(Bucket=self.name, Key="stored", Body=b"text")

    def deny(
        self, condition: Any = None, action: str = "s3:*", keys: str = "*", **elements: Any
    ) -> None:
        """Set a policy that denies everyone an action, on the bucket too if it is any action."""
        arn = f"arn:aws:s3:::{self.name}"
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": [f"{arn}/{keys}", *([arn] if action == "s3:*" else [])],
            "Condition": condition or {},
        }
        self.store({"Version": "2012-10-17", "Statement": [statement | elements]})

    def store(self, policy: dict[str, Any]) -> None:
        """Set a policy."""
        self.s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(policy))

    def denies(self, operation: str = "get_object", client: Any = None, **request: Any) -> bool:
        """Call S3, by default for the stored object; return whether it is denied."""
        if operation.endswith("_object"):
            request = {"Key": "stored", **request}
        try:
            getattr(client or self.s3, operation)(Bucket=self.name, **request)
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("AccessDenied", "403")
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
            return True
        return False


def client_of(account: Account, **options: Any) -> Any:
    """Return an S3 client with certain credentials."""
    return boto3.client("s3", endpoint_url=account.aws.url, region_name=REGION, **options)


def session_of(account: Account, role: str, *statements: dict[str, Any]) -> Any:
    """Return an S3 client with a session of a role that may do everything, or what is stated."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": list(statements) or everything}
    name = role.rpartition("/")[2]
    account.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    return assumed(account, role)


def assumed(account: Account, role: str, **options: str) -> Any:
    """Return an S3 client with a new session of a role."""
    sts = account.aws.client("sts")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="test", **options)["Credentials"]
    return client_of(
        account,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
