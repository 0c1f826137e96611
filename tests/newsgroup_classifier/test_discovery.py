"""Recipes and data sets are found in the modules of their packages."""

import importlib
import sys

import pytest

from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.discovery import discover
from newsgroup_classifier.errors import ProjectError

MODULE = """
from newsgroup_classifier.datasets import DatasetLoader
SECOND = DatasetLoader("{0}-2", print, print)
FIRST = DatasetLoader("{0}-1", print, print)
"""


@pytest.fixture
def make_package(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)

    def make(**modules):
        folder = tmp_path / "found_here"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        return importlib.import_module("found_here")

    yield make
    for name in [name for name in sys.modules if name.startswith("found_here")]:
        del sys.modules[name]


def test_discover_orders_objects_by_module_and_then_by_definition(make_package):
    package = make_package(b=MODULE.format("b"), a=MODULE.format("a"), c="FIRST = 'another kind'")
    assert list(discover(package, DatasetLoader)) == ["a-2", "a-1", "b-2", "b-1"]


def test_discover_returns_an_object_that_another_module_imports_once(make_package):
    package = make_package(a=MODULE.format("a"), b="from found_here.a import FIRST")
    assert list(discover(package, DatasetLoader)) == ["a-2", "a-1"]


def test_discover_refuses_two_objects_of_the_same_name(make_package):
    package = make_package(a=MODULE.format("same"), b=MODULE.format("same"))
    with pytest.raises(ProjectError, match=r"found_here\.b declares 'same-2', a name that another"):
        discover(package, DatasetLoader)
