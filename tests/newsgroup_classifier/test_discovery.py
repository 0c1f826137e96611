"""Recipes and data sets are discovered in the modules of their packages."""

import importlib
import sys

import pytest

from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.datasets.catalogue import DATASETS
from newsgroup_classifier.discovery import Catalogue
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
        return list(Catalogue(importlib.import_module("package_to_search"), DatasetLoader, "set"))

    yield search
    for name in [name for name in sys.modules if name.startswith("package_to_search")]:
        del sys.modules[name]


def test_discover_orders_objects_by_module_and_then_by_definition(discovered):
    third = IMPORT + "THIRD = DatasetLoader('third', print)"
    imported = "from package_to_search.b import FIRST"
    assert discovered(b=BOTH, a=third, c=imported) == ["third", "second", "first"]


def test_discover_refuses_two_objects_of_the_same_name(discovered):
    with pytest.raises(ProjectError, match=r"package_to_search.b\.py declares 'second', .* choose"):
        discovered(a=BOTH, b=SECOND)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("import missing_package", "ModuleNotFoundError: No module named 'missing_package'"),
        ("from newsgroup_classifier.errors import Typo", "ImportError: cannot import name 'Typo'"),
        ("DatasetLoader(", "SyntaxError: '(' was never closed"),
    ],
)
def test_module_that_cannot_be_imported_is_named_with_cause_and_remedy(discovered, text, cause):
    with pytest.raises(ProjectError) as caught:
        discovered(a=BOTH, b=text)
    message = str(caught.value)
    assert f"package_to_search/b.py cannot be imported: {cause}" in message
    assert "Fix the file, or remove it" in message


def test_find_suggests_the_nearest_name():
    with pytest.raises(ProjectError, match="unknown data set 'spoky'; did you mean spooky"):
        DATASETS.find("spoky")
