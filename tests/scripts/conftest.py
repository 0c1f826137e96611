"""Fixtures of the scripts' tests: a release, and regions in which one thing is missing."""

import pytest

from local_aws.testing import LocalAws
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release, small_release


@pytest.fixture(scope="session")
def release(local_aws: LocalAws) -> Release:
    """Make a deployed release of the generated sample; tests leave it as it is."""
    return small_release(local_aws)


@pytest.fixture(scope="session")
def empty_region(local_aws: LocalAws) -> Scripts:
    """Point the scripts at a region with nothing in it."""
    return Scripts(local_aws, "eu-west-1")


@pytest.fixture(scope="session")
def foundation_only(local_aws: LocalAws) -> Scripts:
    """Point the scripts at a region with a foundation and nothing more."""
    scripts = Scripts(local_aws, "eu-west-2")
    assert scripts.run("setup").code == 0
    return scripts
