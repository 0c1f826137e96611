"""Whether a function's own policy lets an API invoke it."""

import json
import re
import threading
import time
from typing import Any

from botocore.exceptions import ClientError

from infra.local_aws.http_api.integrations import Target

_SERVICE = "apigateway.amazonaws.com"
_REMEMBERED_SECONDS = 1.0  # on AWS a permission taken away works on for a while, too


class Permissions:
    """Looks policies up, and remembers for a moment what they allowed."""

    def __init__(self) -> None:
        self._allowed: dict[tuple[Target, str], float] = {}
        self._lock = threading.Lock()

    def allow(self, functions: Any, target: Target, source_arn: str, account: str) -> bool:
        """Tell whether a policy allows the call; functions is a boto3 client of Lambda."""
        key, now = (target, source_arn), time.monotonic()
        with self._lock:
            if self._allowed.get(key, 0.0) > now:
                return True
        if not _looked_up(functions, target, source_arn, account):
            return False
        with self._lock:
            self._allowed = {item: end for item, end in self._allowed.items() if end > now}
            self._allowed[key] = now + _REMEMBERED_SECONDS
        return True


def _looked_up(functions: Any, target: Target, source_arn: str, account: str) -> bool:
    qualifier = {"Qualifier": target.qualifier} if target.qualifier else {}
    try:
        text = functions.get_policy(FunctionName=target.name, **qualifier)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise
    statements = json.loads(text)["Statement"]
    return any(allows(statement, source_arn, account) for statement in statements)


def allows(statement: dict[str, Any], source_arn: str, account: str) -> bool:
    """Tell whether a statement, as AddPermission writes it, allows an API to invoke."""
    principal = statement.get("Principal", {})
    named = principal if isinstance(principal, str) else principal.get("Service", "")
    actions = ("lambda:InvokeFunction", "lambda:*", "*")
    if statement.get("Effect") != "Allow" or named not in ("*", _SERVICE):
        return False
    if statement.get("Action") not in actions:
        return False
    conditions = {
        key.lower(): value
        for condition in statement.get("Condition", {}).values()
        for key, value in condition.items()
    }
    if conditions.pop("aws:sourceaccount", account) != account:
        return False
    pattern = conditions.pop("aws:sourcearn", source_arn)
    return not conditions and arn_matches(pattern, source_arn)


def arn_matches(pattern: str, arn: str) -> bool:
    """Tell whether an ARN is like a pattern with * and ?."""
    expression = "".join(
        ".*" if letter == "*" else "." if letter == "?" else re.escape(letter) for letter in pattern
    )
    return re.fullmatch(expression, arn, re.DOTALL) is not None
