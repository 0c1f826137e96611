"""Recipes and data sets are discovered in the modules of their packages."""

import importlib
import sys

import pytest

from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.discovery import discover
from newsgroup_classifier.errors import ProjectError

IMPORT = "from newsgroup_classifier.datasets import DatasetLoader\n"
SECOND = IMPORT + "SECOND = DatasetLoader('second', print)\n"
BOTH = SECOND + "FIRST = DatasetLoader('first', print)\nOTHER = 'another kind'\n"


@pytest.fixture
def discovered(tmp_path, monkeypatch):
    """Return a function that discovers the data sets in modules of the given texts."""
    (tmp_path / "package_to_search").mkdir()
    monkeypatch.syspath_prepend(tmp_path)

    def search(**modules):
        for name, text in {"__init__": "", **modules}.items():
            (tmp_path / "package_to_search" / f"{name}.py").write_text(text)
        return list(discover(importlib.import_module("package_to_search"), DatasetLoader))

    yield search
    for name in [name for name in sys.modules if name.startswith("package_to_search")]:
        del sys.modules[name]


def test_discover_orders_objects_by_module_and_then_by_definition(discovered):
    third = IMPORT + "THIRD = DatasetLoader('third', print)"
    imported = "from package_to_search.b import FIRST"
    assert discovered(b=BOTH, a=third, c=imported) == ["third", "second", "first"]


def test_discover_refuses_two_objects_of_the_same_name(discovered):
    with pytest.raises(ProjectError, match=r"package_to_search\.b declares 'second', a name that"):
        discovered(a=BOTH, b=SECOND)
