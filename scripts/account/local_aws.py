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
        url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + _START_SECONDS
        while not _is_listening(url):
            if process.poll() is not None or time.monotonic() > deadline:
                code = process.returncode
                raise DeploymentError(
                    f"the local AWS did not start (exit code {code}, limit {_START_SECONDS} s)"
                )
            time.sleep(0.05)
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


def _is_listening(url: str) -> bool:
    parts = urlsplit(url)
    address = (parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme])
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


@cache
def wait_for_start(url: str) -> None:
    """Wait for a local AWS that is still starting; raise EndpointConnectionError if none does."""
    from botocore.exceptions import EndpointConnectionError

    deadline = time.monotonic() + _WAIT_SECONDS
    if not _is_listening(url):
        say(f"Waiting up to {_WAIT_SECONDS} seconds for the local AWS at {url} ...")
    while not _is_listening(url):
        if time.monotonic() > deadline:
            raise EndpointConnectionError(endpoint_url=url)
        time.sleep(0.2)
