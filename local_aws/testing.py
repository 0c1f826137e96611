"""Start a local AWS in its own process, for tests."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from botocore.config import Config

from local_aws.endings import describe_exit

ROOT = Path(__file__).resolve().parents[1]
REGION = "us-east-1"
_WELCOME = re.compile(r"Local AWS on (\S+);.*=local\n", re.DOTALL)
_START_SECONDS = 60
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_STOP_SECONDS = 60
_DIRECT = ("NO_PROXY", "no_proxy")


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS."""

    url: str
    pid: int

    def client(self, service: str, retries: int | None = None) -> Any:
        """Return a boto3 client, with a number of retries or boto3's default."""
        config = Config(proxies={}, retries=None if retries is None else {"max_attempts": retries})
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=config,
        )

    def reset(self) -> None:
        """End everything that runs, and forget all resources, as after a new start."""
        request = urllib.request.Request(f"{self.url}/_local_aws/reset", method="POST")  # noqa: S310
        try:
            _OPENER.open(request).close()
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from None

    def environment(self) -> dict[str, str]:
        """Return this process's environment, in which boto3 programs can reach only this AWS."""
        others = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
        direct = others.get("no_proxy") or others.get("NO_PROXY") or ""
        if direct != "*":
            direct = ",".join(filter(None, [direct, "127.0.0.1"]))  # proxies cannot reach it
        return {
            **others,
            **dict.fromkeys(_DIRECT, direct),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


@contextmanager
def environment_of(aws: LocalAws) -> Iterator[None]:
    """Lead the programs of this process, and those that it starts, to a local AWS for a while."""
    variables = aws.environment()
    own = {name for name in (*os.environ, *variables) if name.startswith(("AWS_", *_DIRECT))}
    before = {name: os.environ.get(name) for name in own}
    _set_variables({name: variables.get(name) for name in own})
    try:
        # boto3's default session keeps the credentials that it has seen first.
        with mock.patch.object(boto3, "DEFAULT_SESSION", None):
            yield
    finally:
        _set_variables(before)


def _set_variables(values: dict[str, str | None]) -> None:
    for name, text in values.items():
        if text is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = text


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_local_aws(*flags: str, log: Path | None = None) -> Iterator[LocalAws]:
    """Start a local AWS on a free port, and stop it like Ctrl-C; write its stderr to the log.

    It also stops if this process ends. Without a log, its stderr is printed at the end.
    """
    # -P: a module of the working folder may have the name of one that the local AWS imports.
    command = [sys.executable, "-P", "-m", "local_aws", "--port", "0", "--until-stdin-closes"]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": path}
    with (
        tempfile.TemporaryFile("a+b") if log is None else log.open("a+b") as stderr,
        subprocess.Popen(
            [*command, *flags], env=env, stdin=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        try:
            yield LocalAws(_printed_address(stderr.fileno(), process), process.pid)
        finally:
            if (code := process.poll()) is not None:
                how = describe_exit(code)
                stderr.write(f"The local AWS {process.pid} is gone: {how}\n".encode())
                stderr.flush()
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()  # its processes end with it
            if log is None:
                sys.stderr.write(_printed(stderr.fileno()))


def _printed(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode("utf-8", "replace")


def _printed_address(file: int, process: subprocess.Popen[bytes]) -> str:
    """Cut off the welcome of a starting local AWS; return its address, or raise RuntimeError."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        match = _WELCOME.search(_printed(file))
        if match:
            os.ftruncate(file, match.start())
            return match[1]
        time.sleep(0.1)
    raise RuntimeError(
        f"the local AWS did not start within {_START_SECONDS} seconds "
        f"(exit code {process.poll()}): {_printed(file)}"
    )
