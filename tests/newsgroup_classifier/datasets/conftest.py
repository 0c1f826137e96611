"""The folder of a data set, for the tests of its loader."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Create the folder that a test module names FOLDER, in an empty data folder."""
    path: Path = tmp_path / request.module.FOLDER
    path.mkdir()
    return path
