"""The conditions of policies, evaluated if a request to the local AWS has their keys.

Programs send their requests to AWS with TLS, so every request counts as sent with TLS 1.3, although
the local AWS has none.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import flask

from local_aws.settings import ACCOUNT_ID

Values = Mapping[str, str | None]  # of the known keys, in lower case; None if the request has none

_ARN_COLONS = 5  # the last part may contain more; no wildcard crosses one of them
_ENCRYPTION = "x-amz-server-side-encryption"
_HEADERS = ("x-amz-acl", "x-amz-copy-source", _ENCRYPTION, f"{_ENCRYPTION}-aws-kms-key-id")
_COMMON: Values = {
    "aws:securetransport": "true",
    "s3:tlsversion": "1.3",
    "aws:principalaccount": ACCOUNT_ID,
    "aws:resourceaccount": ACCOUNT_ID,
    "aws:principalisawsservice": "false",
    "aws:sourceaccount": None,  # only AWS's own services send this and the next
    "aws:sourcearn": None,
}


def match(pattern: str, string: str) -> re.Match[str] | None:
    """Match a text with a pattern with IAM's wildcards, `*` and `?`."""
    literal = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(literal, string, re.DOTALL)


def concerns(statement: Mapping[str, Any], element: str, text: str) -> bool:
    """Return whether the Action or the Resource of a statement, or its NotAction, covers a text."""
    covered, others = statement.get(element), statement.get(f"Not{element}", "*")
    patterns = texts(others if covered is None else covered)
    if element == "Action":  # is the same in any case
        text, patterns = text.lower(), [pattern.lower() for pattern in patterns]
    return any(match(pattern, text) for pattern in patterns) == (covered is not None)


def _match_arn(pattern: str, arn: str) -> bool:
    parts, patterns = arn.split(":", _ARN_COLONS), pattern.split(":", _ARN_COLONS)
    return len(parts) == len(patterns) and all(map(match, patterns, parts))


def _is_same(wanted: str, actual: str) -> bool:
    return wanted.lower() == actual.lower()


def _is_less(wanted: str, actual: str) -> bool:
    numbers = [re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) for text in (actual, wanted)]
    return None not in numbers and float(actual) < float(wanted)


# The operators without Not and IfExists, for a value of the policy and one of the request.
_TESTS: dict[str, Callable[[str, str], object]] = {
    "ArnEquals": _match_arn,
    "ArnLike": _match_arn,
    "Bool": _is_same,
    "NumericLessThan": _is_less,
    "StringEquals": operator.eq,
    "StringEqualsIgnoreCase": _is_same,
    "StringLike": match,
}


def values_of(arn: str, request: flask.Request | None = None) -> Values:
    """Return the values in a request by a user or role, or by any identity if `arn` is empty.

    Only requests to S3 have values of their own. The parts of an upload have the headers with which
    the upload began, so theirs are not known.
    """
    headers: Any = {} if request is None else request.headers
    query: Any = {} if request is None else request.args
    values = {**_COMMON, **{f"s3:{name}": query.get(name) for name in ("delimiter", "prefix")}}
    if "uploadId" not in query:
        values |= {f"s3:{name}": headers.get(name, query.get(name)) for name in _HEADERS}
    return values | {"aws:principalarn": arn} if arn else values


def is_fulfilled(statement: Mapping[str, Any], values: Values, strict: bool = False) -> bool | None:
    """Return whether a request fulfills all conditions of a statement, None if not known.

    If `strict`, the request has no keys but those of the values, so that it is always known.
    """
    results = evaluate(statement, values, strict).values()
    return False if False in results else None if None in results else True


def evaluate(
    statement: Mapping[str, Any], values: Values, strict: bool = False
) -> dict[str, bool | None]:
    """Return whether a request fulfills each condition of a statement, None if not known."""
    return {
        f"{name} {key}": _compare(name, key, wanted, values, strict)
        for name, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    }


def _compare(name: str, key: str, wanted: Any, values: Values, strict: bool) -> bool | None:
    """Return whether a request fulfills one condition, None if not known."""
    plain = name.removesuffix("IfExists")
    test = _TESTS.get(plain.replace("Not", "", 1))
    if key.lower() not in values:
        return _holds_without_key(name, wanted) if strict else None
    if "${" in str(wanted) or (test is None and name != "Null"):
        return None
    actual = values[key.lower()]
    if actual is None:
        return _holds_without_key(name, wanted)
    if test is None:
        return any(_is_same(item, "false") for item in texts(wanted))
    return any(test(item, actual) for item in texts(wanted)) != ("Not" in plain)


def _holds_without_key(name: str, wanted: Any) -> bool:
    """Return whether a request that lacks the key of a condition fulfills it."""
    quantifier, _, plain = name.rpartition(":")
    if plain == "Null":
        return any(_is_same(item, "true") for item in texts(wanted))
    if plain.endswith("IfExists"):
        return True
    return quantifier == "ForAllValues" if quantifier else "Not" in plain


def texts(items: Any) -> list[str]:
    """Return one or several values of a policy as texts."""
    return [str(item) for item in (items if isinstance(items, list) else [items])]
