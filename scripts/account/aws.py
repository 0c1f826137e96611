"""The only access to AWS: clients, the account and region, and planned calls."""

import argparse
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit

from newsgroup_classifier.errors import DeploymentError, did_you_mean, nearest
from scripts.account.command import agrees, say
from scripts.account.local_aws import wait_for_start
from scripts.account.naming import LOOPBACK, check_stack

# The sources of botocore whose access keys are used; others need another program or the network.
_KEY_SOURCES = ("env", "shared-credentials-file", "config-file")
_announce = cache(say)  # once per process
_ROOT = "local"  # the access key of the local AWS's root, and its secret
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Call:
    """A planned call to AWS that can be printed, compared, or made."""

    service: str
    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)


class Aws:
    """AWS or the local AWS in one region; clients are created on first use.

    A `profile` of the AWS configuration selects the account; without one, the environment does.
    """

    def __init__(self, region: str | None = None, profile: str | None = None) -> None:
        from botocore.session import Session  # not needed for --help

        self._profile = profile
        self._configuration = Session(profile=profile)
        self.endpoint_url = _endpoint_url(self._configuration)
        self.requested_region = region  # by --region; suggested commands repeat it
        names = ("AWS_REGION", "AWS_DEFAULT_REGION")
        self._region = region or next(filter(None, map(os.environ.get, names)), None)
        self._clients: dict[str, Any] = {}

    @property
    def is_local(self) -> bool:
        """Whether the calls go to a local AWS, at an address of this machine."""
        return urlsplit(self.endpoint_url or "").hostname in LOOPBACK

    @property
    def region(self) -> str:
        """The region of the request, the environment, the AWS configuration, or the default."""
        if self.is_local:
            return self._region or DEFAULT_REGION
        return str(self._session.region_name)

    def check_region(self) -> None:
        """Raise DeploymentError unless the region has the form of an AWS region name."""
        if re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", self.region) is None:
            raise DeploymentError(
                f"{self.region!r} is not an AWS region name; expected one such as {DEFAULT_REGION}"
            )

    @cached_property
    def _session(self) -> Any:
        import boto3

        if self.is_local:
            return self._local_session()
        session = boto3.Session(region_name=self._region, profile_name=self._profile)
        if session.region_name:
            return session
        return boto3.Session(region_name=DEFAULT_REGION, profile_name=self._profile)

    def _local_session(self) -> Any:
        """Return a session with the user's access key if the local IAM made it, or else as root."""
        import boto3
        from botocore.exceptions import PartialCredentialsError

        sources = self._configuration.get_component("credential_provider").providers
        loads = (source.load() for source in sources if source.METHOD in _KEY_SOURCES)
        try:
            keys = next(filter(None, loads), None)
        except PartialCredentialsError:
            keys = None
        if keys is None or not self._is_local_key(keys.access_key):
            return boto3.Session(_ROOT, _ROOT, region_name=self.region)
        return boto3.Session(keys.access_key, keys.secret_key, keys.token, region_name=self.region)

    def _is_local_key(self, key: str) -> bool:
        """Return whether the local IAM made an access key; only its ID is sent."""
        import boto3
        from botocore.config import Config
        from botocore.exceptions import ClientError

        def identity(key: str) -> Any:
            where = {"endpoint_url": self.endpoint_url, "config": Config(proxies={})}
            session = boto3.Session(key, _ROOT, region_name=self.region)
            return session.client("sts", **where).get_caller_identity()["Arn"]

        try:
            return bool(identity(key) != identity(_ROOT))
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidClientTokenId":
                raise
            return True  # of a role's session, whose token was not sent

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service."""
        if service not in self._clients:
            self._clients[service] = self.new_client(service)
        return self._clients[service]

    def new_client(self, service: str, **options: Any) -> Any:
        """Return a new boto3 client of a service, with options of botocore's Config."""
        from botocore.config import Config

        if self.is_local:  # proxies cannot reach localhost
            options["proxies"] = {}
        config = Config(**options) if options else None
        try:
            return self._session.client(service, endpoint_url=self.endpoint_url, config=config)
        except ValueError as error:
            raise DeploymentError(
                f"an AWS_ variable or ~/.aws/config has an invalid value: {error}"
            ) from error

    def credentials(self) -> Any:
        """Return the credentials that sign requests; raise NoCredentialsError if there are none."""
        from botocore.exceptions import NoCredentialsError

        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        return credentials

    @cached_property
    def _caller(self) -> dict[str, str]:
        return dict(self.client("sts").get_caller_identity())

    @property
    def account_id(self) -> str:
        """The account that the credentials belong to."""
        return self._caller["Account"]

    @property
    def user_arn(self) -> str:
        """The user or role that the credentials belong to."""
        return self._caller["Arn"]

    def make(self, call: Call, *ignored: str) -> Any:
        """Make a planned call; return None after an error that contains one of the texts."""
        client = self.client(call.service)
        try:
            return getattr(client, call.operation)(**call.parameters)
        except client.exceptions.ClientError as error:
            if not any(text in str(error) for text in ignored):
                raise
        return None

    def remove(self, call: Call) -> None:
        """Make a call that deletes; a resource that does not exist counts as deleted."""
        self.make(call, "Could not find", "does not exist")

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield the items of every page of a List operation."""
        paginator = self.client(service).get_paginator(operation)
        for page in paginator.paginate(**parameters):
            yield from page.get(key, [])

    def check_flag(self, flag: str, value: str | None, shape: str) -> None:
        """Raise DeploymentError for a value that SageMaker's model of a parameter rules out."""
        limits = self.client("sagemaker").meta.service_model.shape_for(shape).metadata
        known, pattern = limits.get("enum", ()), limits.get("pattern", ".*")
        if value is None or (value in known if known else re.fullmatch(pattern, value)):
            return
        hint = did_you_mean(nearest(f"ml.{value.removeprefix('ml.')}", known))
        expected = "one such as ml.m5.large" if known else f"a name of the form {pattern}"
        raise DeploymentError(
            f"{flag} {value!r} is not valid for SageMaker{hint or f'; expected {expected}'}"
        )

    def watch(
        self, subject: str, describe: Callable[[], dict[str, Any] | None], key: str
    ) -> Iterator[dict[str, Any]]:
        """Yield the state of a resource until it is gone; print each new status under the key."""
        status = ""
        while (state := describe()) is not None:
            if state[key] != status:
                status = state[key]
                say(f"{subject}: {status}")
            yield state
            self.pause()

    def pause(self) -> None:
        """Wait between two status requests."""
        time.sleep(0.3 if self.is_local else 10)


def _endpoint_url(configuration: Any) -> str | None:
    """Return AWS_ENDPOINT_URL or the address that the profile has for all services, or None."""
    settings = configuration.get_scoped_config()  # raises if there is no such profile
    url: str | None = os.environ.get("AWS_ENDPOINT_URL")
    if not url:
        is_ignored = configuration.get_config_variable("ignore_configured_endpoint_urls")
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


def connect(arguments: argparse.Namespace) -> Aws:
    """Return the AWS that the arguments and the environment select, and print which it is."""
    check_stack(arguments.stack)
    aws = Aws(arguments.region, getattr(arguments, "profile", None))
    aws.check_region()
    if aws.is_local:
        wait_for_start(aws.endpoint_url)
    where = "the local AWS" if aws.is_local else "AWS"
    where += f" at {aws.endpoint_url}" if aws.endpoint_url else ""
    if aws.is_local and aws.credentials().access_key != _ROOT:
        where += f" as {aws.user_arn.rpartition(':')[2]}"
    _announce(f"Working on {where}, account {aws.account_id}, region {aws.region}.")
    return aws


def confirm(aws: Aws, yes: bool, what: str) -> None:
    """Ask for confirmation on AWS; raise DeploymentError if the answer is not yes."""
    if aws.is_local or yes:
        return
    if not agrees(f"{what} in account {aws.account_id}, region {aws.region}. Continue?"):
        raise DeploymentError("nothing was done; answer y or pass --yes")


def dry_run(calls: list[Call]) -> dict[str, Any]:
    """Return the output of --dry-run."""
    return {"dry_run": True, "calls": [asdict(call) for call in calls]}
