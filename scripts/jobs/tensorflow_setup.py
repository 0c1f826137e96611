"""Install TensorFlow for the local AWS when a recipe needs it for the first time."""

import importlib
import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.lock import ROOT, find_uv

_EXTRA = "tensorflow"
_SIZE = "1.2 GB"


def ensure_tensorflow(aws: Aws, recipe: Recipe, project: Path = ROOT) -> None:
    """Install what a TensorFlow recipe needs for the local AWS, which runs the same Python.

    Raise DeploymentError if that fails.
    """
    if recipe.framework != "tensorflow" or not aws.is_local:
        return
    missing, incomplete = _missing(project)
    if not missing and not incomplete:
        return
    say(f"The recipe {recipe.name} needs TensorFlow: installing it ({_SIZE}) into {sys.prefix} ...")
    command = [
        find_uv(), "sync", "--quiet", "--frozen", "--inexact", "--no-install-workspace",
        "--extra", _EXTRA, "--project", str(project), "--python", sys.executable,
        *(word for name in incomplete for word in ("--reinstall-package", name)),
    ]  # fmt: skip
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": sys.prefix}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        raise DeploymentError(
            f"TensorFlow could not be installed: {lines[-1] if lines else 'uv gave no reason'}. "
            "With a network, try again, or run: make tensorflow"
        )
    importlib.invalidate_caches()
    say("TensorFlow is installed.")


def _missing(project: Path) -> tuple[list[str], list[str]]:
    """Return the packages of the extra that are missing or outdated, and the incomplete ones.

    A folder with a package's name is not enough: an interrupted installation leaves one, too.
    """
    from packaging.requirements import Requirement  # not needed for --help

    content = tomllib.loads((project / "local_aws" / "pyproject.toml").read_text(encoding="utf-8"))
    waiting = [Requirement(text) for text in content["project"]["optional-dependencies"][_EXTRA]]
    missing, incomplete, seen = [], [], set()
    while waiting:
        requirement = waiting.pop()
        marker = requirement.marker
        if requirement.name in seen or (marker and not marker.evaluate({"extra": ""})):
            continue
        seen.add(requirement.name)
        try:
            package = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            missing.append(requirement.name)
            continue
        if not package.read_text("METADATA") or not package.read_text("INSTALLER"):
            incomplete.append(requirement.name)  # uv and pip write INSTALLER last
        elif not requirement.specifier.contains(package.version, prereleases=True):
            missing.append(requirement.name)
        else:
            waiting += [Requirement(text) for text in package.requires or ()]
    return missing, incomplete
