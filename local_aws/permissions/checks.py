"""Check calls with credentials of the local IAM against its policies; all others are root's.

moto can check every call or none. Here, a call made with the session of a role (such as a
function's) or with the access key of a user is always checked. Signatures are not checked, but
session tokens are. S3 refuses calls without any signature. For moto's services other than S3, an
Allow covers any resource, and a Deny counts only if its resource is "*".
"""

import json
import re
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import flask
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import JsonRESTError
from moto.core.utils import utcnow
from moto.iam.access_control import IAMPolicy, IAMRequest, PermissionResult, S3IAMRequest
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.iam.policy_validation import IAMPolicyDocumentValidator
from moto.s3.exceptions import S3AccessDeniedError, S3ClientError
from moto.sts.models import AssumedRole, STSBackend, sts_backends
from moto.sts.utils import SESSION_TOKEN_PREFIX
from werkzeug.exceptions import HTTPException

from local_aws.cloud import CREDENTIALS
from local_aws.errors import AccessDenied
from local_aws.permissions.buckets import check_bucket, is_expired, signed_headers
from local_aws.permissions.conditions import Values, concerns, is_fulfilled, values_of
from local_aws.settings import ACCOUNT_ID

_FORM = "application/x-www-form-urlencoded"
# The codes of services that answer in JSON, by those of services that accept forms.
_JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "InvalidClientTokenId": "UnrecognizedClientException",
}
_KEY = re.compile(r"Credential=([^/,\s]+)/")
_PARTITION = "aws"
SESSIONS = 2_000  # of an account; beyond, the half that was used last stays
_ROOT = f"arn:{_PARTITION}:iam::{ACCOUNT_ID}:root"
_NO_CALLER = f"arn:{_PARTITION}:sts::{ACCOUNT_ID}:user/moto"  # to moto, the owner of other keys
_ASSUME_ROLE, _CALLER = STSBackend.assume_role, STSBackend.get_caller_identity
_assuming = threading.Lock()


def enforce() -> None:
    """Make moto's services check the calls of its own identities in this process."""
    swapped: Any = ActionAuthenticatorMixin
    swapped._authenticate_and_authorize_action = _check_in_moto
    backend: Any = STSBackend
    backend.assume_role = _assume_role
    backend.get_caller_identity = _get_caller_identity


def _assume_role(self: Any, *arguments: Any, **named: Any) -> AssumedRole:
    """Create a session, and drop the least recently used ones if there are too many."""
    if policy := named.get("policy"):  # which each call of the session is checked against
        with suppress(ValueError, TypeError):  # moto insists on the version, which may be left out
            policy = json.dumps({**json.loads(policy), "Version": "2012-10-17"})
        IAMPolicyDocumentValidator(policy).validate()
    with _assuming:
        session: Any = _ASSUME_ROLE(self, *arguments, **named)
        session.used = time.monotonic()
        backend = sts_backends[session.account_id][session.partition]
        if len(backend.assumed_roles) > SESSIONS:
            by_use = sorted(backend.assumed_roles, key=lambda each: getattr(each, "used", 0.0))
            surplus = len(by_use) - SESSIONS // 2
            backend.assumed_roles = by_use[surplus:]  # others may be reading the old list
            keys = iam_backends[session.account_id][session.partition].access_keys
            for dropped in by_use[:surplus]:
                keys.pop(dropped.access_key_id, None)
        return session


def _get_caller_identity(self: Any, key: str, region: str) -> tuple[str, str, str]:
    """Return the ID, ARN, and account of the owner of an access key."""
    user_id, arn, account = _CALLER(self, key, region)
    return (ACCOUNT_ID, _ROOT, account) if arn == _NO_CALLER else (user_id, arn, account)


@dataclass(frozen=True)
class Identity:
    """The owner of an access key: a user, a session of a role, or the account's root."""

    key: str
    secret: str
    arn: str
    id: str


def find_identity(key: str, token: str | None) -> Identity | None:
    """Return the owner of an access key and its session token, or None.

    There is none for a key that is unknown, inactive, or expired, and for the wrong token.
    """
    if key == CREDENTIALS["aws_access_key_id"]:
        return Identity(key, CREDENTIALS["aws_secret_access_key"], _ROOT, ACCOUNT_ID)
    session = _session(key)
    if session is not None:
        is_valid = token == session.session_token and utcnow() < session.expiration
        secret = session.secret_access_key
        return Identity(key, secret, session.arn, session.user_id) if is_valid else None
    user, own = _user(key)
    if own is None or own.status != "Active" or token is not None:
        return None
    return Identity(key, str(own.secret_access_key), user.arn, user.id)


def _session(key: str) -> Any:
    """Return the session of a role that has an access key, or None."""
    sessions: Any = sts_backends[ACCOUNT_ID][_PARTITION].assumed_roles
    return next((each for each in list(sessions) if each.access_key_id == key), None)


def _user(key: str) -> tuple[Any, Any]:
    """Return the user who has an access key, and the key, or two None."""
    users = list(iam_backends[ACCOUNT_ID][_PARTITION].users.values())
    keys = ((user, own) for user in users for own in list(user.access_keys))
    return next(((user, own) for user, own in keys if own.access_key_id == key), (None, None))


def check(headers: Mapping[str, str], action: str, resource: str) -> None:
    """Raise AccessDenied unless the caller may call one of our own services."""
    if not _is_ours(headers):
        return
    service, _, name = action.partition(":")
    try:
        request = _request(IAMRequest, headers, name)
    except HTTPException as error:
        raise AccessDenied("The security token included in the request is invalid.") from error
    request._action = f"{service}:{name}"  # runtime calls are signed for a different service
    values = values_of(_arns(request)[-1])
    if not _permits(_policies(request), request._action, resource, values):
        raise AccessDenied(
            f"User: {request._access_key.arn} is not authorized to perform: {action} on resource: "
            f"{resource} because no identity-based policy allows the {action} action"
        )


def _check_in_moto(self: Any, iam_request_cls: Any, resource: str = "*") -> None:
    """Replace moto's own check; `self` is one of its Response classes."""
    headers = signed_headers(self.headers, self.uri)
    if issubclass(iam_request_cls, S3IAMRequest):
        _check_in_s3(self, headers, iam_request_cls, resource)
        return
    if not _is_ours(headers):
        return
    try:
        _check_identity(_request(iam_request_cls, headers, self._get_action(), self.data))
    except HTTPException as error:
        if headers.get("Content-Type", "").startswith(_FORM):
            raise
        refused: Any = error  # moto writes XML for every protocol
        in_json = JsonRESTError(_JSON_CODES[refused.error_type], refused.message)
        in_json.code = refused.code
        raise in_json from error


def _check_identity(request: Any) -> None:
    """Check a call to a service of moto other than S3 against the policies of its caller."""
    # moto takes the name under which calls are signed, which policies do not use for CloudWatch.
    request._action = re.sub("^monitoring:", "cloudwatch:", request._action)
    if request._action == "sts:GetCallerIdentity":  # always allowed
        return
    values = values_of(_arns(request)[-1])
    if not _permits(_policies(request), request._action, "*", values, anywhere=True):
        request._raise_access_denied()


def _check_in_s3(self: Any, headers: dict[str, str], kind: Any, resource: str) -> None:
    """Check a call to S3 against the policies of its caller, and that of its bucket."""
    if "Authorization" not in headers:
        raise S3AccessDeniedError  # no bucket is public
    if "Authorization" not in self.headers and is_expired(self.uri, time.time()):
        raise S3ClientError("AccessDenied", "Request has expired")
    # moto has its own name for an action that AWS allows with the listing.
    action = f"s3:{self._get_action()}".replace("s3:HeadBucket", "s3:ListBucket")
    request = None
    if _is_ours(headers):
        request = _request(kind, headers, self._get_action(), self.data)
    arns = _arns(request) if request else ()
    values = values_of(arns[-1] if arns else "", flask.request)
    if request and not _permits(_policies(request), action, resource, values):
        request._raise_access_denied()
    check_bucket(action, resource, arns, values)


def _is_ours(headers: Mapping[str, str]) -> bool:
    """Return whether the local STS or IAM created the access key of a request.

    The token shows it for a session that has been dropped.
    """
    match = _KEY.search(headers.get("Authorization", ""))
    if match is None:
        return False
    session = _session(match[1])
    if session is not None:
        session.used = time.monotonic()
        return True
    is_dropped = headers.get("X-Amz-Security-Token", "").startswith(SESSION_TOKEN_PREFIX)
    return is_dropped or _user(match[1])[1] is not None


def _request(
    kind: Any, headers: Mapping[str, str], action: Any, data: Mapping[str, str] | None = None
) -> Any:
    """Return moto's description of the caller, which raises if the session token is wrong."""
    return kind(
        account_id=ACCOUNT_ID,
        method="",
        path="",
        data=data or {},
        body=b"",
        headers=headers,
        action=action,
    )


def _policies(request: Any) -> list[list[Any]]:
    """Return the policies of the caller, and that of its session, each of which must allow a call.

    A deleted role has none.
    """
    session = _session(request._access_key._access_key_id)
    own = [[session.policy]] if session is not None and session.policy else []
    try:
        return [list(request._access_key.collect_policies()), *own]
    except NotFoundException:
        return [[]]


def _arns(request: Any) -> tuple[str, ...]:
    """Return the ARN of the caller, followed for a session by that of its role."""
    session, arn = _session(request._access_key._access_key_id), request._access_key.arn
    return (arn,) if session is None else (arn, session.role_arn)


def decide(statements: list[dict[str, Any]], action: str, resource: str) -> PermissionResult:
    """Return what statements of policies say about an action on a resource."""
    effects = {
        statement["Effect"]
        for statement in statements
        if concerns(statement, "Action", action) and concerns(statement, "Resource", resource)
    }
    if "Deny" in effects:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL


def statements_of(policies: list[Any]) -> list[dict[str, Any]]:
    """Return the statements of moto's policies."""
    statements: list[dict[str, Any]] = []
    for policy in policies:
        content = IAMPolicy(policy)._policy_json["Statement"]
        statements += content if isinstance(content, list) else [content]
    return statements


def _permits(
    policies: list[list[Any]], action: str, resource: str, values: Values, anywhere: bool = False
) -> bool:
    """Return whether all groups of policies allow an action, on any resource if `anywhere`."""

    def permit(group: list[Any]) -> bool:
        statements = [
            each for each in statements_of(group) if is_fulfilled(each, values) is not False
        ]
        if anywhere:
            statements = [
                {**each, "Resource": "*"} if each["Effect"] == "Allow" else each
                for each in statements
                if each["Effect"] == "Allow" or "Resource" in each
            ]
        return decide(statements, action, resource) == PermissionResult.PERMITTED

    return all(permit(group) for group in policies)
