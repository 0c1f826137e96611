"""A scheduler for pytest-xdist: files that share a slow fixture run in the same worker.

So do the files whose tests import TensorFlow, which takes seconds.
"""

import ast
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).resolve().parents[1]
SHARED = {  # by folder: its slow shared fixtures, and the resource that each one uses
    "tests/end_to_end": {
        "release": "the full release",
        "posts": "the full release",
        "small": "the small release",
    },
    "tests/end_to_end/functions": {"function": "the function"},
    "tests/scripts": {"release": "the small release"},
    "tests/chaos": {"stage": "the stage"},
    "local_aws/tests": {"saved_models": "the model server", "model_server": "the model server"},
}

TENSORFLOW = {
    "tests.end_to_end.tensorflow.tensorflow_models",
    "tests.newsgroup_classifier.keras_modules",
}


@cache
def shared_resource(path: str) -> str:
    """Return the resource that a file's tests share with other files, or the file's path."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and (node.name.startswith("test_") or "fixture" in map(_name, node.decorator_list))
    ]
    names = {argument.arg for function in functions for argument in function.args.args}
    names -= {function.name for function in functions}  # fixtures that the file defines
    folders = [folder for folder in SHARED if path.startswith(f"{folder}/")]
    fixtures = {name: SHARED[folder][name] for folder in folders for name in SHARED[folder]}
    imported = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    alone = "TensorFlow" if imported & TENSORFLOW else path
    return next((resource for name, resource in fixtures.items() if name in names), alone)


def _name(decorator: ast.expr) -> str:
    """Return the last name of a decorator: "fixture" for @pytest.fixture(scope="module")."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return function.attr if isinstance(function, ast.Attribute) else ""


class SharedFixtureScheduling(LoadFileScheduling):
    """Schedule whole files, and all files that share a resource, in one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return shared_resource(super()._split_scope(nodeid))
