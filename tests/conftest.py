"""Schedule the test files of the whole suite."""

from typing import Any

import pytest

from tests.workers import BySharing


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing | None:
    """Say which worker runs which file, where whole files are spread."""
    return BySharing(config, log) if config.getoption("dist") == "loadfile" else None
