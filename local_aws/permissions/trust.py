"""The trust policies of roles, which moto does not read when a role is created."""

import json
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import IAMBackend

_CREATE_ROLE = IAMBackend.create_role


def check_trust_policies() -> None:
    """Make moto refuse a new role whose trust policy is not a policy document."""
    backend: Any = IAMBackend
    backend.create_role = _create_role


def _create_role(self: Any, role_name: str, policy: str, *arguments: Any, **named: Any) -> Any:
    try:
        document = json.loads(policy)
    except ValueError as error:
        raise MalformedPolicyDocument("This policy contains invalid Json") from error
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not statements or not all(
        isinstance(each, dict)
        for each in (statements if isinstance(statements, list) else [statements])
    ):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return _CREATE_ROLE(self, role_name, policy, *arguments, **named)
