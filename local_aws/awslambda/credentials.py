"""The credentials of functions: real sessions of their roles, which the local IAM enforces."""

from local_aws.cloud import role_keys
from local_aws.settings import Settings

_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_MIN_SESSION_NAME = 2


def role_variables(settings: Settings, region: str, role: str, function: str) -> dict[str, str]:
    """Return the environment variables of a session, which AWS names after the function."""
    keys = role_keys(settings, region, role, function.ljust(_MIN_SESSION_NAME, "-"))
    return dict(zip(_NAMES, keys, strict=True))
