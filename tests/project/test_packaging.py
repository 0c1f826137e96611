"""The project, the local AWS, the lock, and the exported requirements agree."""

import shutil
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.project.sources import ROOT

PROJECTS = ("pyproject.toml", "local_aws/pyproject.toml")


def project(path):
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]


def test_both_projects_pin_the_same_version_of_what_both_pin():
    pins = {}
    for path in PROJECTS:
        for text in project(path)["dependencies"]:
            requirement = Requirement(text)
            if str(requirement.specifier):
                pins.setdefault((requirement.name, str(requirement.marker)), set()).add(text)
    assert all(len(texts) == 1 for texts in pins.values()), pins


def test_both_projects_have_the_same_version_and_pythons():
    ours, local_aws = (project(path) for path in PROJECTS)
    assert ours["version"] == local_aws["version"]
    assert ours["requires-python"] == local_aws["requires-python"]


def test_exported_requirements_are_those_of_the_lock(tmp_path):
    uv = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".venv-uv" / "bin"))
    if uv is None:
        pytest.skip("uv is not on the PATH")
    for name in ("uv.lock", *PROJECTS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    flags = ("--quiet", "--frozen", "--no-emit-workspace", "--no-annotate", "--no-header")
    ended = subprocess.run([uv, "export", *flags], cwd=tmp_path, capture_output=True, text=True)
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    expected = [line for line in lines if not line.startswith("#")]
    assert ended.stdout.splitlines() == expected, "requirements.txt is out of date: run make lock"
