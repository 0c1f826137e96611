"""A recipe that trains in Pipe mode, from the upload to the endpoint."""

import json

import pytest

from local_aws.testing import LocalAws
from tests.data_source import SAMPLE
from tests.end_to_end.posts import (
    InMemory,
    check_predictions,
    load_model,
    predictions,
    read_test_posts,
)
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release, make_release

PIPED = ("--input-mode", "Pipe", "--set", "epochs=3", "--no-report")


@pytest.fixture(scope="module")
def streamed(local_aws: LocalAws, own_region: str) -> Release:
    """Train on the generated sample in Pipe mode, and deploy."""
    scripts = Scripts(local_aws, own_region)
    return make_release(scripts, *SAMPLE, recipe="newsgroups-linear", train=PIPED)


@pytest.fixture(scope="module")
def in_memory(streamed: Release, tmp_path_factory: pytest.TempPathFactory) -> InMemory:
    return load_model(streamed, tmp_path_factory.mktemp("streamed"))


@pytest.mark.slow
def test_train_in_pipe_mode_reads_every_post_of_the_channels(streamed):
    job = streamed.training_job
    assert job["AlgorithmSpecification"]["TrainingInputMode"] == "Pipe"
    assert job["HyperParameters"]["reading"] == "stream"
    assert streamed.train["metrics"]["train_rows"] == 800
    assert streamed.train["metrics"]["accuracy"] > 0.8


@pytest.mark.slow
def test_endpoint_of_a_streamed_model_predicts_as_the_model_in_memory(streamed, in_memory):
    texts = [post.text for post in read_test_posts(streamed)][:60]
    answers = predictions(streamed, json.dumps({"instances": texts}), "application/json")
    check_predictions(answers, texts, in_memory)
