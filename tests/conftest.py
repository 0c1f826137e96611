"""Fixtures and scheduling of the whole suite."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local_aws.testing import LocalAws
from tests.data_source import DataSource, data_source_here
from tests.scripts.processes import Scripts
from tests.workers import SharedFixtureScheduling

if TYPE_CHECKING:
    from tests.scripts.page.browser import Browser


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedFixtureScheduling | None:
    """Return the scheduler that replaces xdist's `loadfile`."""
    return SharedFixtureScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests whose data depends on DATASETS_DIR: those that use the fixture for it."""
    for item in items:
        if "data_source" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.datasets_dir)


@pytest.fixture(scope="session")
def data_source() -> DataSource:
    """Return the real data sets of DATASETS_DIR, or generated samples if it is not set."""
    return data_source_here()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Browser]":
    """Return a real browser; tests without one are skipped for users, and fail in CI."""
    from tests.scripts.page.browser import browser_or_skip  # imports Selenium

    yield from browser_or_skip(tmp_path_factory)


@pytest.fixture(scope="module")
def scripts(local_aws: LocalAws, own_region: str) -> Scripts:
    """Return the commands of a region with a foundation that only one file's tests use."""
    scripts = Scripts(local_aws, own_region)
    assert scripts.run("setup").code == 0
    return scripts
