"""Deploying again: the endpoint moves to the new model under load, or stays where it was."""

import json
import threading

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.registry import package_call
from tests.end_to_end.release.watched import eventually
from tests.scripts.account_state import kinds_that_differ, state_of
from tests.scripts.processes import IMAGES, RECIPE

ENDPOINT = "moving"
POST = "From: a\nSubject: b\nOrganization: c\nLines: 1\n\nbela mida kore raba dile kari more\n"


@pytest.fixture
def moving(small):
    """Deploy the release's model under a name of its own; delete what is left in the end."""
    arn = small.train["model_package_arn"]
    deployed = small.scripts.run("deploy", "--endpoint-name", ENDPOINT, "--package", arn)
    assert deployed.code == 0, deployed.stderr
    yield deployed.result
    client = small.scripts.client("sagemaker")
    config = client.describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
    client.delete_endpoint(EndpointName=ENDPOINT)
    client.delete_endpoint_config(EndpointConfigName=config)
    client.delete_model(ModelName=config)
    assert eventually(lambda: ENDPOINT not in state_of(small.scripts)["endpoints"])


@pytest.fixture(scope="module")
def smoother(small):
    """Train and approve a model whose probabilities differ."""
    return small.scripts.run("train", "--set", "alpha=1", "--approve").result["model_package_arn"]


@pytest.fixture
def broken(small):
    """Register and approve a model of which there are no files; reject it in the end."""
    uri = f"s3://{small.setup['bucket']}/nothing/model.tar.gz"
    call = package_call(RECIPES[RECIPE], IMAGES, uri, approved=False)
    arn = small.scripts.client("sagemaker").create_model_package(**call.parameters)[
        "ModelPackageArn"
    ]
    assert small.scripts.run("approve", "--package", arn).code == 0
    yield arn
    assert small.scripts.run("approve", "--reject", "--package", arn).code == 0


def probability(small):
    answer = small.scripts.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=ENDPOINT, Body=POST, ContentType="text/plain", Accept="application/json"
    )
    return json.loads(answer["Body"].read())["predictions"][0]["probability"]


def deploy_under_load(small, *arguments):
    """Deploy while a client invokes all the time; return the end, and what the client got."""
    done = threading.Event()
    got: list[float] = []
    errors: list[Exception] = []

    def invoke_on_and_on():
        while not done.is_set():
            try:
                got.append(probability(small))
            except Exception as error:
                errors.append(error)

    client = threading.Thread(target=invoke_on_and_on)
    client.start()
    try:
        ended = small.scripts.run("deploy", "--endpoint-name", ENDPOINT, *arguments)
    finally:
        done.set()
        client.join()
    assert errors == []
    assert len(got) > 5
    return ended, got


def test_a_new_model_takes_over_without_an_error_and_the_old_one_is_gone(small, moving, smoother):
    before = probability(small)
    ended, got = deploy_under_load(small, "--package", smoother)
    result = ended.result
    assert result["endpoint_name"] == ENDPOINT
    assert result["model_package_arn"] == smoother
    after = probability(small)
    assert after != pytest.approx(before)
    assert got[0] == pytest.approx(before)
    # Every answer is the one model's or the other's, and there is no way back.
    old = sum(value == pytest.approx(before) for value in got)
    assert got == pytest.approx([before] * old + [after] * (len(got) - old))
    state = state_of(small.scripts)
    for kind, name in (("models", "model_name"), ("endpoint_configs", "endpoint_config_name")):
        assert moving[name] not in state[kind]
        assert result[name] in state[kind]


@pytest.mark.slow
def test_a_release_that_fails_removes_what_it_made_and_the_old_one_serves_on(small, moving, broken):
    before, state = probability(small), state_of(small.scripts)
    ended, got = deploy_under_load(small)  # the broken package is the newest approved one
    assert (ended.code, ended.stdout) == (1, "")
    lines = ended.stderr.splitlines()
    assert lines[-1].startswith(f"error: endpoint {ENDPOINT} could not be started: ")
    assert "nothing/model.tar.gz" in lines[-1]
    assert "The release failed; removing what it created." in lines
    assert set(got) == {before} == {probability(small)}
    assert kinds_that_differ(state, state_of(small.scripts)) <= {"endpoints"}
    endpoint = small.scripts.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] == moving["endpoint_config_name"]


def test_a_first_release_that_fails_leaves_nothing(small, broken):
    state = state_of(small.scripts)
    ended = small.scripts.run("deploy", "--endpoint-name", "never")
    assert ended.stderr.splitlines()[-1].startswith("error: endpoint never could not be started: ")
    after = state_of(small.scripts)
    after["endpoints"].pop("never", None)  # its deletion takes a moment
    assert kinds_that_differ(state, after) == set()
