"""Modules that import TensorFlow, imported when a test uses them and not when it is collected."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest


class Module:
    """A module that is imported when one of its public attributes is read.

    pytest reads private ones of every object in a test file when it collects the tests.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Import the module, and return its attribute."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(import_module(self._name), name)


needs_tensorflow = pytest.mark.skipif(
    find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)
keras, tf = Module("keras"), Module("tensorflow")
saved_model = Module("newsgroup_classifier.export.saved_model")
text_graph = Module("newsgroup_classifier.export.text_graph")
cluster = Module("newsgroup_classifier.training.keras.cluster")
fitting = Module("newsgroup_classifier.training.keras.fitting")
preparation = Module("newsgroup_classifier.training.keras.preparation")
searching = Module("newsgroup_classifier.training.keras.search")
