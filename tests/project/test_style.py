"""Files and functions are short, and modules have docstrings and meaningful names."""

import ast
import statistics
from pathlib import PurePosixPath

import pytest

from local_aws.sagemaker.containers.images import find_image
from tests.project.sources import ROOT, Source, python_files, sources

MOST_LINES, MOST_FUNCTION_LINES = 300, 60
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
every_source = pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)


@every_source
def test_module_begins_with_a_docstring(source: Source):
    docstring = ast.get_docstring(source.tree)
    assert docstring
    if "__main__" in source.text and "sys.exit(" in source.text and "/pip/" not in source.path:
        assert "python -m" in docstring, "a runnable module shows its command"


def test_files_are_short():
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in python_files()}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


@every_source
def test_functions_are_short(source: Source):
    for node in ast.walk(source.tree):
        if isinstance(node, FUNCTIONS):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= MOST_FUNCTION_LINES, f"{node.name} has {length} lines"


@every_source
def test_module_name_is_meaningful(source: Source):
    assert PurePosixPath(source.path).stem not in FORBIDDEN


def test_median_file_is_much_shorter_than_the_limit():
    lengths = [len(source.text.splitlines()) for source in sources()]
    assert statistics.median(lengths) <= 120


def test_module_next_to_the_entry_points_hides_no_package_of_the_image():
    image = find_image("x/sagemaker-scikit-learn:1.9-0-cpu-py3")
    packages = {name.replace("-", "_") for name in image.distributions} | {"sklearn", "yaml", "PIL"}
    folder = ROOT / "newsgroup_classifier" / "training"
    assert not packages & {path.stem for path in folder.glob("*.py")}


def test_no_file_names_a_machine_or_a_secret():
    folders = (path for path in ROOT.iterdir() if not path.name.startswith(".venv"))
    for path in (each for folder in folders for each in (folder, *folder.rglob("*"))):
        if path.suffix in (".py", ".md", ".yaml", ".toml", ".in"):
            text = path.read_text(encoding="utf-8")
            assert "/wor" + "k/" not in text, path
            assert "AKI" + "A" not in text, path
