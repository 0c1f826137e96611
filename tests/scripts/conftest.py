"""Fixtures for tests of commands: a release, and regions in which something is missing."""

import pytest

from local_aws.testing import LocalAws
from tests.scripts.environments.command_lines import work_in_memory
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release, small_release


@pytest.fixture(scope="session")
def release(local_aws: LocalAws) -> Release:
    """Return a deployed release of the generated sample, which tests must not change."""
    return small_release(local_aws)


@pytest.fixture(scope="session")
def empty_region(local_aws: LocalAws) -> Scripts:
    """Return the commands of an empty region."""
    return Scripts(local_aws, "eu-west-1")


@pytest.fixture(scope="session")
def foundation_only(local_aws: LocalAws) -> Scripts:
    """Return the commands of a region with a foundation only."""
    scripts = Scripts(local_aws, "eu-west-2")
    assert scripts.run("setup").code == 0
    return scripts


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test's command lines work on accounts in memory."""
    work_in_memory(monkeypatch)
