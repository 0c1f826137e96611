"""What the environment and the profiles of ~/.aws say: the address of AWS, and access keys."""

import os
from typing import Any
from urllib.parse import urlsplit

from newsgroup_classifier.errors import DeploymentError, did_you_mean, nearest

_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def configured_url(profile: str | None) -> str | None:
    """Return AWS_ENDPOINT_URL or the address that the profile has for all services, or None.

    Raise DeploymentError if the address is invalid, or if the profile does not exist.
    """
    url = os.environ.get("AWS_ENDPOINT_URL")
    settings = _settings(profile) if profile or not url else {}
    if not url:
        is_ignored = os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
        return None if is_ignored else settings.get("endpoint_url")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.path.strip("/"):
        form = "an address such as http://127.0.0.1:4566"
        expected = f"it without a path: {parts.scheme}://{parts.netloc}" if valid else form
        raise DeploymentError(f"AWS_ENDPOINT_URL is {url!r}; expected {expected}")
    return url


def own_keys(profile: str | None) -> dict[str, str] | None:
    """Return the access key of a profile, or else of the environment or its profile, or None.

    Sources that need another program or the network, such as SSO, are not used.
    """
    settings = {key: os.environ.get(key.upper(), "") for key in _KEYS} if profile is None else {}
    if not all(settings.get(key) for key in _KEYS[:2]):
        settings = _settings(profile)
    keys = {key: settings[key] for key in _KEYS if settings.get(key)}
    return keys if all(key in keys for key in _KEYS[:2]) else None


def _settings(profile: str | None) -> dict[str, str]:
    """Return the settings of a profile, or else of the one that the environment selects."""
    names = (profile, os.environ.get("AWS_PROFILE"), os.environ.get("AWS_DEFAULT_PROFILE"))
    return _profiles(profile).get(next(filter(None, names), "default"), {})


def _profiles(expected: str | None) -> dict[str, dict[str, Any]]:
    """Return all profiles of the AWS configuration; raise DeploymentError if one is missing."""
    from botocore.session import Session

    profiles: dict[str, dict[str, Any]] = Session().full_config["profiles"]
    if expected is not None and expected not in profiles:
        hint = did_you_mean(nearest(expected, profiles))
        known = f"one of {', '.join(sorted(profiles))}" if profiles else "one of ~/.aws/config"
        raise DeploymentError(
            f"the AWS configuration has no profile {expected!r}{hint or f'; expected {known}'}"
        )
    return profiles
