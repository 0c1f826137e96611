"""Fixtures of the tests of the page: servers of the page."""

from collections.abc import Iterator

import pytest

from scripts.page.server import PlaygroundServer
from tests.scripts.page.canned import CannedDeployments
from tests.scripts.page.serving import served


@pytest.fixture
def canned(local_aws) -> Iterator[PlaygroundServer]:
    """Return a playground whose models give prepared answers."""
    with served(local_aws.url, "us-east-1") as server:
        server.deployments = CannedDeployments()
        yield server
