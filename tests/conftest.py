"""Fixtures and scheduling of the whole suite."""

from typing import Any

import pytest

from tests.data_source import DataSource, data_source_here
from tests.workers import BySharing


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing | None:
    """Say which worker runs which file, where whole files are spread."""
    return BySharing(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests whose data depends on DATASETS_DIR, by the fixture that reads it."""
    for item in items:
        if "data_source" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.datasets_dir)


@pytest.fixture(scope="session")
def data_source() -> DataSource:
    """Name the real data sets of DATASETS_DIR, or generated samples where it is not set."""
    return data_source_here()
