"""The address at which an HTTP API is reached: AWS's own, or a local AWS's path for it."""

import re

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws

_AWS_FORM = re.compile(r"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")


def api_url(aws: Aws, address: str) -> str:
    """Return where an API is called: no name leads to a local AWS's, so a path of it does."""
    if not aws.is_local:
        return address
    found = _AWS_FORM.match(address)
    if found is None:
        raise DeploymentError(f"{address} is no address of an HTTP API")
    base = (aws.endpoint_url or "").rstrip("/")
    return f"{base}/_local_aws/apis/{found[1]}{address[found.end() :]}"
