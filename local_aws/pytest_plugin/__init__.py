"""A pytest plugin: the fixture `local_aws`, an empty account for each test.

    def test_upload(local_aws):
        local_aws.client("s3").create_bucket(Bucket="photos")
        my_program.upload("photos")

One local AWS runs for each session, and for each worker of pytest-xdist. It is emptied before each
test that uses the fixture, or before each module with `local_aws_scope = module` in the
configuration of pytest. Meanwhile, the environment leads every program that uses boto3, the AWS
CLI, or an SDK to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:  # pytest imports this module in every run, also in those that do not use it
    from local_aws.testing import LocalAws

_SCOPES = ("function", "class", "module", "package", "session")
_Scope = Literal["function", "class", "module", "package", "session"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings of the plugin."""
    parser.addini(
        "local_aws_scope", f"how long an account lasts: {', '.join(_SCOPES)}", default="function"
    )
    parser.addini("local_aws_flags", "flags of the local AWS", type="args", default=[])


def _scope(fixture_name: str, config: pytest.Config) -> _Scope:
    scope: _Scope = config.getini("local_aws_scope")
    if scope not in _SCOPES:
        raise pytest.UsageError(
            f"local_aws_scope is {scope!r}; expected one of {', '.join(_SCOPES)}"
        )
    return scope


@pytest.fixture(scope="session")
def local_aws_server(pytestconfig: pytest.Config) -> Iterator[LocalAws]:
    """Start a local AWS that lasts until the end of the session."""
    from local_aws.testing import running_local_aws

    with running_local_aws(*pytestconfig.getini("local_aws_flags")) as running:
        yield running


@pytest.fixture(scope=_scope)
def local_aws(local_aws_server: LocalAws) -> Iterator[LocalAws]:
    """Return an empty local AWS, to which the environment leads programs."""
    from local_aws.testing import environment_of

    local_aws_server.reset()
    with environment_of(local_aws_server):
        yield local_aws_server
