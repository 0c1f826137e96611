"""Fixtures of chaos: a small release, a second model of it, and what both answer to every post."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.account import eventually, unique
from tests.chaos.load import Client, Known, known_answers
from tests.end_to_end.posts import load_model, read_test_posts
from tests.scripts.releases import Release, create_config, small_release

ROUGH, SMOOTH = "rough", "smooth"  # the two models: alpha 0.01 and alpha 1


@dataclass(frozen=True)
class Stage:
    """Two models of a release, their endpoint configurations and their known answers."""

    release: Release
    configs: dict[str, str]
    models: dict[str, Known]

    @property
    def sagemaker(self) -> Any:
        """The control plane of the release's region."""
        return self.release.scripts.client("sagemaker")

    @property
    def texts(self) -> int:
        """How many texts have a known answer."""
        return len(self.models[ROUGH].texts)

    def client(self, endpoint: str, *models: str) -> Client:
        """Return a client that knows the answers of some models (all of them, unless named)."""
        known = {name: self.models[name] for name in models or self.models}
        return Client(self.release.scripts.aws, endpoint, known)

    def settled(self, endpoint: str) -> dict[str, Any]:
        """Wait until an endpoint is neither Creating nor Updating; return its description."""

        def look() -> Any:
            found = self.sagemaker.describe_endpoint(EndpointName=endpoint)
            return found if not found["EndpointStatus"].endswith("ing") else None

        return dict(eventually(look))


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """Run a local AWS whose containers have a worker for each CPU of this machine."""
    with running_local_aws() as running:
        yield running


@pytest.fixture(scope="session")
def stage(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Train a second model beside the release's, and score every test post with both."""
    release = small_release(local_aws)
    texts = [post.text for post in read_test_posts(release)]
    smoother = release.scripts.run("train", "--set", "alpha=1").result
    configs, models = {}, {}
    for name, train in ((ROUGH, release.train), (SMOOTH, smoother)):
        folder = tmp_path_factory.mktemp(name)
        models[name] = known_answers(load_model(replace(release, train=train), folder), texts)
        configs[name] = unique("chaos")
        create_config(release, train["model_artifacts"], configs[name])
    return Stage(release, configs, models)


@pytest.fixture
def endpoint(stage: Stage) -> Iterator[str]:
    """Deploy the first model under a name of the test's own; delete it in the end."""
    name = unique("chaos")
    stage.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=stage.configs[ROUGH])
    assert stage.settled(name)["EndpointStatus"] == "InService"
    yield name
    stage.settled(name)
    stage.sagemaker.delete_endpoint(EndpointName=name)
