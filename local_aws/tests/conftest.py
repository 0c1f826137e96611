"""Fixtures of the local AWS's tests: an account, a trained and deployed iris program, and more."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.account import Account
from local_aws.tests.apigateway.http_apis import ECHO, Apis, api, function
from local_aws.tests.awslambda.functions import Lambdas
from local_aws.tests.cloudformation.stacks import Stacks
from local_aws.tests.sagemaker.containers.model_servers import (
    Server,
    make_saved_models,
    running_model_server,
)
from local_aws.tests.sagemaker.training import iris
from local_aws.tests.sagemaker.transforming.transforms import Transforms
from local_aws.tests.soak import Soak, soaking


@pytest.fixture(scope="session")
def soak() -> Iterator[Soak]:
    """Call a second local AWS until the session ends, which then checks it."""
    with soaking() as soak:
        yield soak
    assert soak.fault == ""


@pytest.fixture(scope="session", autouse=True)
def _soak_alongside_all_tests(request: pytest.FixtureRequest) -> None:
    """Start the soak with the first test of one worker, if the session has a test of it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    if worker == "gw0" and any("soak" in _fixtures(item) for item in request.session.items):
        request.getfixturevalue("soak")


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def account(local_aws: LocalAws) -> Account:
    """Create one bucket and one role for all tests; each test uses its own keys and names."""
    return Account(local_aws)


@pytest.fixture(scope="session")
def quick_account() -> Iterator[Account]:
    """Start a local AWS whose minutes last one second; return an account in it."""
    with running_local_aws("--instance-cpus", "1", "--metric-period", "1") as running:
        yield Account(running)


@pytest.fixture(scope="session")
def iris_job(account: Account) -> dict[str, Any]:
    """Train the iris program; return the description of the finished job."""
    return iris.train(account)


@pytest.fixture(scope="session")
def iris_endpoint(account: Account, iris_job: dict[str, Any]) -> str:
    """Deploy it; return the name of the endpoint."""
    return account.deploy(iris.container(iris_job))


@pytest.fixture(scope="session")
def transforms(account: Account) -> Transforms:
    """Run transform jobs, mostly of one echoing model."""
    return Transforms(account)


@pytest.fixture(scope="session")
def stacks(account: Account) -> Stacks:
    """Create stacks and wait for them."""
    return Stacks(account)


@pytest.fixture(scope="session")
def apis(account: Account, stacks: Stacks) -> Apis:
    """Create APIs with stacks, and call them."""
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    return Apis(account, stacks)


@pytest.fixture(scope="session")
def echo_api(apis: Apis) -> str:
    """Create an API whose function returns its event (format 2.0); return its id."""
    return apis.create({**function(ECHO), **api("2.0", "$default", "ANY /items/{id}")})


@pytest.fixture(scope="session")
def lambdas(local_aws: LocalAws, account: Account) -> Lambdas:
    """Use Lambda in the shared local AWS; each test uses its own names."""
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    return Lambdas(local_aws, account)


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """Skip a test on a computer without TensorFlow."""
    if find_spec("tensorflow") is None:
        pytest.skip("needs the extra `tensorflow`")


@pytest.fixture(scope="session")
def saved_models(tensorflow: None, tmp_path_factory) -> Path:
    """Create tiny SavedModels; return their folder."""
    folder: Path = tmp_path_factory.mktemp("saved-models")
    make_saved_models(folder)
    return folder


@pytest.fixture(scope="session")
def model_server(saved_models, tmp_path_factory) -> Iterator[Server]:
    """Run the model server with them, without batching."""
    folder = tmp_path_factory.mktemp("model-server")
    with running_model_server(folder, model=saved_models / "model") as server:
        yield server
