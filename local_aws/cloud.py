"""A region as a service sees it, and the local AWS as its own client through boto3."""

import threading
import time
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local_aws.settings import Settings

# moto accepts any; only HTTP APIs check signatures.
CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
_SESSION_SECONDS = 3600.0  # after which a new session of a role is used, as STS lets them last
Keys = tuple[str, str, str]  # access key, secret, and token
_OWN_KEYS: Keys = ("local", "local", "")
_sessions: dict[tuple[Settings, str, str, str], tuple[float, Keys]] = {}
_assuming, _creating = threading.Lock(), threading.Lock()


@lru_cache(maxsize=96)
def client(service: str, settings: Settings, region: str, keys: Keys = _OWN_KEYS) -> Any:
    """Return the shared boto3 client of a service of this local AWS, which reads a model once."""
    config = Config(proxies={}, retries={"total_max_attempts": 2}, max_pool_connections=32)
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    options = {"endpoint_url": settings.endpoint_url, "config": config}
    options |= dict(zip(names, keys, strict=True))
    with _creating:  # sessions are not thread-safe
        return _shared_session().client(service, region_name=region, **options)


def role_keys(settings: Settings, region: str, role: str, name: str) -> Keys:
    """Return access key, secret and token of the session of a role, which has a name.

    A session is shared for an hour. A change of the role's policies takes effect at once. If the
    role is deleted, its sessions stay and every call with them is refused.
    """
    place = (settings, region, role, name)
    with _assuming:
        if place not in _sessions or time.monotonic() - _sessions[place][0] > _SESSION_SECONDS:
            sts = client("sts", settings, region)
            session = sts.assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
            keys = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
            _sessions[place] = time.monotonic(), keys
        return _sessions[place][1]


def forget_sessions() -> None:
    """Forget the sessions of roles, which no longer exist."""
    with _assuming:
        _sessions.clear()


def client_of_role(service: str, settings: Settings, region: str, role: str, name: str) -> Any:
    """Return the shared client of a service in the session of a role."""
    return client(service, settings, region, role_keys(settings, region, role, name))


@cache
def _shared_session() -> Any:
    return boto3.session.Session()


def session(region: str) -> Any:
    """Return a session in a region, whatever the computer's own AWS settings are."""
    return boto3.session.Session(region_name=region, **CREDENTIALS)


def split_uri(uri: str) -> tuple[str, str]:
    """Return the bucket and key of an s3:// address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")  # a key may contain any character
    return bucket, key


def read_object(s3: Any, bucket: str, key: str, version: str | None) -> bytes:
    """Return the bytes of an object, or of a version of it; raise S3's ClientError."""
    options = {"VersionId": version} if version else {}
    return bytes(s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read())


def may_assume(settings: Settings, region: str, role_arn: str, service: str) -> bool:
    """Return whether a role exists and a service may assume it."""
    iam = client("iam", settings, region)
    name = role_arn.rsplit("/", 1)[-1]
    try:
        role = iam.get_role(RoleName=name)["Role"] if name else None
    except iam.exceptions.NoSuchEntityException:
        role = None
    return role is not None and role["Arn"] == role_arn and _trusts(role, service)


def _trusts(role: dict[str, Any], service: str) -> bool:
    """Return whether the trust policy allows a service; its lists may be single values."""
    effects = set()
    for statement in _as_list(role.get("AssumeRolePolicyDocument", {}).get("Statement", [])):
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        if service in _as_list(services):
            effects.add(statement.get("Effect"))
    return effects == {"Allow"}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@dataclass
class Region:
    """What a service keeps about one region, in memory only; services with more state extend it."""

    name: str
    settings: Settings
    lock: threading.RLock = field(default_factory=threading.RLock)

    def client(self, service: str) -> Any:
        """Return a boto3 client of this local AWS in this region."""
        return client(service, self.settings, self.name)

    def folder(self, *parts: str) -> Path:
        """Return a folder of this region under the state folder, created if necessary."""
        path = self.settings.state_dir.joinpath(self.name, *parts)
        path.mkdir(parents=True, exist_ok=True)
        return path
