"""Fixtures of the tests of the page: a browser, and servers of the page."""

from collections.abc import Iterator

import pytest

from scripts.page.server import PlaygroundServer
from tests.scripts.page.browser import Browser, browser_or_skip
from tests.scripts.page.canned import CannedDeployments
from tests.scripts.page.serving import served


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser."""
    yield from browser_or_skip(tmp_path_factory)


@pytest.fixture
def canned(local_aws) -> Iterator[PlaygroundServer]:
    """Return a playground whose models give prepared answers."""
    with served(local_aws.url, "us-east-1") as server:
        server.deployments = CannedDeployments()
        yield server
