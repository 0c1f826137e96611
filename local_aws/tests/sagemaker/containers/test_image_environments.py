"""An image can have an environment of its own, with its packages and its Python."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.__main__ import main
from local_aws.processes import interpreter
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.containers.images.environments import (
    install,
    is_installed,
    lacking,
    python_of,
    remove,
)
from local_aws.testing import ROOT, running_local_aws
from local_aws.tests.account import IMAGE, Account

NAME = IMAGE.rpartition("/")[2]
SITE = ROOT / "local_aws" / "sagemaker" / "containers" / "sites" / "container"
UV = """#!/bin/sh
# Makes an environment, and installs the packages that are not called typing.
echo "$*" >> {log}
case "$1" in
venv) for last; do :; done; mkdir -p $last/bin $last/lib/python3.12/site-packages
      echo "exec {python} \\"\\$@\\"" > $last/bin/python;;
pip)  folder=$(dirname $(dirname $6))
      for word; do case $word in
        typing==*) echo "error: no version of $word" >&2; exit 1;;
        *==*) info=$folder/lib/python3.12/site-packages/${{word%%==*}}-${{word##*==}}.dist-info
              mkdir -p $info; echo "Name: ${{word%%==*}}" > $info/METADATA
              echo "Version: ${{word##*==}}" >> $info/METADATA;;
      esac; done;;
esac
"""
PROGRAM = """
import importlib.util, os, sys
import flask, numpy, sklearn

def model_fn(folder):
    return None

def predict_fn(data, model):
    return numpy.array([sys.version_info[1], int(numpy.__version__ == "2.5.1")])

if __name__ == "__main__":
    print("versions", sys.version_info[1], numpy.__version__, sklearn.__version__)
    print("moto", importlib.util.find_spec("moto"))
    open(os.path.join(os.environ["SM_MODEL_DIR"], "model"), "w").close()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Keep the environments of images in an empty folder."""
    monkeypatch.setenv("LOCAL_AWS_IMAGES", str(tmp_path / "images"))
    return tmp_path / "images" / NAME.replace(":", "-")


@pytest.fixture
def uv(tmp_path, monkeypatch) -> Path:
    """Replace uv with a program that writes its calls to a file; return the file."""
    program, log = tmp_path / "uv", tmp_path / "uv.log"
    program.write_text(UV.format(log=log, python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("UV", str(program))
    return log


@pytest.mark.slow
@pytest.mark.observes("image-environment")
def test_environment_has_what_the_registry_has_and_the_rest_is_reported(folder, uv, capsys):
    image = find_image(IMAGE)
    assert python_of(image) == interpreter()
    folder.mkdir(parents=True)
    (folder / "of an earlier one").touch()
    page = ROOT / "local_aws" / "docs" / "use-with-your-own-programs.md"
    words = ["images", "install", NAME]
    assert f"local-aws {' '.join(words)}\n" in page.read_text(encoding="utf-8")
    assert main(words) == 0
    printed = capsys.readouterr().err
    assert "not available: typing==3.10.0.0 (error: no version of typing==3.10.0.0)" in printed
    assert "has 57 of the 58 packages of the image" in printed
    assert python_of(image) == folder / "bin" / "python"
    assert lacking(image) == {"typing": "typing"}
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]
    assert not (folder / "of an earlier one").exists()
    assert "numpy==2.5.1\n" in (folder / "packages.txt").read_text(encoding="utf-8")
    assert main(["images"]) == 0
    assert f"{NAME}: its own environment, 58 packages; lacks typing" in capsys.readouterr().out
    assert remove(image)
    assert python_of(image) == interpreter()


def test_environment_is_kept_while_a_new_one_cannot_be_made(folder, uv, capsys):
    assert main(["images", "install", NAME]) == 0
    Path(os.environ["UV"]).write_text("#!/bin/sh\necho no disk >&2; exit 2\n", encoding="utf-8")
    assert main(["images", "install", NAME]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: uv could not make an environment with Python 3.12, which the image has (no disk)"
    )
    assert is_installed(find_image(IMAGE))


def test_environment_is_kept_if_no_package_can_be_installed(folder, uv, capsys):
    assert main(["images", "install", NAME]) == 0
    program = Path(os.environ["UV"])
    offline = 'case "$1" in pip) echo "no route to host" >&2; exit 2;; esac\n'
    script = program.read_text(encoding="utf-8").replace('case "$1"', f'{offline}case "$1"', 1)
    program.write_text(script, encoding="utf-8")
    assert main(["images", "install", NAME]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: none of the packages could be installed (no route to host)"
    )
    assert lacking(find_image(IMAGE)) == {"typing": "typing"}
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]


def test_tensorflow_serving_gets_no_environment(folder, uv, capsys):
    assert main(["images", "install", "tensorflow-inference:2.20-cpu-py312"]) == 1
    assert "its TensorFlow Serving is a stand-in" in capsys.readouterr().err
    assert not uv.exists()


@pytest.mark.parametrize("words", [["install"], ["install", "xgboost:1"], ["list"]])
def test_mistake_in_the_command_is_explained(folder, capsys, words):
    with pytest.raises(SystemExit) as ended:
        main(["images", *words])
    assert ended.value.code == 2
    assert "local-aws images" in capsys.readouterr().err


@pytest.mark.observes("image-environment")
def test_module_that_only_the_image_has_says_how_to_get_it(tmp_path):
    facts = {"image": NAME, "hidden": {"moto": "moto"}, "lacking": {"mms": "multi-model-server"}}
    file = tmp_path / "image.json"
    file.write_text(json.dumps(facts), encoding="utf-8")
    script = (
        "import importlib.util as util; print(util.find_spec('mms'), util.find_spec('moto'))\n"
        "import mms"
    )
    variables = {
        "PYTHONPATH": f"{SITE}{os.pathsep}{ROOT / 'local_aws' / 'lifeline'}",
        "LOCAL_AWS_IMAGE_FILE": str(file),
        "LOCAL_AWS_INSTALLED_FILE": str(tmp_path / "installed.txt"),
    }
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert ended.stdout == "None None\n"
    assert ended.stderr.splitlines()[-1] == (
        f"ModuleNotFoundError: No module named 'mms' (the image {NAME} contains the "
        "distribution 'multi-model-server', and this computer does not; get the packages of the "
        f"image with: local-aws images install {NAME})"
    )


@pytest.mark.toolkit
@pytest.mark.observes("image-environment")
def test_jobs_and_containers_of_an_installed_image_have_its_python_and_its_versions(
    folder, monkeypatch
):
    uv = shutil.which("uv") or ROOT / ".venv-uv" / "bin" / "uv"
    monkeypatch.setenv("UV", str(uv))
    for pythons in Path.home().glob(".pyenv/versions/3.12.*/bin"):
        monkeypatch.setenv("PATH", f"{pythons}{os.pathsep}{os.environ['PATH']}")
    assert install(find_image(IMAGE), print) == {}
    with running_local_aws("--instance-cpus", "1") as aws:
        account = Account(aws)
        job = account.run_job({"train.py": PROGRAM})
        log = account.job_log(job["TrainingJobName"])
        assert "versions 12 2.5.1 1.9.0" in log
        assert "moto None" in log
        code = account.upload_bundle({"train.py": PROGRAM})
        variables = {"SAGEMAKER_PROGRAM": "train.py", "SAGEMAKER_SUBMIT_DIRECTORY": code}
        model = job["ModelArtifacts"]["S3ModelArtifacts"]
        name = account.deploy({"Image": IMAGE, "ModelDataUrl": model, "Environment": variables})
        body = account.runtime.invoke_endpoint(
            EndpointName=name, Body=b"[1]", ContentType="application/json"
        )["Body"]
        assert json.loads(body.read()) == [12, 1]
