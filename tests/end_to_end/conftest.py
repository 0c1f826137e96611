"""Fixtures of the whole path: releases, the posts they were tested with, and the model itself."""

from pathlib import Path

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
    """Release the generated sample, in a region of its own."""
    return small_release(local_aws)


@pytest.fixture(scope="session")
def posts(release: Release) -> list[Post]:
    """Read every raw post of the uploaded test channel."""
    return read_test_posts(release)


@pytest.fixture(scope="session")
def model(release: Release, tmp_path_factory: pytest.TempPathFactory) -> InMemory:
    """Load the trained model from the job's model.tar.gz."""
    folder: Path = tmp_path_factory.mktemp("model")
    return load_model(release, folder)
