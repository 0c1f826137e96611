"""The project file of the local AWS declares what its code imports, in the project's versions."""

import ast
import re
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from tests.project.sources import ROOT

FOLDER = ROOT / "local_aws"
# Its own modules, some of which programs in containers import as top-level modules.
INDIRECT = {"botocore", "urllib3", "protobuf"}  # of boto3 and TensorFlow
OWN = {path.stem for path in FOLDER.glob("**/sites/*/*")} | {"local_aws", "lifeline"}


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
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - OWN


@pytest.mark.parametrize("name", sorted(imported_packages()))
def test_package_that_the_local_aws_imports_is_declared(name):
    declared = {
        _normal(requirement.name) for requirement in requirements("local_aws/pyproject.toml")
    }
    projects = {_normal(project) for project in metadata.packages_distributions()[name]}
    assert projects & (declared | INDIRECT)


def test_package_that_both_projects_pin_has_the_same_version():
    pins = {}
    for path in ("pyproject.toml", "local_aws/pyproject.toml"):
        for requirement in requirements(path):
            if "==" in str(requirement.specifier):
                key = (_normal(requirement.name), str(requirement.marker))
                pins.setdefault(key, set()).add(str(requirement.specifier))
    assert not {name: versions for name, versions in pins.items() if len(versions) > 1}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
