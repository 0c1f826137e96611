"""Build the package of a Lambda function: a zip of our modules and, if needed, numpy, compiled.

This needs no Docker, since numpy's wheel is unpacked for the target machine. The same sources
produce the same bytes, so an unchanged package keeps its name in S3 and is not uploaded again.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

from newsgroup_classifier.atomic_files import atomic_write, writing_to
from newsgroup_classifier.errors import DeploymentError
from scripts.account.command import say
from scripts.account.lock import ROOT, find_uv, locked_version

# The parts of the library that read requests, score n-grams, and explain labels for the handler.
_TEXTS = tuple(f"text/{name}.py" for name in ("__init__", "request_bodies", "visible"))
_PARTS = ("__init__.py", "errors.py", *_TEXTS, "hashed_text", "explanations")
SOURCES = ("lambda_handler", *(f"newsgroup_classifier/{part}" for part in _PARTS))
_TASK_ROOT = "/var/task"  # Lambda's folder for it, which tracebacks show
_TIME = (1980, 1, 1, 0, 0, 0)
_LAYOUT = 2  # increase it when the build process changes
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


def cache_folder() -> Path:
    """Return the folder of built packages under XDG_CACHE_HOME or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "newsgroup-classifier" / "lambda-packages"


def build_package(target: FunctionTarget, cache: Path, *, numpy: bool = True) -> bytes:
    """Return the zip for a target, from the cache if the sources are unchanged."""
    compiler = find_compiler(target)
    path = cache / f"{_digest_of_inputs(target, compiler is not None, numpy)}.zip"
    if not path.is_file():
        with atomic_write(path) as part:
            part.write_bytes(_build(target, compiler, numpy))
    return path.read_bytes()


def find_compiler(target: FunctionTarget) -> str | None:
    """Return a Python of the target's version to compile with, or None if there is none."""
    if target.python == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    command = [find_uv(), "python", "find", "--no-python-downloads", target.python]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout.strip() or None if ended.returncode == 0 else None


def _digest_of_inputs(target: FunctionTarget, compiled: bool, numpy: bool) -> str:
    sources = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _our_files()
    }
    options = [_LAYOUT, target.python, target.architecture, target.here, compiled, EXCLUDED]
    inputs = [sources, options, locked_version("numpy", target.python) if numpy else ""]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _build(target: FunctionTarget, compiler: str | None, numpy: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="lambda-package-") as name:
        folder = Path(name)
        if numpy:
            with writing_to(folder):
                add_numpy(folder, target)
        for path in _our_files():
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        if compiler is None:
            say(
                f"Python {target.python} is not installed, so each cold start compiles the package."
            )
        else:
            compile_folder(folder, compiler)
        return pack(folder)


def _our_files() -> list[Path]:
    return sorted(
        path
        for source in SOURCES
        for path in (ROOT / source, *(ROOT / source).rglob("*"))
        # Hidden files are those of a desktop, and ._name.py cannot be compiled.
        if path.is_file() and "__pycache__" not in path.parts and path.name[0] != "."
    )


def compile_folder(folder: Path, python: str) -> None:
    """Write .pyc files without checks of their sources, which are read-only in Lambda."""
    command = [
        python, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
        "-s", str(folder), "-p", _TASK_ROOT, str(folder),
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise DeploymentError(
            f"the package could not be compiled: {' '.join(ended.stdout.split())}"
        )


def pack(folder: Path) -> bytes:
    """Return a folder as a zip, sorted and without timestamps, for reproducible bytes."""
    with tempfile.TemporaryFile() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = (0o755 if ".so" in path.suffixes else 0o644) << 16
                archive.writestr(info, path.read_bytes())
        buffer.seek(0)
        return buffer.read()


def add_numpy(folder: Path, target: FunctionTarget) -> None:
    """Add numpy to a folder, from this environment if the target is this machine."""
    version = locked_version("numpy", target.python)
    if target.here:
        _copy_installed(folder, version)
    else:
        _install(folder, version, target)
        _strip(folder)


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
