"""Run a function's folder under AWS's Runtime Interface Emulator from aws-sam-cli."""

import json
import os
import platform
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws.testing import ROOT, free_port
from scripts.account.lock import find_uv

_FOLDER = "import pathlib, samcli; print(pathlib.Path(samcli.__file__).parent)"
_PATH = "/2015-03-31/functions/function/invocations"


def emulator() -> Path:
    """Return the emulator for this machine, of the version that `make` pins."""
    pinned = re.search("^SAM := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert pinned is not None
    command = [find_uv(), "tool", "run", "--from", pinned[1], "python", "-c", _FOLDER]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return Path(ended.stdout.strip(), "local", "rapid", f"aws-lambda-rie-{machine}")


@contextmanager
def emulated(code: Path, runtime: Path, variables: Mapping[str, str]) -> Iterator[str]:
    """Run the handler of a folder under the emulator; yield its address."""
    port = free_port()
    command = [
        emulator(), "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
        "--runtime-api-address", f"127.0.0.1:{free_port()}",
        sys.executable, "-S", "-m", "awslambdaric", "lambda_handler.handler.handler",
    ]  # fmt: skip
    env = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(runtime), str(code)]),
        "LAMBDA_TASK_ROOT": str(code),
        "AWS_LAMBDA_FUNCTION_NAME": "emulated",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "20",
        **variables,
    }
    process = subprocess.Popen(command, env=env, cwd=code)
    try:
        yield f"http://127.0.0.1:{port}{_PATH}"
    finally:
        process.terminate()
        process.wait(20)


def call(address: str, event: Any) -> Any:
    """Send an event, and wait for the emulator to listen first."""
    request = urllib.request.Request(address, json.dumps(event).encode())  # noqa: S310
    for _ in range(200):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return json.load(response)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.05)
    raise AssertionError("the emulator did not start listening")
