"""TensorFlow is installed when a recipe first needs it, on a computer but not on AWS."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ENSURE = """
import pathlib, sys
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.jobs.tensorflow_setup import ensure_tensorflow
ensure_tensorflow(Aws(), RECIPES[sys.argv[1]], pathlib.Path(sys.argv[2]))
"""
PROJECT = """[project.optional-dependencies]
tensorflow = ["a-package==2.0", "another-package==1.0; sys_platform == 'no system'"]
"""
UV = '#!/bin/sh\necho "$UV_PROJECT_ENVIRONMENT: $@" > "$(/usr/bin/dirname "$0")/arguments"\n'


def ensure(recipe: str, folder: Path, **variables: str) -> str:
    """Request TensorFlow where the folder alone is on the PATH; return the message."""
    (folder / "local_aws").mkdir(exist_ok=True)
    (folder / "local_aws" / "pyproject.toml").write_text(PROJECT)
    env = {"PATH": str(folder), "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", **variables}
    ended = subprocess.run(
        [sys.executable, "-c", ENSURE, recipe, str(folder)],
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


def test_missing_tensorflow_is_installed_by_uv_into_this_python_with_a_note_of_its_size(tmp_path):
    put_uv(tmp_path, UV)
    message = ensure("digits-cnn", tmp_path)
    assert "digits-cnn needs TensorFlow: installing it (1.2 GB)" in message
    assert message.endswith("TensorFlow is installed.\n")
    assert (tmp_path / "arguments").read_text() == (
        f"{sys.prefix}: sync --quiet --frozen --inexact --no-install-workspace "
        f"--extra tensorflow --project {tmp_path} --python {sys.executable}\n"
    )


def test_failed_installation_is_an_error_with_its_cause_and_remedy(tmp_path):
    put_uv(tmp_path, "#!/bin/sh\necho 'first'\necho 'dns error: no such host' >&2\nexit 2\n")
    message = ensure("digits-cnn", tmp_path)
    assert "TensorFlow could not be installed: dns error: no such host. With a network" in message
    assert "make tensorflow" in message


@pytest.mark.parametrize(
    ("recipe", "variables"),
    [("newsgroups-naive-bayes", {}), ("digits-cnn", {"AWS_ENDPOINT_URL": ""})],
    ids=["a recipe without it", "AWS"],
)
def test_nothing_is_installed_where_nothing_needs_tensorflow(tmp_path, recipe, variables):
    put_uv(tmp_path, UV)
    assert ensure(recipe, tmp_path, **variables) == ""
    assert not (tmp_path / "arguments").exists()


@pytest.mark.skipif((ROOT / ".venv-uv").exists(), reason="the Makefile installed uv here")
def test_missing_uv_is_an_error(tmp_path):
    assert "uv, which installs packages, is missing" in ensure("digits-cnn", tmp_path)


def put_package(folder: Path, version: str, *files: str) -> dict[str, str]:
    """Write a package with the named files of an installation; return the variables."""
    info = folder / f"a_package-{version}.dist-info"
    info.mkdir()
    (folder / "a_package").mkdir()
    for name in files:
        (info / name).write_text(f"Metadata-Version: 2.1\nName: a-package\nVersion: {version}\n")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def uv_arguments(folder: Path, recipe: str = "digits-cnn", **variables: str) -> str:
    """Return the arguments of uv where the project wants a-package 2.0, "" if it is not called."""
    put_uv(folder, UV)
    ensure(recipe, folder, **variables)
    path = folder / "arguments"
    return path.read_text() if path.exists() else ""


def test_complete_package_at_its_version_is_not_installed_again(tmp_path):
    variables = put_package(tmp_path, "2.0", "METADATA", "INSTALLER")
    assert uv_arguments(tmp_path, **variables) == ""


@pytest.mark.parametrize("files", [(), ("METADATA",)], ids=["a bare folder", "no end"])
def test_interrupted_installation_is_repeated(tmp_path, files):
    variables = put_package(tmp_path, "2.0", *files)
    assert "--reinstall-package a-package" in uv_arguments(tmp_path, **variables)


def test_folder_without_metadata_is_not_a_package(tmp_path):
    (tmp_path / "a_package").mkdir()
    assert uv_arguments(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}").endswith(
        f"{sys.executable}\n"
    )


def test_package_at_another_version_is_replaced(tmp_path):
    variables = put_package(tmp_path, "1.9", "METADATA", "INSTALLER")
    assert "--python" in uv_arguments(tmp_path, **variables)
