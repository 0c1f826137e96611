"""Fixtures of the tests of the page: a browser, and servers of the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from scripts.account.aws import Aws
from scripts.account.naming import DEFAULT_STACK
from scripts.page.server import PlaygroundServer
from tests.scripts.page.browser import Browser, browser_or_skip
from tests.scripts.page.canned import CannedDeployments
from tests.scripts.releases import Release


@contextmanager
def served(url: str, region: str) -> Iterator[PlaygroundServer]:
    """Serve the playground of a region of a local AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        aws = Aws(region)
    with PlaygroundServer(0, aws, DEFAULT_STACK) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser."""
    yield from browser_or_skip(tmp_path_factory)


@pytest.fixture(scope="session")
def playground(release: Release) -> Iterator[PlaygroundServer]:
    """Return the playground of a release with one endpoint."""
    with served(release.scripts.aws.url, release.scripts.region) as server:
        yield server


@pytest.fixture
def canned(local_aws) -> Iterator[PlaygroundServer]:
    """Return a playground whose models give prepared answers."""
    with served(local_aws.url, "us-east-1") as server:
        server.deployments = CannedDeployments()
        yield server
