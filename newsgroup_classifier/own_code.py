"""A user's own Python file: find the modules next to it that it imports, and import it.

    my_model.py              the file, with a recipe or a function that returns a pipeline
    word_features.py         a module next to it that it imports, and so on
    tokenizers/              a package next to it, which travels with all of its files

All of them are imported by the same names on this machine, in training jobs, and in containers.
"""

import argparse
import ast
import importlib
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from newsgroup_classifier.errors import TrainingError, one_line

ENTRY_FILE = "own_recipe.txt"  # in a bundle: the own file, and its function after a colon
OWN_MODEL = "own-model"  # the recipe of models that were trained elsewhere
_OURS = ("newsgroup_classifier", "inference_pipeline")
# The project's packages; and a setup.py, which the training toolkit would install.
_RESERVED = {*_OURS, "lambda_handler", "local_aws", "scripts", "tests", "setup"}
_FRAME = re.compile(r'File "([^"]*)", line ([0-9]+)')  # of a traceback


@dataclass(frozen=True)
class OwnCode:
    """The modules of a user that a model needs: a folder, and their files relative to it.

    `entry` is the user's file, with ":" and a function if it has no recipe. `imports` are the
    packages that the modules import without a condition, each with a file that does. `copied_from`
    is the folder of the user, if `folder` has copies.
    """

    folder: Path
    names: tuple[str, ...]
    entry: str = ""
    imports: Mapping[str, Path] = field(default_factory=dict)
    copied_from: Path | None = None

    @cached_property
    def files(self) -> dict[str, Path]:
        """The files of all modules by their path in a bundle."""
        paths = [path for name in self.names for path in _files(self.folder, name)]
        return {path.relative_to(self.folder).as_posix(): path for path in paths}


def is_own_file(name: str) -> bool:
    """Return whether the name of a recipe is a file of the user's, with or without a function."""
    return name.partition(":")[0].endswith(".py")


def function_of_file(text: str) -> str:
    """Return the value of --pipeline; a file alone is one with a recipe."""
    file, colon, function = text.partition(":")
    if file.endswith(".py") and (function.isidentifier() or not colon):
        return text
    raise argparse.ArgumentTypeError(
        f"{text!r} does not have the form FILE.py:FUNCTION, such as my_model.py:build"
    )


def find_code(folder: Path, names: Sequence[str], entry: str = "") -> OwnCode:
    """Return modules of a folder with those next to them that they import, and so on.

    Raise TrainingError if one has a syntax error or hides a package.
    """
    modules, imports = list(names), dict[str, Path]()
    for name in modules:  # grows
        if name in _RESERVED or is_installed(name):
            raise TrainingError(
                f"{folder / name} has the name of another module, {name}, which would be hidden; "
                "rename yours"
            )
        for path in (each for each in _files(folder, name) if each.suffix == ".py"):
            for other, needed in _imports(_parsed(path)):
                if other in modules or other in _OURS:
                    continue
                if has_module(folder, other):
                    modules.append(other)
                elif needed and other not in sys.stdlib_module_names:
                    imports.setdefault(other, path)
    return OwnCode(folder, tuple(modules), entry, imports)


@cache
def projects_by_module() -> Mapping[str, list[str]]:
    """Return the projects that install each top-level module.

    The first call reads the metadata of all of them, most of a second.
    """
    from importlib import metadata  # takes longer to import than most of a command line

    return metadata.packages_distributions()


def is_installed(name: str) -> bool:
    """Return whether a module is Python's own or of an installed package."""
    return name in sys.stdlib_module_names or name in projects_by_module()


def has_module(folder: Path, name: str) -> bool:
    """Return whether a folder has a module or package of a name."""
    return name not in _RESERVED and bool(_files(folder, name))


def _files(folder: Path, name: str) -> list[Path]:
    """Return the files of a module or package in a folder, none if it is not there."""
    path, package = folder / f"{name}.py", folder / name
    if path.is_file():
        return [path]
    if not any(package.glob("*.py")):
        return []
    files = (each for each in sorted(package.rglob("*")) if each.is_file())
    return [each for each in files if not any(map(_is_hidden, each.relative_to(folder).parts))]


def _is_hidden(part: str) -> bool:
    """Return whether a part of a path is hidden, as .git and its files are, or a cache."""
    return part == "__pycache__" or part.startswith(".")


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise TrainingError(f"{path}{where} is not valid Python: {one_line(error)}") from None


def _imports(node: ast.AST, needed: bool = True) -> Iterator[tuple[str, bool]]:
    """Yield the top package of each import, and whether it is imported without a condition."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name.partition(".")[0], needed) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield child.module.partition(".")[0], needed
        else:
            yield from _imports(
                child, needed and not isinstance(child, ast.If | ast.Try | ast.TryStar)
            )


class _Finder(MetaPathFinder):
    """Finds a user's modules in their folder, without the other files there."""

    def __init__(self, code: OwnCode) -> None:
        self.code, self._on_path = code, str(code.folder) not in sys.path

    def install(self) -> None:
        """Find the modules first; worker processes take over the path, and no finder."""
        sys.meta_path.insert(0, self)
        if self._on_path:
            sys.path.append(str(self.code.folder))

    def remove(self) -> None:
        """Undo the installation."""
        sys.meta_path.remove(self)
        if self._on_path and str(self.code.folder) in sys.path:
            sys.path.remove(str(self.code.folder))

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of the user at the top level, and None for all others."""
        if name not in self.code.names:
            return None
        return PathFinder.find_spec(name, [str(self.code.folder)])


def make_importable(code: OwnCode) -> None:
    """Let this process import the modules, instead of modules of an earlier call."""
    for earlier in [each for each in sys.meta_path if isinstance(each, _Finder)]:
        earlier.remove()
    _Finder(code).install()
    importlib.invalidate_caches()
    for name in [each for each in sys.modules if each.partition(".")[0] in code.names]:
        file = getattr(sys.modules[name], "__file__", None)
        if file is None or not Path(file).is_relative_to(code.folder):
            del sys.modules[name]


def import_own(code: OwnCode, name: str) -> ModuleType:
    """Import one of the modules; raise TrainingError with the place of an error in it."""
    make_importable(code)
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise TrainingError(
            f"{place_of(error, code) or code.entry} fails: {one_line(error)}"
        ) from error


def place_of(error: BaseException, code: OwnCode) -> str:
    """Return the file and line of the user's code that an error comes from, or "".

    The traceback of a worker process is part of the message of the cause.
    """
    frames = _FRAME.findall("".join(traceback.format_exception(error)))
    folder = code.copied_from or code.folder
    files = {str(path): folder / name for name, path in code.files.items()}
    places = (f"{files[file]}, line {line}" for file, line in reversed(frames) if file in files)
    return next(places, "")
