"""The modules that a container can import: its image's distributions and its bundle's modules."""

import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from local_aws.processes import LIFELINE
from local_aws.sagemaker.containers.environment import CONTAINER_SITE, _image_file
from local_aws.sagemaker.containers.images import find_image, hidden_modules
from local_aws.sagemaker.hosting.specs import serve_program

IMAGE = "tensorflow-inference:2.20-cpu-py312"


def install(site: Path, name: str) -> None:
    """Install a distribution with one module into a folder."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "top_level.txt").write_text(f"{name}\n")
    (site / f"{name}.py").write_text("WHERE = __file__\n")


def test_package_installed_while_the_local_aws_runs_is_hidden(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "come_later" not in hidden_modules(IMAGE)
    time.sleep(0.02)  # file systems may have coarse timestamps
    install(tmp_path, "come_later")
    assert hidden_modules(IMAGE)["come_later"] == "come_later"


@pytest.mark.usefixtures("tensorflow")
def test_tensorflow_and_keras_are_hidden_from_the_inference_images():
    for name in (IMAGE, "tensorflow-inference:2.19-cpu"):
        assert {"tensorflow", "keras", "moto"} <= set(hidden_modules(name))
        assert not {"falcon", "requests", "gunicorn"} & set(hidden_modules(name))
    assert "numpy" not in hidden_modules(IMAGE)
    assert "numpy" in hidden_modules("tensorflow-inference:2.19-cpu")


def import_result(name: str, folder: Path, *path: Path) -> str:
    """Import a module as a container does; return its path or the last line of the error."""
    facts = _image_file(find_image(IMAGE), folder / "ml")
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (CONTAINER_SITE, LIFELINE, *path))),
        "LOCAL_AWS_IMAGE_FILE": str(facts),
        "LOCAL_AWS_INSTALLED_FILE": str(folder / "installed.txt"),
    }
    command = [sys.executable, "-c", f"import {name}; print({name}.__file__)"]
    result = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert "Error in sitecustomize" not in result.stderr
    return (result.stdout or result.stderr).splitlines()[-1]


def test_hidden_package_in_the_bundle_is_imported_from_the_bundle(tmp_path):
    error = import_result("snowballstemmer", tmp_path)
    assert error.startswith("ModuleNotFoundError: No module named")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "snowballstemmer.py").write_text("")
    path = import_result("snowballstemmer", tmp_path, tmp_path / "lib")
    assert path == str(tmp_path / "lib" / "snowballstemmer.py")


@pytest.mark.observes("tfs-not-own-program")
def test_model_server_on_the_path_replaces_the_stand_in(tmp_path, monkeypatch):
    image = find_image(IMAGE)
    stand_in = Path(serve_program(image).variables["LOCAL_AWS_MODEL_SERVER"])
    assert stand_in.parent.name == "programs"
    assert os.access(stand_in, os.X_OK)
    real = tmp_path / "tensorflow_model_server"
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert serve_program(image).variables["LOCAL_AWS_MODEL_SERVER"] == str(real)


def test_project_that_is_installed_in_editable_mode_cannot_be_imported(tmp_path):
    (tmp_path / "mine.py").write_text("")
    declared = {"PYTHONPATH": os.pathsep.join([str(CONTAINER_SITE), str(tmp_path / "declared")])}
    program = "import image_imports as i, sys; print(*i.without_editable_installs(sys.argv[1:]))"
    site = sysconfig.get_path("purelib")
    folders = [str(CONTAINER_SITE), str(tmp_path / "declared"), str(tmp_path), site]
    done = subprocess.run(
        [sys.executable, "-c", program, *folders],
        env={**os.environ, **declared},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == [str(CONTAINER_SITE), str(tmp_path / "declared"), site]
