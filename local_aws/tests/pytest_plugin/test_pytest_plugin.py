"""The pytest plugin of the package, in projects of its users."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from local_aws.tests.test_documents import README, block

FOLDER = Path(__file__).resolve().parents[2]
PLUGIN = "local_aws.pytest_plugin"
PROGRAM = """\
import boto3


def list_names():
    return [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]


def store(name):
    boto3.client("s3").create_bucket(Bucket=name)
    return list_names()
"""
# Each test would fail after any other one in the same account.
TESTS = """\
import os
import subprocess
import sys

import pytest

import program


@pytest.mark.parametrize("number", range(3))
def test_program_finds_only_its_own_bucket(local_aws, number):
    assert program.list_names() == []
    assert program.store("photos") == ["photos"]
    assert local_aws.client("s3").list_buckets()["Buckets"][0]["Name"] == "photos"
    code = "import program; print(program.list_names())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['photos']\\n"
"""
VARIABLES = """\
import os

import boto3
import pytest


@pytest.fixture
def before():
    return dict(os.environ), boto3.DEFAULT_SESSION


def test_environment_leads_to_the_local_aws(before, local_aws):
    assert os.environ["AWS_ENDPOINT_URL"] == local_aws.url
    assert "AWS_PROFILE" not in os.environ
    boto3.client("s3")
    assert boto3.DEFAULT_SESSION is not None
    os.environ["OF_ANOTHER_PROGRAM"] = "set"


def test_only_variables_of_aws_are_what_they_were_before():
    assert os.environ["AWS_PROFILE"] == "work"
    assert os.environ["OF_ANOTHER_PROGRAM"] == "set"
    assert "AWS_ENDPOINT_URL" not in os.environ
    assert boto3.DEFAULT_SESSION is None
"""
RELATIVE = "--init prepare --data-dir data"
MODULE = """\
def test_bucket_is_created(local_aws):
    local_aws.client("s3").create_bucket(Bucket="photos")


def test_bucket_of_the_module_still_exists(local_aws):
    assert len(local_aws.client("s3").list_buckets()["Buckets"]) == 1
"""
OTHER_MODULE = """\
def test_bucket_of_another_module_is_gone(local_aws):
    assert local_aws.client("s3").list_buckets()["Buckets"] == []
"""


def run(folder: Path, *flags: str, **variables: str) -> str:
    """Run pytest in a project of its own; return the output, also that of failed tests."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, *flags]
    own = ("AWS_", "PYTEST_")  # variables of the surrounding tests
    env = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    env |= {"PYTHONPATH": str(FOLDER.parent), **variables}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")


@pytest.mark.observes("pytest-plugin")
@pytest.mark.slow
def test_three_tests_of_a_separate_project_are_isolated_under_pytest_xdist(tmp_path):
    pytest.importorskip("xdist")
    write(tmp_path, program=PROGRAM, test_program=TESTS)
    assert "3 passed" in run(tmp_path, "-n", "2")


@pytest.mark.slow
def test_three_tests_of_a_separate_project_are_isolated_in_one_process(tmp_path):
    write(tmp_path, program=PROGRAM, test_program=TESTS)
    assert "3 passed" in run(tmp_path, "-p", "no:xdist")


@pytest.mark.observes("pytest-plugin")
@pytest.mark.slow
def test_variables_of_aws_and_the_default_session_are_restored_after_a_test(tmp_path):
    write(tmp_path, test_variables=VARIABLES)
    assert "2 passed" in run(tmp_path, AWS_PROFILE="work")


@pytest.mark.slow
def test_programs_reach_the_local_aws_behind_a_proxy(tmp_path):
    write(tmp_path, program=PROGRAM, test_program=TESTS)
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9")
    assert "3 passed" in run(tmp_path, NO_PROXY="intranet", **proxies)


@pytest.mark.slow
def test_account_lasts_for_a_module_if_the_configuration_says_so(tmp_path):
    write(tmp_path, test_a=MODULE, test_b=OTHER_MODULE)
    assert "3 passed" in run(tmp_path, "-o", "local_aws_scope=module")


@pytest.mark.slow
def test_relative_paths_in_flags_start_from_the_folder_of_the_tests(tmp_path):
    write(tmp_path, test_a=MODULE)
    (tmp_path / "prepare").mkdir()
    (tmp_path / "prepare" / "script.sh").write_text("touch ran")
    output = run(tmp_path, "-o", "local_aws_scope=module", "-o", f"local_aws_flags={RELATIVE}")
    assert "2 passed" in output
    assert (tmp_path / "prepare" / "ran").exists()
    assert (tmp_path / "data" / "local-aws.state").exists()


def test_unknown_scope_is_refused_with_those_that_exist(tmp_path):
    write(tmp_path, test_a=MODULE)
    output = run(tmp_path, "-o", "local_aws_scope=suite")
    assert "local_aws_scope is 'suite'; expected one of function, class, module" in output


@pytest.mark.observes("pytest-plugin")
def test_ten_lines_of_the_readme_are_a_test_that_passes(tmp_path):
    code = block(README, "test_photos.py")
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    (tmp_path / "test_photos.py").write_text(code)
    assert "1 passed" in run(tmp_path)


def test_package_declares_the_plugin_and_contains_all_of_its_folders():
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {PLUGIN: PLUGIN}
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    modules = [path.relative_to(FOLDER) for path in FOLDER.rglob("*.py")]
    folders = {path.parts[0] for path in modules if len(path.parts) > 1} - {"tests"}
    assert {f"/{name}" for name in folders} | {"/*.py"} == set(included)


def test_plugin_imports_nothing_heavy_until_a_test_uses_it():
    code = f"import sys, {PLUGIN}; print({{'boto3', 'moto', 'flask'}} & sys.modules.keys())"
    env = {"PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
