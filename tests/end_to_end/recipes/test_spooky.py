"""A Spooky recipe from the upload to the endpoint, with a lexicon and a preset."""

import pytest

from lambda_handler.model import load_model
from newsgroup_classifier.artifacts import LAMBDA_MODEL
from newsgroup_classifier.datasets.spooky import generate_spooky
from tests.data_source import SAMPLE
from tests.end_to_end.posts import unpack_model
from tests.scripts.processes import Ended, Scripts

RECIPE = ("--recipe", "spooky-topic-forest")
SENTENCE = generate_spooky().test["data"][0]


@pytest.fixture(scope="module")
def scripts(scripts: Scripts) -> Scripts:
    """Upload the generated sample."""
    uploaded = scripts.run("upload_data", *RECIPE, *SAMPLE).result
    assert set(uploaded["channels"]) == {"train", "test", "lexicon"}
    assert uploaded["data"] == "generated sample"
    return scripts


@pytest.fixture(scope="module")
def trained(scripts: Scripts) -> Ended:
    """Train with a preset and one override, and approve."""
    return scripts.run(
        "train", *RECIPE, "--preset", "tutorial", "--set", "n_estimators=7", "--approve"
    )


@pytest.mark.slow
def test_job_of_a_preset_gets_its_values_and_the_override(scripts, trained):
    client = scripts.client("sagemaker")
    job = client.describe_training_job(TrainingJobName=trained.result["training_job_name"])
    expected = {
        "n_components": "50",
        "stop_words": "english",
        "learning_method": "online",
        "n_estimators": "7",
    }
    assert expected.items() <= job["HyperParameters"].items()
    channels = [channel["ChannelName"] for channel in job["InputDataConfig"]]
    assert channels == ["train", "test", "lexicon"]


@pytest.mark.slow
def test_endpoint_predicts_as_the_model_file_for_lambda(scripts, trained, tmp_path):
    file = unpack_model(scripts, trained.result, tmp_path) / LAMBDA_MODEL
    model = load_model(file.read_bytes())
    expected = model.predict_proba([SENTENCE])[0]
    assert scripts.run("deploy", *RECIPE).code == 0
    (prediction,) = scripts.run("invoke", *RECIPE, SENTENCE).result["predictions"]
    assert list(prediction["probabilities"].values()) == pytest.approx(expected, abs=1e-6)
    assert prediction["label"] == model.label_names[expected.argmax()]


@pytest.mark.slow
def test_train_with_an_unknown_preset_names_the_known_ones(scripts):
    error = scripts.run("train", *RECIPE, "--preset", "best").error
    assert error == "recipe spooky-topic-forest has no preset 'best' (known: tuned, tutorial)"


@pytest.mark.slow
def test_train_without_the_lexicon_names_the_upload_as_the_remedy(scripts, local_aws, new_region):
    other = Scripts(local_aws, new_region())
    assert other.run("setup").code == 0
    assert other.run("upload_data", "--recipe", "spooky-ngrams", *SAMPLE).code == 0
    error = other.run("train", *RECIPE).error
    assert "the lexicon channel is missing under s3://" in error
    assert error.endswith("python -m scripts.upload_data --recipe spooky-topic-forest")
