"""Clients that tests run in an environment of their own, which `make test-all` gets; no network."""

import shutil
import subprocess
import sys

import pytest

from local_aws.testing import ROOT

# Clients send telemetry by default; tests must not use the network.
OFFLINE = {"https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1,localhost"}


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
