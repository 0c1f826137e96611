"""The one seam to AWS: clients, the account, the foundation's outputs, and planned calls."""

import argparse
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit

from newsgroup_classifier.errors import DeploymentError
from scripts.account.command import say

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Call:
    """One call to AWS, planned: it can be printed, compared and made."""

    service: str
    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the call as --dry-run prints it."""
        return {
            "service": self.service,
            "operation": self.operation,
            "parameters": self.parameters,
        }


class Aws:
    """AWS, or the local AWS, in one region; clients are made at their first use."""

    def __init__(self, region: str | None = None) -> None:
        self.endpoint_url = _endpoint_url()
        names = ("AWS_REGION", "AWS_DEFAULT_REGION")
        self._region = region or next(filter(None, map(os.environ.get, names)), None)
        self._clients: dict[str, Any] = {}

    @property
    def is_local(self) -> bool:
        """Tell whether the calls go to a local AWS: to an address of this machine."""
        return urlsplit(self.endpoint_url or "").hostname in _LOOPBACK

    @property
    def region(self) -> str:
        """The region: asked for, of the environment, of a person's own AWS settings, or default."""
        return str(self._session.region_name)

    def check_region(self) -> None:
        """Raise DeploymentError unless the region is named as AWS names regions."""
        if re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", self.region) is None:
            raise DeploymentError(
                f"the region {self.region!r} is not named as AWS names them; expected one such as "
                f"{DEFAULT_REGION}"
            )

    @cached_property
    def _session(self) -> Any:
        import boto3

        if self.is_local:
            # Nobody checks keys there, and a person's real ones have no business there.
            keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
            return boto3.Session(region_name=self._region or DEFAULT_REGION, **keys)
        session = boto3.Session(region_name=self._region)
        return session if session.region_name else boto3.Session(region_name=DEFAULT_REGION)

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service."""
        if service not in self._clients:
            from botocore.config import Config

            direct = Config(proxies={}) if self.is_local else None  # no proxy knows this machine
            try:
                self._clients[service] = self._session.client(
                    service, endpoint_url=self.endpoint_url, config=direct
                )
            except ValueError as error:
                raise DeploymentError(
                    f"an AWS_ variable or a setting of ~/.aws/config cannot be read: {error}"
                ) from error
        return self._clients[service]

    @cached_property
    def account_id(self) -> str:
        """The account the credentials belong to."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def make(self, call: Call) -> Any:
        """Make a planned call."""
        return getattr(self.client(call.service), call.operation)(**call.parameters)

    def remove(self, call: Call) -> None:
        """Make a call that deletes; what is not there any more counts as deleted."""
        client = self.client(call.service)
        try:
            self.make(call)
        except client.exceptions.ClientError as error:
            if "Could not find" not in error.response["Error"]["Message"]:
                raise

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield the items of every page of a List operation."""
        paginator = self.client(service).get_paginator(operation)
        for page in paginator.paginate(**parameters):
            yield from page.get(key, [])

    def pause(self) -> None:
        """Wait between two looks at something that takes its time."""
        time.sleep(0.3 if self.is_local else 10)


def _endpoint_url() -> str | None:
    """Return AWS_ENDPOINT_URL, None where it is unset; raise DeploymentError for no address."""
    url = os.environ.get("AWS_ENDPOINT_URL")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise DeploymentError(
            f"AWS_ENDPOINT_URL is {url!r}; expected an address such as http://127.0.0.1:4566"
        )
    return url


def connect(arguments: argparse.Namespace) -> Aws:
    """Return AWS as the arguments and the environment name it, and say which it is."""
    aws = Aws(arguments.region)
    aws.check_region()
    where = f"the local AWS at {aws.endpoint_url}" if aws.is_local else "AWS"
    if aws.endpoint_url and not aws.is_local:
        where = f"AWS at {aws.endpoint_url}"
    _announce(f"Working on {where}, account {aws.account_id}, region {aws.region}.")
    return aws


@cache
def _announce(line: str) -> None:
    """Say a line, but only once in a process."""
    say(line)


def confirm(aws: Aws, yes: bool, what: str) -> None:
    """Ask before something that costs money or deletes on AWS; raise DeploymentError if refused."""
    if aws.is_local or yes:
        return
    say(f"{what} in account {aws.account_id}, region {aws.region}. Go on? [y/N]")
    try:
        answer = input()
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise DeploymentError("nothing was done; answer y, or use --yes")


def dry_run(calls: list[Call]) -> dict[str, Any]:
    """Return what --dry-run prints."""
    return {"dry_run": True, "calls": [call.as_dict() for call in calls]}
