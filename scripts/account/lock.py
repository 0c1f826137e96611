"""Read requirements.txt, which pins every package with its hashes, and find uv."""

import re
import shutil
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.txt"
_ENTRY = re.compile(r"^([a-z0-9-]+)==.*\n(?:[ \t]+--hash=.*\n)*", re.MULTILINE)


def locked_entries(package: str, lock: Path = LOCK) -> list[str]:
    """Return the entries of a package, one per environment marker, or raise DeploymentError."""
    text = lock.read_text(encoding="utf-8")
    entries = [match[0] for match in _ENTRY.finditer(text) if match[1] == package]
    if not entries:
        raise DeploymentError(f"{lock} does not pin {package}; run: make lock")
    return entries


def locked_version(package: str, python: str, lock: Path = LOCK) -> str:
    """Return the version that is pinned for a Python, such as 3.12, or raise DeploymentError."""
    from packaging.requirements import Requirement  # not needed for --help

    environment = {"python_full_version": f"{python}.0", "python_version": python}
    for entry in locked_entries(package, lock):
        requirement = Requirement(entry.splitlines()[0].removesuffix("\\").strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            return str(requirement.specifier).removeprefix("==")
    raise DeploymentError(f"{lock} pins no {package} for Python {python}; run: make lock")


def find_uv() -> str:
    """Return the path of uv, from PATH or from `make`; raise DeploymentError if it is missing."""
    path = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".venv-uv" / "bin"))
    if path is None:
        raise DeploymentError("uv, which installs packages, is missing; run: make demo")
    return path
