"""A pytest plugin with fixtures for the tests of the local AWS and of its users."""

import gc
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from hypothesis import settings

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.service_models import share_models

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost", "0.0.0.0", None, "")  # noqa: S104 - compared


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse every connection of the tests' own process that would leave the machine."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _THIS_MACHINE and not str(name).endswith(".localhost"):
        raise RuntimeError(f"a test would connect to {name!r}; tests use this machine only")


# pytest-xdist keeps all CPUs busy, so more threads of one process would only wait for each other.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.addaudithook(_stay_on_this_machine)
settings.register_profile("any machine", deadline=None)  # an example may take any time
settings.load_profile("any machine")
share_models()


def pytest_sessionstart() -> None:
    """Pause the garbage collector while pytest collects: millions of objects that all stay."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Exempt the collected tests from garbage collection."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """Start one local AWS that most tests share; each test uses its own names.

    Containers have one worker each, since most tests send one request at a time.
    """
    with running_local_aws("--instance-cpus", "1") as running:
        yield running


@pytest.fixture(scope="session")
def new_region() -> Callable[[], str]:
    """Return a function that returns an unused region at each call."""
    shared = {"us-east-1", "eu-central-1", "eu-west-1", "eu-west-2"}  # by all tests of the session
    regions = sorted(set(boto3.Session().get_available_regions("sagemaker")) - shared)
    return iter(regions).__next__


@pytest.fixture(scope="module")
def own_region(new_region: Callable[[], str]) -> str:
    """Return a region that only the tests of one file use."""
    return new_region()


@pytest.fixture
def traced_memory() -> Iterator[Callable[[], int]]:
    """Trace allocations; the function returns the peak in bytes since the start."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
