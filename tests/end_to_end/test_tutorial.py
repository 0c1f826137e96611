"""The commands of the tutorial, on the real data of DATASETS_DIR or on generated samples."""

import pytest

from tests.documents import marked_commands, result_of, run_commands

COMMANDS = marked_commands("docs/tutorial.md", "tests/end_to_end/test_tutorial.py")
pytestmark = pytest.mark.slow  # test_demo and the tests of releases run the same commands


@pytest.fixture(scope="module")
def results(data_source):
    """Run every command of the tutorial."""
    return run_commands(COMMANDS, data_source.upload_flags)


def test_tutorial_uploads_both_channels(results):
    uploaded = result_of(results, "upload-data --recipe newsgroups-naive-bayes")
    assert set(uploaded["channels"]) == {"train", "test"}


def test_tutorial_deploys_its_model_to_an_endpoint(results):
    trained = result_of(results, "train --recipe newsgroups-naive-bayes")
    for line in ("approve", "deploy --recipe newsgroups-naive-bayes"):
        assert result_of(results, line)["model_package_arn"] == trained["model_package_arn"]


def test_tutorial_gets_a_prediction_for_its_post(results, data_source):
    (prediction,) = result_of(results, "invoke --recipe newsgroups-naive-bayes")["predictions"]
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)
    if data_source.real:
        assert prediction["label"] == "rec.autos"


def test_tutorial_scores_every_post_of_its_file(results):
    assert result_of(results, "transform")["records"] == 3


def test_tutorial_deploys_its_model_to_lambda(results):
    deployed = result_of(results, "deploy --recipe spooky-ngrams")
    trained = result_of(results, "train --recipe spooky-ngrams")
    assert {"stack_name", "function_name", "api_url"} <= set(deployed)
    assert deployed["model_package_arn"] == trained["model_package_arn"]


def test_tutorial_gets_the_same_response_from_invoke_and_from_curl(results):
    response = result_of(results, "invoke --recipe spooky-ngrams")
    (prediction,) = response["predictions"]
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)
    if any(line.startswith("curl") for line in results):
        assert result_of(results, "curl") == response


def test_tutorial_deletes_everything_that_it_created(results):
    assert result_of(results, "delete --recipe spooky-ngrams")["deleted"]["stack"] == 1
    deleted = result_of(results, "delete --recipe newsgroups-naive-bayes")["deleted"]
    assert deleted["endpoint"] == deleted["model"] == deleted["stack"] == 1
