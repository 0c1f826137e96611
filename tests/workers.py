"""Which worker runs which file: files that share what takes long to make are left to one worker."""

import ast
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).resolve().parents[1]
SHARED = {  # by folder: its fixtures of the session that take long, and what they share
    "tests/end_to_end": {
        "release": "the full release",
        "posts": "the full release",
        "small": "the small release",
    },
    "tests/scripts": {"release": "the small release"},
    "tests/chaos": {"stage": "the stage"},
    "local_aws/tests": {"saved_models": "the model server", "model_server": "the model server"},
}


@cache
def sharing(path: str) -> str:
    """Return what a file's tests share with those of other files, or else its path."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and (node.name.startswith("test_") or "fixture" in map(_name, node.decorator_list))
    ]
    asked = {argument.arg for function in functions for argument in function.args.args}
    asked -= {function.name for function in functions}  # a fixture of the file's own
    fixtures = next((SHARED[folder] for folder in SHARED if path.startswith(f"{folder}/")), {})
    return next((what for name, what in fixtures.items() if name in asked), path)


def _name(decorator: ast.expr) -> str:
    """Return the last name of what decorates: fixture of @pytest.fixture(scope="module")."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else ""


class BySharing(LoadFileScheduling):
    """Give a worker whole files, and with a file all that share what was made for it."""

    def _split_scope(self, nodeid: str) -> str:
        return sharing(super()._split_scope(nodeid))
