"""Clients that tests run in an environment of their own, which `make test-all` gets; no network."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from local_aws.testing import ROOT

# Clients send telemetry by default; tests must not use the network.
OFFLINE = {"https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1,localhost"}
SDK_V3 = ROOT / ".venv-sdk"


def python_with(package: str) -> list[str]:
    """Return the command of a Python with a package, or skip the test if uv does not have it."""
    own = ROOT / ".venv-uv" / "bin" / "uv"
    uv = shutil.which("uv") or (str(own) if own.exists() else "")
    words = ["tool", "run", "--offline", "--python", sys.executable, "--from", package, "python"]
    if not uv or subprocess.run([uv, *words, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"needs uv with {package}: uv tool run --from {package} python -V")
    return [uv, *words]


def npm_program(package: str) -> list[str]:
    """Return the command of an npm package, or skip the test if npm does not have it."""
    npx = shutil.which("npx") or ""
    command = [npx, "--yes", "--offline", package]
    if (
        not npx
        or subprocess.run([*command, "--version"], capture_output=True, check=False).returncode
    ):
        pytest.skip(f"needs node with {package}: npx --yes {package} --version")
    return command


def run_with_sdk_v3(
    environment: Mapping[str, str], folder: Path, code: str, *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder with the Python of SDK v3."""
    python = SDK_V3 / "bin" / "python"
    assert python.exists(), f"{SDK_V3} has no SageMaker SDK; install it with `make sdk`"
    ended = subprocess.run(
        [python, "-c", code, *arguments],
        input=stdin,
        env={**environment, **OFFLINE, "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended
