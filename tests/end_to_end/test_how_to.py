"""The commands of the how-to guides that no other test runs, on generated samples."""

import pytest

from newsgroup_classifier.datasets.mnist import LABEL_NAMES as DIGITS
from newsgroup_classifier.datasets.uci_news import LABEL_NAMES as CATEGORIES
from tests.data_source import SAMPLE
from tests.documents import marked_commands, result_of, run_commands

THIS = "tests/end_to_end/test_how_to.py"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tensorflow():
    """Run the commands of the TensorFlow guide."""
    return run_commands(marked_commands("docs/how-to/tensorflow.md", THIS), SAMPLE)


@pytest.fixture(scope="module")
def lambda_function():
    """Run the commands of the Lambda guide."""
    return run_commands(marked_commands("docs/how-to/deploy-to-lambda.md", THIS), SAMPLE)


@pytest.fixture(scope="module")
def endpoint_api():
    """Run the commands of the guide to APIs in front of endpoints."""
    return run_commands(marked_commands("docs/how-to/endpoint-api.md", THIS), SAMPLE)


def test_endpoint_api_guide_deploys_an_api_that_a_second_deploy_keeps(endpoint_api):
    first, second = (result for line, result in endpoint_api.items() if line.startswith("deploy "))
    assert first["api_url"] == second["api_url"]
    assert len(result_of(endpoint_api, "invoke")["predictions"]) == 1
    deleted = result_of(endpoint_api, "delete")["deleted"]
    assert (deleted["stack"], deleted["endpoint"]) == (1, 1)


@pytest.fixture(scope="module")
def environments():
    """Run the commands of the guide to environments next to a release in the default stack."""
    named = "--recipe newsgroups-naive-bayes"
    release = ("setup", *(f"{name} {named}" for name in ("upload-data", "train --approve")))
    lines = marked_commands("docs/how-to/separate-environments.md", THIS)
    first = [*release, f"deploy {named}", f"invoke {named} --file docs/post.txt"]
    return run_commands([*first, *lines, f"invoke --file docs/post.txt {named}"], SAMPLE)


def test_environments_guide_deploys_next_to_the_default_stack_and_deletes_only_its_own(
    environments,
):
    default, staging = (
        [result for line, result in environments.items() if line.startswith(f"deploy {rest}")]
        for rest in ("--recipe newsgroups-naive-bayes", "--recipe newsgroups-naive-bayes --stack")
    )
    assert default[0]["endpoint_name"] == "newsgroups-naive-bayes-pipeline"
    assert [each["endpoint_name"] for each in staging] == [
        "staging--newsgroups-naive-bayes-pipeline"
    ] * 2
    deleted = result_of(environments, "delete")["deleted"]
    kinds = ("endpoint", "endpoint_config", "model", "stack")
    assert [deleted[kind] for kind in kinds] == [1, 2, 2, 1]  # the previous release, too
    before, after = (
        result_of(environments, line)
        for line in (
            "invoke --recipe newsgroups-naive-bayes --file",
            "invoke --file docs/post.txt --recipe newsgroups-naive-bayes",
        )
    )
    assert before == after


def test_tensorflow_guide_gets_the_same_prediction_from_both_endpoints_of_a_text_recipe(tensorflow):
    pipeline, single = (
        response["predictions"][0]
        for line, response in tensorflow.items()
        if line.startswith("invoke --recipe headlines-fast")
    )
    assert pipeline["label"] == single["label"]
    assert tuple(pipeline["probabilities"]) == CATEGORIES
    assert pipeline["probabilities"] == pytest.approx(single["probabilities"], rel=0, abs=1e-6)


def test_tensorflow_guide_gets_a_prediction_for_an_example_image(tensorflow):
    (prediction,) = result_of(tensorflow, "invoke --recipe digits-cnn")["predictions"]
    assert tuple(prediction["probabilities"]) == DIGITS
    assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_tensorflow_guide_deletes_both_endpoints(tensorflow):
    deleted = result_of(tensorflow, "delete --recipe headlines-fast")["deleted"]
    assert deleted["endpoint"] == 2
    assert result_of(tensorflow, "delete --recipe digits-cnn")["deleted"]["endpoint"] == 1


def test_lambda_guide_gets_the_same_prediction_from_the_api_and_the_function(lambda_function):
    api, direct = (
        response for line, response in lambda_function.items() if line.startswith("invoke")
    )
    assert api == direct
