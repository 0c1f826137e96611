"""The resource policies of functions: whether a statement allows a call."""

from fnmatch import fnmatchcase
from typing import Any

_ARN_COLONS = 5  # the last part may contain more


def allows(statement: dict[str, Any], service: str, arn: str, account: str) -> bool:
    """Return whether a statement lets a service invoke a function on behalf of a resource."""
    condition = statement.get("Condition", {})
    wanted_arn = condition.get("ArnLike", {}).get("AWS:SourceArn", arn)
    wanted_account = condition.get("StringEquals", {}).get("AWS:SourceAccount", account)
    return (
        statement["Principal"] in ("*", {"Service": service})
        and statement["Action"] in ("lambda:InvokeFunction", "lambda:*")
        and _is_like(arn, wanted_arn)
        and account == wanted_account
    )


def _is_like(arn: str, pattern: str) -> bool:
    """Return whether an ARN matches a pattern of IAM's ArnLike, part by part, with * and ?."""
    parts, patterns = arn.split(":", _ARN_COLONS), pattern.split(":", _ARN_COLONS)
    return len(parts) == len(patterns) and all(
        fnmatchcase(part, like.replace("[", "[[]"))
        for part, like in zip(parts, patterns, strict=True)
    )
