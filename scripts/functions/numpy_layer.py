"""Add a minimal numpy to a package's folder, for this machine or for another one."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError
from scripts.account.lock import find_uv, locked_version

# Files that importing and using numpy never needs; a test imports numpy without them.
EXCLUDED = (
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
    """The target of a package: a Python version (such as 3.12) and an architecture."""

    python: str
    architecture: str
    here: bool = False  # whether the target is this machine

    @property
    def runtime(self) -> str:
        """Lambda's name of the Python version."""
        return f"python{self.python}"


AWS_TARGET = FunctionTarget("3.12", "arm64")


def this_machine() -> FunctionTarget:
    """Return the Python and architecture of this process, which a local AWS runs functions with."""
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise DeploymentError(f"this machine is {machine}; Lambda supports x86_64 and arm64")
    return FunctionTarget(
        f"{sys.version_info[0]}.{sys.version_info[1]}", _ARCHITECTURES[machine], here=True
    )


def add_numpy(folder: Path, target: FunctionTarget) -> None:
    """Add numpy to a folder, from this environment if the target is this machine."""
    version = locked_version("numpy", target.python)
    if target.here:
        _copy_installed(folder, version)
    else:
        _install(folder, version, target)
        _strip(folder)
    if not (folder / "numpy" / "__init__.py").is_file():
        raise DeploymentError(f"numpy {version} for {target} came without its package; try again")


def _copy_installed(folder: Path, version: str) -> None:
    installed = metadata.distribution("numpy")
    if installed.version != version:
        raise DeploymentError(
            f"numpy {installed.version} is installed, but requirements.txt pins {version}. Install "
            "the pinned packages with: make test (or make demo)"
        )
    for file in installed.files or ():
        if not _is_excluded(file.as_posix()):
            copy = folder / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), copy)


def _install(folder: Path, version: str, target: FunctionTarget) -> None:
    """Install the wheel for another machine with uv; none of its code runs here."""
    command = [
        find_uv(), "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:",
        "--target", str(folder), "--python-version", target.python,
        "--python-platform", _PLATFORMS[target.architecture], f"numpy=={version}",
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        reason = " ".join(ended.stderr.split())
        raise DeploymentError(
            f"numpy {version} could not be downloaded for {target.runtime}: {reason}"
        )


def _strip(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _is_excluded(path.relative_to(folder).as_posix()):
            path.unlink()
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)


def _is_excluded(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in EXCLUDED)
