"""Build the package of the Lambda function: our handler and numpy, compiled, in one zip.

No Docker: numpy's wheel is unpacked for the function's machine. The same sources give the same
bytes, so an unchanged package has its old name in S3 and is not uploaded again.
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

from newsgroup_classifier.errors import DeploymentError
from scripts.account.command import say
from scripts.account.lock import ROOT, locked_version
from scripts.functions.numpy_layer import (
    DROPPED,
    FunctionTarget,
    add_numpy,
    find_uv,
)

HANDLER = "lambda_handler"
MOST_BYTES = 70_000_000  # unpacked
_TASK_ROOT = "/var/task"  # where Lambda unpacks it, and what tracebacks name
_TIME = (1980, 1, 1, 0, 0, 0)
_LAYOUT = 1  # to be raised when the way of building changes


def cache_folder() -> Path:
    """Return the folder of built packages: below XDG_CACHE_HOME or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "newsgroup-classifier" / "lambda-packages"


def build_package(target: FunctionTarget, cache: Path) -> bytes:
    """Return the zip for a target; one that was built from the same sources is taken again."""
    compiler = find_compiler(target)
    kept = cache / f"{_digest_of_inputs(target, compiler is not None)}.zip"
    content = _read_kept(kept)
    if content is None:
        content = _build(target, compiler)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"{kept.name}.{os.getpid()}.part")
        # The zip's own sha256 stands in front: a file that was cut off is built anew.
        part.write_bytes(hashlib.sha256(content).digest() + content)
        part.replace(kept)
    return content


def find_compiler(target: FunctionTarget) -> str | None:
    """Return a Python of the target's version, which alone can compile for it; None without one."""
    if target.python == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    found = shutil.which(f"python{target.python}")
    if found and _runs(found, target.python):
        return found
    command = [find_uv(), "python", "find", "--no-python-downloads", target.python]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout.strip() or None if ended.returncode == 0 else None


def _runs(python: str, version: str) -> bool:
    """Tell whether a program is a Python of a version: a shim of pyenv may be none."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    ended = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    return ended.stdout.strip() == version


def _digest_of_inputs(target: FunctionTarget, compiled: bool) -> str:
    sources = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _handler_files()
    }
    settings = [_LAYOUT, target.python, target.architecture, target.here, compiled, DROPPED]
    inputs = [sources, settings, locked_version("numpy", target.python)]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _read_kept(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    content = path.read_bytes()
    digest, content = content[:32], content[32:]
    return content if hashlib.sha256(content).digest() == digest else None


def _build(target: FunctionTarget, compiler: str | None) -> bytes:
    with tempfile.TemporaryDirectory(prefix="lambda-package-") as name:
        folder = Path(name)
        add_numpy(folder, target)
        for path in _handler_files():
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        if compiler is None:
            say(
                f"No Python {target.python} is here to compile the package: each start compiles it."
            )
        else:
            compile_folder(folder, compiler)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if size > MOST_BYTES:
            raise DeploymentError(
                f"the package has {size:,} bytes unpacked; expected at most {MOST_BYTES:,}"
            )
        return pack(folder)


def _handler_files() -> list[Path]:
    return sorted(
        path
        for path in (ROOT / HANDLER).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def compile_folder(folder: Path, python: str) -> None:
    """Write .pyc files that are never checked against their sources: Lambda's are read-only."""
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
    """Return a folder as a zip, sorted and without times: the same files give the same bytes."""
    with tempfile.TemporaryFile() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = (0o755 if ".so" in path.suffixes else 0o644) << 16
                archive.writestr(info, path.read_bytes())
        buffer.seek(0)
        return buffer.read()
