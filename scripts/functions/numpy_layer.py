"""Put numpy into a package's folder, as small as it imports, for another machine or for this one.

numpy's version is the one that requirements.txt pins for the function's Python.
"""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError
from scripts.account.lock import ROOT, locked_version

# What importing numpy and calculating with it never touches; tests show that it still imports.
DROPPED = (
    "*/tests/*",
    "*/_core/include/*",
    "*/_core/lib/*",
    "*/random/lib/*",
    "*/random/_examples/*",
    "*.pyi",
    "*.pxd",
    "*.pyx",
    "*.a",
    "*.typed",
    "*.pc",
    "*.ini",
    "*/__pycache__/*",
    "numpy/f2py/*",
    "numpy/doc/*",
    "numpy/typing/*",
    "numpy/_pyinstaller/*",
    "numpy-*.dist-info/*",
    "../*",
)
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}


@dataclass(frozen=True)
class FunctionTarget:
    """What a package is built for: a Python (such as 3.12) and a machine, which may be this one."""

    python: str
    architecture: str
    here: bool = False

    @property
    def runtime(self) -> str:
        """Lambda's name of the Python."""
        return f"python{self.python}"


AWS_TARGET = FunctionTarget("3.12", "arm64")


def this_machine() -> FunctionTarget:
    """Return this script's own Python and machine, which a local AWS runs functions on."""
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise DeploymentError(f"this machine is {machine}; Lambda knows x86_64 and arm64")
    return FunctionTarget(
        f"{sys.version_info[0]}.{sys.version_info[1]}", _ARCHITECTURES[machine], here=True
    )


def add_numpy(folder: Path, target: FunctionTarget) -> None:
    """Put numpy into a folder, from this environment if the target is this machine."""
    version = locked_version("numpy", target.python)
    if target.here:
        _copy_installed(folder, version)
    else:
        _install(folder, version, target)
        _strip(folder)
    if not (folder / "numpy" / "__init__.py").is_file():
        raise DeploymentError(f"numpy {version} for {target} came without its package; try again")


def _copy_installed(folder: Path, version: str) -> None:
    found = metadata.distribution("numpy")
    if found.version != version:
        raise DeploymentError(
            f"numpy {found.version} is installed and requirements.txt pins {version}. "
            "Run: make test (or make demo), which installs what is pinned."
        )
    for file in found.files or ():
        if not _dropped(file.as_posix()):
            copy = folder / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), copy)


def _install(folder: Path, version: str, target: FunctionTarget) -> None:
    """Have uv fetch the wheel of another machine; nothing of it runs here."""
    command = [
        find_uv(), "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:",
        "--target", str(folder), "--python-version", target.python,
        "--python-platform", _PLATFORMS[target.architecture], f"numpy=={version}",
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        reason = " ".join(ended.stderr.split())
        raise DeploymentError(
            f"numpy {version} could not be fetched for {target.runtime}: {reason}"
        )


def find_uv() -> str:
    """Return the path of uv: the one on the path, or the one that `make` installed."""
    own = ROOT / ".venv-uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.is_file() else None)
    if found is None:
        raise DeploymentError("uv is not found; it fetches numpy for Lambda. Run: make demo")
    return found


def _strip(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _dropped(path.relative_to(folder).as_posix()):
            path.unlink()
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)


def _dropped(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in DROPPED)
