"""The project, the local AWS, the lock file, the exported requirements, and imports agree."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from local_aws.tests.clients import test_cdk, test_sagemaker_core, test_sdk_v2
from scripts.account.lock import find_uv
from tests.project.sources import ROOT

PROJECTS = ("pyproject.toml", "local_aws/pyproject.toml")
LOCAL_AWS = ROOT / "local_aws"
INDIRECT = {"botocore", "urllib3", "protobuf"}  # dependencies of boto3 and TensorFlow
# The local AWS's own modules, some of which programs in containers import as top-level modules.
OWN = {path.stem for path in LOCAL_AWS.glob("**/sites/*/*")} | {"local_aws", "lifeline"}
CLIENTS = {"aws_cdk", "sagemaker"}  # imported by programs that tests run with other Pythons


def project(path: str) -> dict:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]


def requirements(path: str) -> list[Requirement]:
    """Return the requirements of a project file, with those of its extras."""
    content = project(path)
    extras = content["optional-dependencies"].values()
    texts = [*content["dependencies"], *(text for extra in extras for text in extra)]
    return [Requirement(text) for text in texts]


def imported_packages() -> set[str]:
    """Return the packages that any file of the local AWS imports, tests included."""
    names = set()
    for path in LOCAL_AWS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - OWN - CLIENTS


@pytest.mark.parametrize("name", sorted(imported_packages()))
def test_package_that_the_local_aws_imports_is_declared(name):
    declared = {_normal(requirement.name) for requirement in requirements(PROJECTS[1])}
    distributions = {_normal(each) for each in metadata.packages_distributions()[name]}
    assert distributions & (declared | INDIRECT)


def test_package_that_both_projects_pin_has_the_same_version():
    pins = {}
    for path in PROJECTS:
        for requirement in requirements(path):
            if "==" in str(requirement.specifier):
                key = (_normal(requirement.name), str(requirement.marker))
                pins.setdefault(key, set()).add(str(requirement.specifier))
    assert not {name: versions for name, versions in pins.items() if len(versions) > 1}


def test_both_projects_have_the_same_version_and_pythons():
    ours, local_aws = (project(path) for path in PROJECTS)
    assert ours["version"] == local_aws["version"]
    assert ours["requires-python"] == local_aws["requires-python"]


def test_lock_file_and_exported_requirements_match_the_projects():
    check = [find_uv(), "lock", "--check", "--offline"]
    checked = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, f"uv.lock is out of date: run make lock\n{checked.stderr}"
    flags = ("--quiet", "--frozen", "--no-emit-workspace", "--no-annotate", "--no-header")
    ended = subprocess.run([find_uv(), "export", *flags], cwd=ROOT, capture_output=True, text=True)
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    expected = [line for line in lines if not line.startswith("#")]
    assert ended.stdout.splitlines() == expected, "requirements.txt is out of date: run make lock"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_package_of_the_local_aws_contains_all_of_its_folders():
    text = (LOCAL_AWS / "pyproject.toml").read_text(encoding="utf-8")
    included = set(tomllib.loads(text)["tool"]["hatch"]["build"]["targets"]["wheel"]["include"])
    folders = {f"/{path.parent.name}" for path in LOCAL_AWS.glob("*/*.py")}
    assert included == folders - {"/tests"} | {"/*.py"}


def test_all_tests_get_the_clients_that_they_run_in_their_versions():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    clients = re.search(r"^CLIENTS := (.+)$", text, re.MULTILINE)[1].split()
    assert clients == [test_sdk_v2.SDK, test_sagemaker_core.CORE, test_cdk.LIBRARY]
    assert f"CDK_CLI := {test_cdk.CLI}\n" in text
