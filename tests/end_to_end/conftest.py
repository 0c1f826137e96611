"""Fixtures of end-to-end tests: releases, their test posts, and the model in memory."""

import pytest

from local_aws.testing import LocalAws
from tests.data_source import DataSource
from tests.end_to_end.posts import InMemory, Post, load_model, read_test_posts
from tests.scripts.releases import Release, full_release, small_release


@pytest.fixture(scope="session")
def release(local_aws: LocalAws, data_source: DataSource) -> Release:
    """Release the real data of DATASETS_DIR, or the generated sample without it."""
    return full_release(local_aws, data_source)


@pytest.fixture(scope="session")
def small(local_aws: LocalAws) -> Release:
    """Release the generated sample, in its own region."""
    return small_release(local_aws)


@pytest.fixture(scope="session")
def posts(release: Release) -> list[Post]:
    """Read every raw post of the uploaded test channel."""
    return read_test_posts(release)


@pytest.fixture(scope="session")
def model(release: Release, tmp_path_factory: pytest.TempPathFactory) -> InMemory:
    """Load the trained model from the job's model.tar.gz."""
    return load_model(release, tmp_path_factory.mktemp("model"))
