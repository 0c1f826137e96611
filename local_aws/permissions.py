"""Calls with credentials of the local IAM are checked against its policies; all others are root's.

moto can check every call or none. Here a call made with a session of a role (a function's, say) or
with a user's access key is checked, always; a key that the local IAM did not make, such as the
laptop's own, is the account's root. Signatures are not checked, session tokens are; a call of S3
without any signature is refused.

What moto's evaluation leaves out: conditions, which count as fulfilled, and, but for S3, the
resources that a policy allows, of which it knows none; a Deny there counts for all or nothing.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.access_control import (
    IAMPolicy,
    IAMPolicyStatement,
    IAMRequest,
    PermissionResult,
    S3IAMRequest,
)
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.s3.exceptions import S3AccessDeniedError
from moto.sts.models import sts_backends
from werkzeug.exceptions import HTTPException

from local_aws.errors import AccessDenied
from local_aws.settings import ACCOUNT_ID

_KEY = re.compile(r"Credential=([^/,\s]+)/")
_PARTITION = "aws"


def enforce() -> None:
    """Let moto's services check the calls of its own identities, from now on in this process."""
    swapped: Any = ActionAuthenticatorMixin
    swapped._authenticate_and_authorize_action = _check_in_moto


def check(headers: Mapping[str, str], action: str, resource: str) -> None:
    """Raise AccessDenied unless a call of a service that is not moto's is permitted."""
    authorization = headers.get("Authorization", "")
    if not _is_ours(authorization):
        return
    service, _, name = action.partition(":")
    try:
        request = _request(IAMRequest, headers, name)
    except HTTPException as error:
        raise AccessDenied("The security token included in the request is invalid.") from error
    request._action = f"{service}:{name}"  # the runtime's calls are signed for another service
    if not _permits(_policies(request), request._action, resource):
        raise AccessDenied(
            f"User: {request._access_key.arn} is not authorized to perform: {action} on resource: "
            f"{resource} because no identity-based policy allows the {action} action"
        )


def _check_in_moto(self: Any, iam_request_cls: Any, resource: str = "*") -> None:
    """Stand in for moto's own check; `self` is one of its Response classes."""
    headers = _headers(self)
    if "Authorization" not in headers and issubclass(iam_request_cls, S3IAMRequest):
        raise S3AccessDeniedError  # nothing is public here
    if not _is_ours(headers.get("Authorization", "")):
        return
    request = _request(iam_request_cls, headers, self._get_action(), self.data)
    if request._action == "sts:GetCallerIdentity":  # is always allowed
        return
    if issubclass(iam_request_cls, S3IAMRequest):
        # moto has a name of its own for what AWS allows with the listing.
        action = request._action.replace("s3:HeadBucket", "s3:ListBucket")
        permitted = _permits(_policies(request), action, resource)
    else:
        permitted = _permits(_policies(request), request._action, "*", anywhere=True)
    if not permitted:
        request._raise_access_denied()


def _headers(response: Any) -> dict[str, str]:
    """Return the headers of a request; those of a presigned address are in its query."""
    headers = dict(response.headers)
    if "Authorization" in headers:
        return headers
    query = {
        name.lower(): values[0] for name, values in parse_qs(urlsplit(response.uri).query).items()
    }
    scope = query.get("x-amz-credential")
    if scope is None and "awsaccesskeyid" in query:  # S3's older way to sign
        scope = f"{query['awsaccesskeyid']}/-/us-east-1/s3/aws4_request"
    if scope is not None:
        headers["Authorization"] = f"Credential={scope},"
    if "x-amz-security-token" in query:
        headers["X-Amz-Security-Token"] = query["x-amz-security-token"]
    return headers


def _is_ours(authorization: str) -> bool:
    """Tell whether the access key of a request is one that the local STS or IAM has made."""
    found = _KEY.search(authorization)
    if found is None:
        return False
    key = found[1]
    sessions = sts_backends[ACCOUNT_ID][_PARTITION].assumed_roles
    if any(session.access_key_id == key for session in list(sessions)):
        return True
    users = list(iam_backends[ACCOUNT_ID][_PARTITION].users.values())
    return any(known.access_key_id == key for user in users for known in list(user.access_keys))


def _request(
    kind: Any, headers: Mapping[str, str], action: Any, data: Mapping[str, str] | None = None
) -> Any:
    """Return moto's description of who calls; it raises where the session token is another."""
    return kind(
        account_id=ACCOUNT_ID,
        method="",
        path="",
        data=data or {},
        body=b"",
        headers=headers,
        action=action,
    )


def _policies(request: Any) -> list[Any]:
    """Return the policies of who calls; a role that is gone has none."""
    try:
        return list(request._access_key.collect_policies())
    except NotFoundException:
        return []


def _permits(policies: list[Any], action: str, resource: str, anywhere: bool = False) -> bool:
    """Tell whether the policies allow an action, on any resource at all if `anywhere`."""
    permitted = False
    for statement in _statements(policies):
        if anywhere and statement.get("Effect") == "Allow":
            statement = {**statement, "Resource": "*"}
        result = IAMPolicyStatement(statement).is_action_permitted(action, resource)
        if result == PermissionResult.DENIED:
            return False
        permitted = permitted or result == PermissionResult.PERMITTED
    return permitted


def _statements(policies: list[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for policy in policies:
        statements = IAMPolicy(policy)._policy_json["Statement"]
        found += statements if isinstance(statements, list) else [statements]
    return found
