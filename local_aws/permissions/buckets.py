"""The policies of buckets (a Deny holds for every caller, an Allow grants nothing), presigned URLs.

Callers that the local IAM did not create stand for any identity on AWS, so a Deny for certain
callers does not concern them. A Deny that cannot be evaluated has no effect, which is logged.
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import BucketAccessDeniedError, S3ClientError
from moto.s3.models import FakeBucket, S3Backend, s3_backends

from local_aws.permissions.conditions import (
    Values,
    concerns,
    evaluate,
    is_fulfilled,
    texts,
    values_of,
)
from local_aws.settings import ACCOUNT_ID

log = logging.getLogger(__name__)
_EVERYONE = {"*", ACCOUNT_ID, f"arn:aws:iam::{ACCOUNT_ID}:root"}
# No policy can keep the root of the account from these.
_OF_ROOT = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
_PUT_BUCKET_POLICY = S3Backend.put_bucket_policy
_DATE = "%Y%m%dT%H%M%SZ"


def enforce_bucket_policies() -> None:
    """Make moto store only policies that can be evaluated, and evaluate them."""
    backend: Any = S3Backend
    backend.put_bucket_policy = _put_bucket_policy
    bucket: Any = FakeBucket
    bucket.get_permission = _get_permission


def check_bucket(action: str, resource: str, arns: tuple[str, ...], values: Values) -> None:
    """Raise BucketAccessDeniedError if the policy of a bucket denies a request to a caller."""
    name, _, key = resource.partition(":::")[2].partition("/")
    bucket = s3_backends[ACCOUNT_ID]["aws"].buckets.get(name)
    policy = bucket and bucket.policy
    if not policy or (action in _OF_ROOT and not arns):
        return
    if action == "s3:DeleteObject" and not key:
        flask.g.deletion = (arns, values)  # of several objects; moto asks for each of them
    elif _denies(policy, action, resource, arns, values):
        raise BucketAccessDeniedError(bucket=name)


def _get_permission(self: Any, action: str, resource: str) -> PermissionResult:
    """Evaluate the policy for one of several objects to delete; check_bucket does all others."""
    deletion = flask.g.get("deletion")
    is_denied = deletion and self.policy and _denies(self.policy, action, resource, *deletion)
    return PermissionResult.DENIED if is_denied else PermissionResult.NEUTRAL


def _put_bucket_policy(self: Any, bucket_name: str, policy: bytes) -> None:
    """Store a policy, and log which of its conditions cannot be evaluated."""
    request = values_of("any")
    try:
        denials = _denials(policy)
        results = [item for denial in denials for item in evaluate(denial, request).items()]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = "The policy is not a JSON document with statements that each have an Effect"
        raise S3ClientError("MalformedPolicy", message) from error
    ignored = [condition for condition, result in results if result is None]
    ignored += ["NotPrincipal" for denial in denials if "NotPrincipal" in denial]
    if ignored:
        log.warning(
            "Deny statements in the policy of the bucket %s have no effect in the local AWS, which "
            "does not evaluate: %s",
            bucket_name,
            ", ".join(ignored),
        )
    _PUT_BUCKET_POLICY(self, bucket_name, policy)


def _denials(policy: bytes) -> list[dict[str, Any]]:
    statements = json.loads(policy)["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    return [statement for statement in statements if statement["Effect"] == "Deny"]


def _denies(
    policy: bytes, action: str, resource: str, arns: tuple[str, ...], values: Values
) -> bool:
    return any(
        concerns(statement, "Action", action)
        and concerns(statement, "Resource", resource)
        and _concerns_caller(statement.get("Principal"), arns)
        and is_fulfilled(statement, values)
        for statement in _denials(policy)
    )


def _concerns_caller(principal: Any, arns: tuple[str, ...]) -> bool:
    names = principal.get("AWS", []) if isinstance(principal, dict) else principal
    return not _EVERYONE.union(arns).isdisjoint(texts(names))


def signed_headers(sent: Mapping[str, str], address: str) -> dict[str, str]:
    """Return the headers of a request, with those that a presigned URL has in its query."""
    headers = dict(sent)
    if "Authorization" in headers:
        return headers
    query = _query(address)
    scope = query.get("x-amz-credential")
    if scope is None and "awsaccesskeyid" in query:  # S3's older way to sign
        scope = f"{query['awsaccesskeyid']}/-/us-east-1/s3/aws4_request"
    if scope is not None:
        headers["Authorization"] = f"Credential={scope},"
    if "x-amz-security-token" in query:
        headers["X-Amz-Security-Token"] = query["x-amz-security-token"]
    return headers


def is_expired(address: str, now: float) -> bool:
    """Return whether a presigned URL has expired; `now` is in seconds since the epoch."""
    query = _query(address)
    try:
        if "x-amz-credential" not in query:
            return now > int(query["expires"])
        signed = datetime.strptime(query["x-amz-date"], _DATE).replace(tzinfo=UTC).timestamp()
        return now > signed + int(query["x-amz-expires"])
    except (KeyError, ValueError):  # S3 accepts no address without these
        return True


def _query(address: str) -> dict[str, str]:
    """Return the parameters of an address, their names in small letters."""
    query = parse_qs(urlsplit(address).query)
    return {name.lower(): values[0] for name, values in query.items()}
