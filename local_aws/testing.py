"""Start a local AWS in its own process, for tests."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[1]
REGION = "us-east-1"


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS."""

    url: str
    pid: int

    def client(self, service: str, retries: int | None = None) -> Any:
        """Return a boto3 client, with a number of retries or boto3's default."""
        config = None if retries is None else Config(retries={"max_attempts": retries})
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=config,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment variables that direct boto3 programs to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_local_aws(log: Path | None = None, *flags: str) -> Iterator[LocalAws]:
    """Start a local AWS, wait until it answers, and stop it like Ctrl-C; log its stderr."""
    port = free_port()
    command = [sys.executable, "-m", "local_aws", "--port", str(port), "--quiet", *flags]
    with nullcontext() if log is None else log.open("wb") as stderr:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ}, stderr=stderr)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield LocalAws(url, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the local AWS ended with exit code {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/_local_aws/health", timeout=1):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the local AWS did not answer within a minute")
