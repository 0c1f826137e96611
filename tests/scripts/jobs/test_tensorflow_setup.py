"""TensorFlow is installed at the first use of a recipe that needs it, on a laptop only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# TensorFlow's lock is one of the test's own; the modules that are named are hidden.
ENSURE = """
import importlib.util, pathlib, sys
from scripts import tensorflow_setup
find = importlib.util.find_spec
hidden = set(sys.argv[3:])
tensorflow_setup.find_spec = lambda name: None if name in hidden else find(name)
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
tensorflow_setup.ensure_tensorflow(Aws(), RECIPES[sys.argv[1]], pathlib.Path(sys.argv[2]))
"""
LOCK = "# comment\nno-such-package==2.0\n    # via nothing\n"
UV = '#!/bin/sh\necho "$@" > "$(/usr/bin/dirname "$0")/asked"\n'


def ensure(recipe: str, folder: Path, *hidden: str, **variables: str) -> str:
    """Ask for TensorFlow where the folder alone is on the PATH; return what was said."""
    lock = folder / "lock.txt"
    if not lock.exists():
        lock.write_text(LOCK)
    env = {"PATH": str(folder), "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", **variables}
    ended = subprocess.run(
        [sys.executable, "-c", ENSURE, recipe, str(folder / "lock.txt"), *hidden],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    return ended.stderr


def put_uv(folder: Path, script: str) -> None:
    path = folder / "uv"
    path.write_text(script)
    path.chmod(0o755)


def test_missing_tensorflow_is_installed_by_uv_into_this_python_and_its_size_is_said(tmp_path):
    put_uv(tmp_path, UV)
    said = ensure("digits-cnn", tmp_path)
    assert "digits-cnn needs TensorFlow: installing it (1.2 GB)" in said
    assert said.endswith("TensorFlow is installed.\n")
    lock = tmp_path / "lock.txt"
    assert (tmp_path / "asked").read_text() == (
        f"pip install --quiet --python {sys.executable} -r {lock}\n"
    )


def test_tensorflow_that_cannot_be_fetched_is_an_error_that_says_why_and_what_to_do(tmp_path):
    put_uv(tmp_path, "#!/bin/sh\necho 'first'\necho 'dns error: no such host' >&2\nexit 2\n")
    said = ensure("digits-cnn", tmp_path)
    assert "TensorFlow could not be installed: dns error: no such host. With a network" in said
    assert "make tensorflow" in said


@pytest.mark.parametrize(
    ("recipe", "variables"),
    [
        ("newsgroups-naive-bayes", {}),
        ("digits-cnn", {"AWS_ENDPOINT_URL": ""}),
    ],
    ids=["a recipe without it", "AWS"],
)
def test_nothing_is_installed_where_nothing_needs_it(tmp_path, recipe, variables):
    put_uv(tmp_path, UV)
    assert ensure(recipe, tmp_path, **variables) == ""
    assert not (tmp_path / "asked").exists()


@pytest.mark.skipif((ROOT / ".venv-uv").exists(), reason="the Makefile put uv beside the project")
def test_no_installer_at_all_is_an_error(tmp_path):
    assert "run: make tensorflow" in ensure("digits-cnn", tmp_path, "pip")


def put_package(folder: Path, version: str, *files: str) -> dict[str, str]:
    """Put a package there, of which an installation wrote the named files; return the variables."""
    info = folder / f"a_package-{version}.dist-info"
    info.mkdir()
    (folder / "a_package").mkdir()
    for name in files:
        (info / name).write_text(f"Metadata-Version: 2.1\nName: a-package\nVersion: {version}\n")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def asked(folder: Path, recipe: str = "digits-cnn", **variables: str) -> str:
    """Return what uv is asked for where a lock wants a-package 2.0, "" if it is not called."""
    put_uv(folder, UV)
    foreign = "another-package==1.0 ; sys_platform == 'no system'\n"
    (folder / "lock.txt").write_text("a-package==2.0\n" + foreign)
    ensure(recipe, folder, **variables)
    path = folder / "asked"
    return path.read_text() if path.exists() else ""


def test_what_is_installed_whole_at_its_version_is_not_installed_again(tmp_path):
    variables = put_package(tmp_path, "2.0", "METADATA", "INSTALLER")
    assert asked(tmp_path, **variables) == ""


@pytest.mark.parametrize("files", [(), ("METADATA",)], ids=["a bare folder", "no end"])
def test_an_installation_that_was_interrupted_is_done_again(tmp_path, files):
    variables = put_package(tmp_path, "2.0", *files)
    assert "--reinstall-package a-package -r" in asked(tmp_path, **variables)


def test_a_folder_without_any_metadata_is_no_package(tmp_path):
    (tmp_path / "a_package").mkdir()
    assert asked(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}").endswith("lock.txt\n")


def test_another_version_than_the_lock_s_is_replaced(tmp_path):
    variables = put_package(tmp_path, "1.9", "METADATA", "INSTALLER")
    assert "--python" in asked(tmp_path, **variables)
