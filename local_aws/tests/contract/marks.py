"""Find the tests that carry `@pytest.mark.observes("id", ...)`, without importing them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LONG = ("slow", "toolkit")  # left out by -m "not slow and not toolkit"


@dataclass(frozen=True)
class MarkedTest:
    """A test, the observations it shows, and its marks among slow and toolkit."""

    path: str
    name: str
    observes: tuple[str, ...]
    long: tuple[str, ...]


def marked_tests(folder: Path) -> list[MarkedTest]:
    """Return the marked tests of a folder, ordered by path and position in the file."""
    tests: list[MarkedTest] = []
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.observes" in text:
            tests += _in_file(ast.parse(text), path.relative_to(folder.parent).as_posix())
    return tests


def _in_file(tree: ast.Module, path: str) -> Iterator[MarkedTest]:
    """Yield the marked tests of a file; raise ValueError for a mark anywhere else."""
    on_tests = 0
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = [mark for decorator in node.decorator_list for mark in _marks(decorator)]
            on_tests += len(marks)
            ids = tuple(dict.fromkeys(name for mark in marks for name in _arguments(mark, path)))
            if ids:
                yield MarkedTest(path, node.name, ids, _long_marks(node))
    everywhere = len(list(_marks(tree)))
    if everywhere != on_tests:
        raise ValueError(
            f"{path} has {everywhere} observes marks, but only {on_tests} of them are on its test "
            "functions; put each mark on a test function of the module"
        )


def _marks(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.observes":
            yield node


def _arguments(mark: ast.Call, path: str) -> list[str]:
    names = [item.value for item in mark.args if isinstance(item, ast.Constant)]
    if mark.keywords or not names or len(names) != len(mark.args):
        raise ValueError(f"{path} line {mark.lineno}: expected observation ids as string literals")
    return [str(name) for name in names]


def _long_marks(function: ast.FunctionDef) -> tuple[str, ...]:
    decorators = {ast.unparse(decorator) for decorator in function.decorator_list}
    return tuple(name for name in _LONG if f"pytest.mark.{name}" in decorators)
