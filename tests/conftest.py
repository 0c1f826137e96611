"""Fixtures of the whole suite."""

from collections.abc import Iterator

import pytest

from tests.local_aws_process import LocalAws, running_local_aws


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests that only need one; each test uses names of its own."""
    with running_local_aws() as running:
        yield running
