"""Fixtures of load tests: a release, a second model, and the predictions of both models."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.account import eventually, unique
from tests.chaos.load import Client, Known, known_predictions
from tests.end_to_end.posts import load_model, read_test_posts
from tests.scripts.releases import Release, create_model, small_release

ROUGH, SMOOTH = "rough", "smooth"  # the two models: alpha 0.01 and alpha 1


@dataclass(frozen=True)
class Stage:
    """Two models of a release, their endpoint configurations and their known predictions."""

    release: Release
    configs: dict[str, str]
    models: dict[str, Known]

    @property
    def sagemaker(self) -> Any:
        """The control plane of the release's region."""
        return self.release.scripts.client("sagemaker")

    @property
    def texts(self) -> int:
        """The number of texts with known predictions."""
        return len(self.models[ROUGH].texts)

    def client(self, endpoint: str, *models: str) -> Client:
        """Return a client that knows the predictions of the named models, or of all models."""
        known = {name: self.models[name] for name in models or self.models}
        return Client(self.release.scripts.aws, endpoint, known)

    def settled(self, endpoint: str) -> dict[str, Any]:
        """Wait until an endpoint is neither Creating nor Updating; return its description."""

        def check() -> Any:
            description = self.sagemaker.describe_endpoint(EndpointName=endpoint)
            return None if description["EndpointStatus"].endswith("ing") else description

        return dict(eventually(check))


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """Run a local AWS whose containers have one worker per CPU of this machine."""
    with running_local_aws() as running:
        yield running


@pytest.fixture(scope="session")
def stage(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Train a second model, and score every test post with it and the release's model."""
    release = small_release(local_aws)
    texts = [post.text for post in read_test_posts(release)]
    smoother = release.scripts.run("train", "--set", "alpha=1", "--no-report").result
    configs, models = {}, {}
    for name, train in ((ROUGH, release.train), (SMOOTH, smoother)):
        folder = tmp_path_factory.mktemp(name)
        models[name] = known_predictions(load_model(replace(release, train=train), folder), texts)
        configs[name] = unique("chaos")
        create_model(release, configs[name], train["model_artifacts"])
    return Stage(release, configs, models)


@pytest.fixture
def endpoint(stage: Stage) -> Iterator[str]:
    """Deploy the first model to a new endpoint; delete the endpoint afterwards."""
    name = unique("chaos")
    stage.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=stage.configs[ROUGH])
    assert stage.settled(name)["EndpointStatus"] == "InService"
    yield name
    stage.settled(name)
    stage.sagemaker.delete_endpoint(EndpointName=name)
