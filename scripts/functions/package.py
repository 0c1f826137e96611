"""Build the package of a Lambda function: a zip of our modules and, if needed, numpy, compiled.

This needs no Docker, since numpy's wheel is unpacked for the target machine. The same sources
produce the same bytes, so an unchanged package keeps its name in S3 and is not uploaded again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from newsgroup_classifier.atomic_files import atomic_write, writing_to
from newsgroup_classifier.errors import DeploymentError
from scripts.account.command import say
from scripts.account.lock import ROOT, find_uv, locked_version
from scripts.functions.numpy_layer import EXCLUDED, FunctionTarget, add_numpy

# The parts of the library that read requests, score n-grams, and explain labels for the handler.
_TEXTS = tuple(f"text/{name}.py" for name in ("__init__", "request_bodies", "visible"))
_PARTS = ("__init__.py", "errors.py", *_TEXTS, "hashed_text", "explanations")
SOURCES = ("lambda_handler", *(f"newsgroup_classifier/{part}" for part in _PARTS))
MAX_BYTES = 70_000_000  # unpacked
_TASK_ROOT = "/var/task"  # Lambda's folder for it, which tracebacks show
_TIME = (1980, 1, 1, 0, 0, 0)
_LAYOUT = 1  # increase it when the build process changes


def cache_folder() -> Path:
    """Return the folder of built packages under XDG_CACHE_HOME or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "newsgroup-classifier" / "lambda-packages"


def build_package(target: FunctionTarget, cache: Path, *, numpy: bool = True) -> bytes:
    """Return the zip for a target, from the cache if the sources are unchanged."""
    compiler = find_compiler(target)
    path = cache / f"{_digest_of_inputs(target, compiler is not None, numpy)}.zip"
    content = _read_cached(path)
    if content is None:
        content = _build(target, compiler, numpy)
        # The file starts with the sha256 of the zip, so that an incomplete one is detected.
        with atomic_write(path) as part:
            part.write_bytes(hashlib.sha256(content).digest() + content)
    return content


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


def _read_cached(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    content = path.read_bytes()
    digest, content = content[:32], content[32:]
    return content if hashlib.sha256(content).digest() == digest else None


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
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if size > MAX_BYTES:
            raise DeploymentError(
                f"the package has {size:,} bytes unpacked; expected at most {MAX_BYTES:,}"
            )
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
