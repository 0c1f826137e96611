"""Install TensorFlow where the local AWS needs it and the laptop has none, at its first use."""

import importlib
import shutil
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.command import say

_ROOT = Path(__file__).resolve().parents[2]
_LOCK = _ROOT / "requirements-tensorflow.txt"
_SIZE = "1.2 GB"


def ensure_tensorflow(aws: Aws, recipe: Recipe, lock: Path = _LOCK) -> None:
    """Install what a recipe of TensorFlow needs on a laptop; AWS has it in its images.

    The local AWS runs the same Python as the scripts, so that it finds there what is installed.
    """
    if recipe.framework != "tensorflow" or not aws.is_local:
        return
    lacking, halves = _lacking(lock)
    if not lacking and not halves:
        return
    say(f"The recipe {recipe.name} needs TensorFlow: installing it ({_SIZE}) into {sys.prefix} ...")
    done = subprocess.run(
        [*_installer(halves), "-r", str(lock)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        raise DeploymentError(
            f"TensorFlow could not be installed: {lines[-1] if lines else 'nothing was said'}. "
            "With a network, try again, or run: make tensorflow"
        )
    importlib.invalidate_caches()
    say("TensorFlow is installed.")


def _lacking(lock: Path) -> tuple[list[str], list[str]]:
    """Return the packages of a lock that are not here at their versions, and those half here.

    A folder named tensorflow says little: an installation that was interrupted leaves one, too.
    """
    # Only a recipe of TensorFlow needs it, and nobody waits for it at --help.
    from packaging.requirements import Requirement

    lacking, halves = [], []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith(("#", " ")):
            continue
        pin = Requirement(line)
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        try:
            found = metadata.distribution(pin.name)
        except metadata.PackageNotFoundError:
            lacking.append(pin.name)
            continue
        if not found.read_text("METADATA") or not found.read_text("INSTALLER"):
            halves.append(pin.name)  # uv and pip write INSTALLER when all the rest is there
        elif found.version not in pin.specifier:
            lacking.append(pin.name)
    return lacking, halves


def _installer(halves: list[str]) -> list[str]:
    """Return the command that installs into this Python: uv's, or else pip's.

    An environment that uv made has no pip; the Makefile puts uv beside it where there is none.
    Either takes a package that is half there for installed, unless it is told to do it again.
    """
    uv = shutil.which("uv") or shutil.which("uv", path=str(_ROOT / ".venv-uv" / "bin"))
    if uv:
        again = [word for name in halves for word in ("--reinstall-package", name)]
        return [uv, "pip", "install", "--quiet", "--python", sys.executable, *again]
    if find_spec("pip"):
        again = ["--force-reinstall"] if halves else []
        return [sys.executable, "-m", "pip", "install", "--quiet", *again]
    raise DeploymentError(
        "TensorFlow is not installed, nor uv or pip to install it with; run: make tensorflow"
    )
