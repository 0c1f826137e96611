"""A recipe that trains from pipes, from the command line to the answers of its endpoint."""

import json

import numpy as np
import pytest

from local_aws.testing import LocalAws
from tests.end_to_end.posts import InMemory, invoke, load_model, read_test_posts
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release

NAMED = ("--recipe", "newsgroups-linear")
PIPED = ("--input-mode", "Pipe", "--set", "epochs=3")


@pytest.fixture(scope="module")
def streamed(local_aws: LocalAws, own_region: str) -> Release:
    """Train on the generated sample through pipes, and deploy."""
    scripts = Scripts(local_aws, own_region)
    return Release(
        scripts=scripts,
        setup=scripts.run("setup").result,
        upload_data=scripts.run("upload_data", *NAMED, "--generated-sample").result,
        train=scripts.run("train", *NAMED, *PIPED, "--approve").result,
        deploy=scripts.run("deploy", *NAMED).result,
    )


@pytest.fixture(scope="module")
def in_memory(streamed: Release, tmp_path_factory: pytest.TempPathFactory) -> InMemory:
    return load_model(streamed, tmp_path_factory.mktemp("streamed"))


@pytest.mark.slow
def test_train_in_pipe_mode_reads_every_post_of_the_channels(streamed):
    job = streamed.scripts.client("sagemaker").describe_training_job(
        TrainingJobName=streamed.train["training_job_name"]
    )
    assert job["AlgorithmSpecification"]["TrainingInputMode"] == "Pipe"
    assert job["HyperParameters"]["reading"] == "stream"
    assert streamed.train["metrics"]["train_rows"] == 800
    assert streamed.train["metrics"]["accuracy"] > 0.8


@pytest.mark.slow
def test_endpoint_of_a_streamed_model_answers_as_the_model_in_memory(streamed, in_memory):
    texts = [post.text for post in read_test_posts(streamed)][:60]
    answer = invoke(streamed, json.dumps({"instances": texts}), "application/json")
    found = json.loads(answer["Body"].read())["predictions"]
    assert [item["label"] for item in found] == in_memory.labels(texts)
    rows = [[item["probabilities"][name] for name in in_memory.label_names] for item in found]
    assert np.abs(np.array(rows) - in_memory.probabilities(texts)).max() < 1e-6
