"""A user's file brings along the modules next to it that it imports, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.own_code import find_code, import_own, make_importable

ROOT = Path(__file__).resolve().parents[2]


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def code(folder, files):
    return find_code(write(folder, files), ["my_model"])


def test_modules_and_packages_next_to_the_file_are_found_through_each_other(tmp_path):
    found = code(
        tmp_path,
        {
            "my_model.py": "import numpy\nfrom words import Words\n",
            "words.py": "def f():\n    import lists.long as long\n    from . import nothing\n",
            "lists/__init__.py": "from . import long",
            "lists/long.py": "import marks",
            "lists/stop words.txt": "the",
            "lists/__pycache__/long.pyc": "",
            "lists/.hidden.py": "import other",
            "lists/.git/config": "password",
            "marks.py": "",
            "other.py": "",
        },
    )
    assert set(found.files) == {
        *("my_model.py", "words.py", "marks.py"),
        *("lists/__init__.py", "lists/long.py", "lists/stop words.txt"),
    }
    assert {name: path.name for name, path in found.imports.items()} == {"numpy": "my_model.py"}


def test_packages_that_are_imported_under_a_condition_are_not_needed(tmp_path):
    text = "try:\n    import torch\nexcept ImportError:\n    torch = None\n"
    text += "try:\n    import jax\nexcept* ImportError:\n    pass\n"
    text += "if __name__ == '__main__':\n    import pandas, words\n"
    found = code(tmp_path, {"my_model.py": text, "words.py": "import json, numpy.linalg"})
    assert list(found.imports) == ["numpy"]
    assert found.names == ("my_model", "words")


@pytest.mark.parametrize("name", ["json", "numpy", "newsgroup_classifier", "setup", "scripts"])
def test_file_that_would_hide_another_module_is_refused(name, tmp_path):
    write(tmp_path, {f"{name}.py": ""})
    with pytest.raises(TrainingError, match=f"the name of another module, {name}"):
        find_code(tmp_path, [name])


def test_module_next_to_the_file_that_would_hide_a_package_is_refused(tmp_path):
    with pytest.raises(TrainingError, match="random, which would be hidden; rename yours"):
        code(tmp_path, {"my_model.py": "import random", "random.py": ""})


@pytest.mark.parametrize(
    ("text", "words"), [("def f(:\n", "line 1 is not valid Python"), ("\0", "is not valid Python")]
)
def test_syntax_error_is_reported_with_its_place(text, words, tmp_path):
    with pytest.raises(TrainingError, match=words):
        code(tmp_path, {"my_model.py": text})


def test_error_of_an_import_is_reported_with_the_line_of_the_users_code(tmp_path):
    found = code(tmp_path, {"my_model.py": "import words\n", "words.py": "\nlimit = 1 / 0\n"})
    with pytest.raises(TrainingError, match=r"words.py, line 2 fails: ZeroDivisionError"):
        import_own(found, "my_model")


def test_files_of_one_name_in_two_folders_are_imported_one_after_the_other(tmp_path):
    for number in (1, 2):
        folder = tmp_path / str(number)
        files = {"my_model.py": "from words import N", "words.py": f"N = {number}"}
        module = import_own(code(folder, files), "my_model")
        assert number == module.N


def test_other_files_of_the_folder_hide_nothing_while_the_users_code_is_imported(tmp_path):
    files = {"my_model.py": "import words", "words.py": "", "queue.py": "1 / 0", "tests.py": ""}
    found = code(tmp_path, files)
    program = (
        "import pathlib, sys\n"
        "from newsgroup_classifier.own_code import find_code, import_own, make_importable\n"
        "import_own(find_code(pathlib.Path(sys.argv[1]), ['my_model']), 'my_model')\n"
        "import queue, my_model\n"
        "print(my_model.__file__)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert run.stdout.strip() == str(tmp_path / "my_model.py")
    assert "queue" not in found.names


def test_folder_of_an_earlier_call_leaves_the_path(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "on_path")])
    make_importable(code(tmp_path / "on_path", {"my_model.py": ""}))
    before = [*sys.path]
    for name in ("first", "second", "second", "on_path"):
        make_importable(code(tmp_path / name, {"my_model.py": ""}))
        added = [] if name == "on_path" else [str(tmp_path / name)]
        assert sys.path == [*before, *added]
