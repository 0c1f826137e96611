"""Run the local AWS for the lifetime of a command, or wait for one that is starting."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlsplit

from newsgroup_classifier.errors import DeploymentError
from scripts.account.command import say
from scripts.account.lock import ROOT

_START_SECONDS = 60
_WAIT_SECONDS = 15  # for one that somebody else has started
_STOP_SECONDS = 30


@contextmanager
def local_aws() -> Iterator[str]:
    """Start a local AWS on a free port, yield its address, and stop it.

    It runs in its own session, so that Ctrl-C reaches only the command, which then stops it.
    """
    port = _free_port()
    command = [sys.executable, "-m", "local_aws", "--port", str(port), "--quiet"]
    process = subprocess.Popen(
        [*command, "--until-stdin-closes"], cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    import urllib.request  # which other commands do not need

    deadline = time.monotonic() + _START_SECONDS
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DeploymentError(f"the local AWS did not start (exit code {process.returncode})")
        try:
            with direct.open(f"{url}/_local_aws/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise DeploymentError(f"the local AWS did not answer at {url} in {_START_SECONDS} s")


@cache
def wait_for_start(url: str) -> None:
    """Wait for a local AWS that is still starting; raise EndpointConnectionError if none does."""
    from botocore.exceptions import EndpointConnectionError

    parts = urlsplit(url)
    address = (parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme])
    deadline, is_said = time.monotonic() + _WAIT_SECONDS, False
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise EndpointConnectionError(endpoint_url=url) from error
        if not is_said:
            say(f"Waiting up to {_WAIT_SECONDS} seconds for the local AWS at {url} ...")
            is_said = True
        time.sleep(0.2)
