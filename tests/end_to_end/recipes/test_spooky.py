"""A Spooky recipe goes the whole path: channels, a preset, a job, both containers, one file."""

import io
import tarfile

import pytest

from lambda_handler.model import load_model
from local_aws.testing import LocalAws
from newsgroup_classifier.artifacts import LAMBDA_MODEL
from newsgroup_classifier.datasets.spooky import generate_spooky
from tests.scripts.processes import Ended, Scripts

RECIPE = ("--recipe", "spooky-topic-forest")
SENTENCE = generate_spooky().test["data"][0]


@pytest.fixture(scope="module")
def scripts(local_aws: LocalAws, own_region: str) -> Scripts:
    """Point the scripts at a region of this file's own, with a foundation and the sample."""
    found = Scripts(local_aws, own_region)
    assert found.run("setup").code == 0
    uploaded = found.run("upload_data", *RECIPE, "--generated-sample").result
    assert set(uploaded["channels"]) == {"train", "test", "lexicon"}
    assert uploaded["data"] == "generated sample"
    return found


@pytest.fixture(scope="module")
def job(scripts: Scripts) -> Ended:
    """Train with a preset and one value changed, and approve."""
    return scripts.run("train", *RECIPE, "--setting", "tutorial", "--set", "trees=7", "--approve")


def test_job_of_a_preset_gets_its_values_and_the_changed_one(scripts, job):
    client = scripts.client("sagemaker")
    sent = client.describe_training_job(TrainingJobName=job.result["training_job_name"])
    given = sent["HyperParameters"]
    assert {
        name: given[name]
        for name in ("n_components", "stop_words", "learning_method", "n_estimators")
    } == {
        "n_components": "50",
        "stop_words": "english",
        "learning_method": "online",
        "n_estimators": "7",
    }
    assert [channel["ChannelName"] for channel in sent["InputDataConfig"]] == [
        "train",
        "test",
        "lexicon",
    ]


@pytest.mark.slow
def test_endpoint_answers_as_the_model_file_of_the_job_does(scripts, job, tmp_path):
    bucket, _, key = job.result["model_artifacts"].removeprefix("s3://").partition("/")
    archive = scripts.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = next(m for m in tar if m.name.removeprefix("./") == LAMBDA_MODEL)
        (tmp_path / "model.npz").write_bytes(tar.extractfile(member).read())
    model = load_model(tmp_path / "model.npz")
    expected = model.predict_proba([SENTENCE])[0]
    assert scripts.run("deploy", *RECIPE).code == 0
    (prediction,) = scripts.run("invoke", *RECIPE, SENTENCE).result["predictions"]
    assert list(prediction["probabilities"].values()) == pytest.approx(expected, abs=1e-6)
    assert prediction["label"] == model.label_names[expected.argmax()]


def test_train_with_an_unknown_preset_names_the_known_ones(scripts):
    error = scripts.run("train", *RECIPE, "--setting", "best").error
    assert error == "recipe spooky-topic-forest has no preset 'best' (known: tuned, tutorial)"


def test_train_without_the_lexicon_says_how_to_upload_it(scripts, local_aws, new_region):
    other = Scripts(local_aws, new_region())
    assert other.run("setup").code == 0
    assert other.run("upload_data", "--recipe", "spooky-ngrams", "--generated-sample").code == 0
    error = other.run("train", *RECIPE).error
    assert "data/spooky/lexicon/lexicon.json.gz is missing" in error
    assert error.endswith("python -m scripts.upload_data --recipe spooky-topic-forest")
