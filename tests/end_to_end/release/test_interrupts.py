"""Ctrl-C stops or removes what a command has started in the account."""

import pytest

from local_aws.tests.account import eventually
from tests.account_state import kinds_that_differ, state_of
from tests.end_to_end.release.watched import Watched
from tests.scripts.processes import RECIPE


@pytest.fixture
def run(small, tmp_path):
    """Return a function that starts a command, to interrupt it."""

    def start(script, *arguments):
        temporary = tmp_path / "tmp"
        temporary.mkdir()
        recipe = ["--recipe", RECIPE]
        return Watched(temporary, script, *recipe, *arguments, **small.scripts.environment)

    return start


def test_interrupted_train_stops_its_job_and_registers_nothing(small, run):
    before = state_of(small.scripts)
    watched = run("train")
    watched.wait_for(": Training\n")
    watched.stop()
    assert watched.leaves_nothing()
    after = state_of(small.scripts)
    (job,) = set(after["training_jobs"]) - set(before["training_jobs"])
    assert f"Training job {job} is being stopped." in watched.stderr
    client = small.scripts.client("sagemaker")
    eventually(
        lambda: client.describe_training_job(TrainingJobName=job)["TrainingJobStatus"] == "Stopped"
    )
    assert after["model_packages"] == before["model_packages"]


@pytest.mark.slow
def test_interrupted_first_deploy_removes_all_it_created(small, run):
    before = state_of(small.scripts)
    watched = run("deploy", "--endpoint-name", "interrupted")
    watched.wait_for("Endpoint interrupted: Creating")
    watched.stop()
    assert "The release did not complete; removing what it created." in watched.stderr
    # The service deletes the endpoint some time after the call.
    eventually(lambda: kinds_that_differ(before, state_of(small.scripts)) == set())


@pytest.mark.slow
def test_interrupted_update_leaves_an_endpoint_that_serves(small, run):
    named = ("--endpoint-name", "updated")
    first = small.scripts.run("deploy", *named).result
    client = small.scripts.client("sagemaker")
    watched = run("deploy", *named)
    watched.wait_for("Endpoint updated: Updating")
    assert watched.interrupt() == 130
    endpoint = client.describe_endpoint(EndpointName="updated")
    assert endpoint["EndpointStatus"] == "InService"
    config = endpoint["EndpointConfigName"]
    assert config in state_of(small.scripts)["models"]
    assert config in state_of(small.scripts)["endpoint_configs"]
    assert "AWS cannot cancel the update of endpoint updated; waiting until" in watched.stderr
    if config != first["endpoint_config_name"]:
        assert "already serves the new model, which is kept." in watched.stderr
        planned = small.scripts.run("rollback", *named, "--dry-run").result["calls"]
        assert planned[-1]["parameters"]["EndpointConfigName"] == first["endpoint_config_name"]
    client.delete_endpoint(EndpointName="updated")
    for name in {config, first["endpoint_config_name"]}:
        client.delete_endpoint_config(EndpointConfigName=name)
        client.delete_model(ModelName=name)
    eventually(lambda: "updated" not in state_of(small.scripts)["endpoints"])
