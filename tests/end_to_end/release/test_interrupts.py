"""Ctrl-C in the middle of a script: what it began in the account is stopped or removed."""

import pytest

from tests.end_to_end.release.watched import Watched, eventually
from tests.scripts.account_state import kinds_that_differ, state_of
from tests.scripts.processes import RECIPE


@pytest.fixture
def run(small, tmp_path):
    """Start a script that will be interrupted."""

    def start(script, *arguments):
        temporary = tmp_path / "tmp"
        temporary.mkdir()
        recipe = ["--recipe", RECIPE]
        return Watched(temporary, script, *recipe, *arguments, **small.scripts.environment)

    return start


def test_an_interrupted_training_stops_its_job_and_registers_nothing(small, run):
    before = state_of(small.scripts)
    watched = run("train")
    watched.wait_for(": Training\n")
    assert watched.interrupt() == 130
    assert watched.stderr.splitlines()[-1] == "stopped"
    assert watched.leaves_nothing()
    after = state_of(small.scripts)
    (job,) = set(after["training_jobs"]) - set(before["training_jobs"])
    assert f"Training job {job} is being stopped." in watched.stderr
    client = small.scripts.client("sagemaker")
    assert eventually(
        lambda: client.describe_training_job(TrainingJobName=job)["TrainingJobStatus"] == "Stopped"
    )
    assert after["model_packages"] == before["model_packages"]


def test_an_interrupted_first_release_is_removed_whole(small, run):
    before = state_of(small.scripts)
    watched = run("deploy", "--endpoint-name", "interrupted")
    watched.wait_for("Endpoint interrupted: Creating")
    assert watched.interrupt() == 130
    assert watched.stderr.splitlines()[-1] == "stopped"
    assert "The release failed; removing what it created." in watched.stderr
    # The endpoint is deleted last by the service, after the call.
    assert eventually(lambda: kinds_that_differ(before, state_of(small.scripts)) == set())


@pytest.mark.slow
def test_an_interrupted_move_leaves_an_endpoint_that_serves(small, run):
    named = ("--endpoint-name", "interrupted-move")
    first = small.scripts.run("deploy", *named).result
    client = small.scripts.client("sagemaker")
    watched = run("deploy", *named)
    watched.wait_for("Endpoint interrupted-move: Updating")
    assert watched.interrupt() == 130
    found = client.describe_endpoint(EndpointName="interrupted-move")
    assert found["EndpointStatus"] == "InService"
    config = found["EndpointConfigName"]
    assert config in state_of(small.scripts)["models"]
    assert config in state_of(small.scripts)["endpoint_configs"]
    if config != first["endpoint_config_name"]:
        assert "already serves the new model, which is kept." in watched.stderr
    client.delete_endpoint(EndpointName="interrupted-move")
    for name in {config, first["endpoint_config_name"]}:
        client.delete_endpoint_config(EndpointConfigName=name)
        client.delete_model(ModelName=name)
    assert eventually(lambda: "interrupted-move" not in state_of(small.scripts)["endpoints"])
