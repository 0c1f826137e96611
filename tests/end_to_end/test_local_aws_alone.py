"""The folder local_aws is a complete project: a copy of it starts and passes its own tests."""

import os
import shutil
import signal
import subprocess
import urllib.request
import zipfile
from pathlib import Path

import pytest

from scripts.account.lock import find_uv
from tests.project.sources import ROOT

pytestmark = pytest.mark.slow
# At least one file of every folder; all tests of the copy take 10 minutes on two busy cores.
TESTS = (
    "apigateway",
    "awslambda/test_invocation.py",
    "cloudformation/test_templates.py",
    "contract",
    "process/test_endings.py",
    "process/test_paths.py",
    "sagemaker/containers/test_model_archives.py",
    "sagemaker/hosting/test_featurizer.py",
    "sagemaker/hosting/test_pipelines.py",
    "sagemaker/operations/test_listing.py",
    "sagemaker/operations/test_registry.py",
    "sagemaker/training/test_training_jobs.py",
    "sagemaker/transforming/test_transform_jobs.py",
    "sagemaker/tuning/test_jobs.py",
    "test_documents.py",
    "test_request_limits.py",
    "sagemaker/test_script_mode.py",
)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the folder, and install it there with its test packages.

    They come from the cache of uv, or from the registry if the cache lacks one. A folder `scripts`
    next to it fails if anything imports it.
    """
    folder = tmp_path_factory.mktemp("alone")
    ignored = shutil.ignore_patterns("__pycache__", ".*", "*.lock")
    shutil.copytree(ROOT / "local_aws", folder / "local_aws", True, ignored)
    (folder / "scripts").mkdir()
    (folder / "scripts" / "__init__.py").write_text("raise AssertionError('imported')\n")
    for offline in (("--offline",), ()):
        sync = uv(folder, *offline, "sync", "--extra", "test")
        _, errors = sync.communicate()
        if sync.returncode == 0:
            return folder
    if "Failed to fetch" in errors:
        pytest.skip("uv's cache is missing a package, and the network is not available")
    pytest.fail(errors)


def uv(alone: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command of uv in the copy."""
    own = ("PYTHON", "UV_", "VIRTUAL_ENV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    command = (find_uv(), *words)
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=alone / "local_aws", env=env, stdout=pipe, stderr=pipe, text=True
    )


def test_console_script_prints_its_help(alone):
    process = uv(alone, "run", "--no-sync", "local-aws", "--help")
    assert process.communicate()[0].startswith("usage: local-aws [-h] [--port N]")


def test_console_script_starts_and_stops(alone):
    process = uv(alone, "run", "--no-sync", "local-aws", "--port", "0")
    url = process.stderr.readline().split()[3].rstrip(";")
    with urllib.request.urlopen(f"{url}/_local_aws/health") as response:  # noqa: S310 - the local AWS
        assert response.read() == b"ok\n"
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 0


def test_copy_is_imported_without_access_to_this_project(alone):
    code = (
        "import local_aws, importlib.util as u; "
        "print(local_aws.__file__, u.find_spec('newsgroup_classifier'))"
    )
    output = uv(alone, "run", "--no-sync", "python", "-c", code).communicate()[0]
    assert output == f"{alone}/local_aws/__init__.py None\n"


@pytest.mark.timeout(900)
def test_copy_passes_its_own_tests(alone):
    tests = [f"tests/{path}" for path in TESTS]
    short = "not slow and not toolkit"
    process = uv(alone, "run", "--no-sync", "pytest", "-q", "-m", short, *tests)
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
