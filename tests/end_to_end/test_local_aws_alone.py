"""The folder local_aws is a complete project: a copy of it starts and passes its own tests."""

import os
import shutil
import signal
import subprocess
import sysconfig
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from scripts.account.lock import find_uv
from tests.project.sources import ROOT

pytestmark = pytest.mark.slow
# These tests train, deploy, call a function through an API in a stack, and run the documents.
TESTS = ("apigateway", "contract", "sagemaker/operations", "test_documents.py", "test_stranger.py")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the folder into an empty one, next to a virtual environment made without a network.

    The environment links to the packages installed here, and has the path and the console scripts
    of an editable installation.
    """
    folder = tmp_path_factory.mktemp("alone")
    ignored = shutil.ignore_patterns("__pycache__", ".*", "*.lock")
    project = shutil.copytree(ROOT / "local_aws", folder / "local_aws", True, ignored)
    venv.create(folder / "venv", symlinks=True)
    (packages,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.suffix != ".pth":
            (packages / path.name).symlink_to(path)
    (packages / "alone.pth").write_text(f"{folder}\n")
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    for name, target in metadata["project"]["scripts"].items():
        module, function = target.split(":")
        script = folder / "venv" / "bin" / name
        python = folder / "venv" / "bin" / "python"
        script.write_text(f"#!{python}\nfrom {module} import {function}\nexit({function}())\n")
        script.chmod(0o755)
    return folder


def command(alone: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command of the environment in the copy."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    words = (str(alone / "venv" / "bin" / words[0]), *words[1:])
    pipe = subprocess.PIPE
    return subprocess.Popen(
        words, cwd=alone / "local_aws", env=env, stdout=pipe, stderr=pipe, text=True
    )


def test_console_script_prints_its_help(alone):
    process = command(alone, "local-aws", "--help")
    assert process.communicate()[0].startswith("usage: local-aws [-h] [--port PORT]")


def test_console_script_starts_and_stops(alone):
    process = command(alone, "local-aws", "--port", "0")
    url = process.stderr.readline().split()[3].rstrip(";")
    with urllib.request.urlopen(f"{url}/_local_aws/health") as response:  # noqa: S310 - the local AWS
        assert response.read() == b"ok\n"
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 0


def test_copy_is_imported_without_access_to_this_project(alone):
    code = (
        "import local_aws, importlib.util as u; print(local_aws.__file__, u.find_spec('scripts'))"
    )
    output = command(alone, "python", "-c", code).communicate()[0]
    assert output == f"{alone}/local_aws/__init__.py None\n"


def test_copy_passes_its_own_tests(alone):
    tests = [f"tests/{path}" for path in TESTS]
    process = command(alone, "python", "-m", "pytest", "-q", "-m", "not slow", *tests)
    output, errors = process.communicate()
    assert process.returncode == 0, (output + errors)[-3000:]


def test_wheel_has_programs_and_image_lists_but_no_tests(tmp_path):
    build = [find_uv(), "build", "--wheel", "--offline", "--out-dir", tmp_path, ROOT / "local_aws"]
    ended = subprocess.run(build, capture_output=True, text=True, check=False)
    if "hatchling" in ended.stderr and "network" in ended.stderr:
        pytest.skip("uv has no build backend in its cache")
    assert ended.returncode == 0, ended.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        modes = {item.filename: item.external_attr >> 16 for item in archive.infolist()}
    sites = "local_aws/sagemaker/containers/sites"
    for program in (
        "container/programs/pip",
        "tensorflow_serving/programs/tensorflow_model_server",
    ):
        assert modes[f"{sites}/{program}"] & 0o111
    assert "local_aws/sagemaker/containers/images/tensorflow-training-2.21.txt" in modes
    assert "local_aws/lifeline/lifeline.py" in modes
    assert not [name for name in modes if name.startswith(("local_aws/tests", "local_aws/docs"))]
