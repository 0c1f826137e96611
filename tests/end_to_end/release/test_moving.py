"""Deploying again under load moves the endpoint to the new model, or leaves it as it was."""

import json
import re
import threading

import pytest

from local_aws.tests.account import archive, eventually
from tests.account_state import kinds_that_differ, state_of
from tests.end_to_end.posts import invoke
from tests.scripts.processes import RECIPE
from tests.scripts.releases import register_archive

pytestmark = pytest.mark.slow
ENDPOINT = "moving"
POST = "From: a\nSubject: b\nOrganization: c\nLines: 1\n\nbela mida kore raba dile kari more\n"


@pytest.fixture
def moving(small):
    """Deploy the release's model to another endpoint; delete the endpoint afterwards."""
    arn = small.train["model_package_arn"]
    deployed = small.scripts.run("deploy", "--endpoint-name", ENDPOINT, "--package", arn)
    assert deployed.code == 0, deployed.stderr
    yield deployed.result
    client = small.scripts.client("sagemaker")
    config = client.describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
    client.delete_endpoint(EndpointName=ENDPOINT)
    for name in {config, deployed.result["endpoint_config_name"]}:
        client.delete_endpoint_config(EndpointConfigName=name)
        client.delete_model(ModelName=name)
    eventually(lambda: ENDPOINT not in state_of(small.scripts)["endpoints"])


@pytest.fixture(scope="module")
def smoother(small):
    """Train and approve a model whose probabilities differ."""
    return small.scripts.run("train", "--set", "alpha=1", "--approve").result["model_package_arn"]


@pytest.fixture
def broken(small):
    """Register and approve a model without files; reject it afterwards."""
    uri = f"s3://{small.setup['bucket']}/nothing/model.tar.gz"
    small.scripts.put_object(uri, archive({}))
    arn = register_archive(small.scripts, RECIPE, uri, approved=False)
    assert small.scripts.run("approve", "--package", arn).code == 0
    yield arn
    assert small.scripts.run("approve", "--reject", "--package", arn).code == 0


def probability(small):
    answer = invoke(small, POST, "text/plain", EndpointName=ENDPOINT, Accept="application/json")
    return json.loads(answer["Body"].read())["predictions"][0]["probability"]


def deploy_under_load(small, *arguments):
    """Deploy while a client sends requests; return the ended command and the responses."""
    done = threading.Event()
    responses: list[float] = []
    errors: list[Exception] = []

    def invoke_repeatedly():
        while not done.is_set():
            try:
                responses.append(probability(small))
            except Exception as error:
                errors.append(error)

    client = threading.Thread(target=invoke_repeatedly)
    client.start()
    try:
        ended = small.scripts.run("deploy", "--endpoint-name", ENDPOINT, *arguments)
    finally:
        done.set()
        client.join()
    assert errors == []
    assert len(responses) > 5
    return ended, responses


def test_deploy_of_a_new_model_replaces_the_old_one_without_an_error(small, moving, smoother):
    before = probability(small)
    ended, responses = deploy_under_load(small, "--package", smoother)
    result = ended.result
    assert result["endpoint_name"] == ENDPOINT
    assert result["model_package_arn"] == smoother
    after = probability(small)
    assert after != pytest.approx(before)
    assert responses[0] == pytest.approx(before)
    # All responses of the old model come before those of the new one.
    old = sum(value == pytest.approx(before) for value in responses)
    assert responses == pytest.approx([before] * old + [after] * (len(responses) - old))
    state = state_of(small.scripts)
    for kind, name in (("models", "model_name"), ("endpoint_configs", "endpoint_config_name")):
        assert moving[name] in state[kind]  # the previous release, for `rollback`
        assert result[name] in state[kind]


def test_deploy_that_fails_removes_what_it_created_and_the_old_model_keeps_serving(
    small, moving, broken
):
    before, state = probability(small), state_of(small.scripts)
    ended, responses = deploy_under_load(small)  # the broken package is the newest approved one
    assert (ended.code, ended.stdout) == (1, "")
    lines = ended.stderr.splitlines()
    assert re.match(rf"error: endpoint {RECIPE}-\d+-\w+ could not be started: ", lines[-1])
    assert "container-2/opt/ml/model/serving" in lines[-1]
    assert "The release did not complete; removing what it created." in lines
    assert set(responses) == {before} == {probability(small)}
    assert kinds_that_differ(state, state_of(small.scripts)) <= {"endpoints"}
    endpoint = small.scripts.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] == moving["endpoint_config_name"]


def test_first_deploy_that_fails_leaves_nothing(small, broken):
    state = state_of(small.scripts)
    ended = small.scripts.run("deploy", "--endpoint-name", "never")
    assert ended.stderr.splitlines()[-1].startswith("error: endpoint never could not be started: ")
    after = state_of(small.scripts)
    after["endpoints"].pop("never", None)  # its deletion takes a moment
    assert kinds_that_differ(state, after) == set()
