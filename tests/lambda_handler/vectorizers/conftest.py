"""A folder that the tests of a module share."""

import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder for model files."""
    return tmp_path_factory.mktemp("models")
