"""comments-mlp goes the whole path: a search in the job, both containers, the same answers."""

import json

import numpy as np
import pytest

from local_aws.sagemaker.containers.images import find_image
from tests.documents import arguments_of, marked_commands
from tests.end_to_end.posts import invoke, load_model, predictions
from tests.scripts.processes import IMAGE, Scripts
from tests.scripts.releases import Release

RECIPE = ("--recipe", "comments-mlp")
SEARCH = ("search=random", "candidates=3", "folds=2", "max_iter=20")
_ASKED, _BATCH = 600, 100
COMMANDS = marked_commands(
    "docs/how-to/tune-hyperparameters.md", "tests/end_to_end/recipes/test_comments_search.py"
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def release(local_aws, own_region, data_source):
    """Upload, train with a search, approve and deploy, in a region of this file's own."""
    scripts = Scripts(local_aws, own_region)
    assert scripts.run("setup").code == 0
    uploaded = scripts.run("upload_data", *RECIPE, *data_source.upload_flags).result
    settings = [word for value in SEARCH for word in ("--set", value)]
    trained = scripts.run("train", *RECIPE, *settings, "--approve", "--checkpoints", "monday")
    assert trained.code == 0, trained.stderr
    deployed = scripts.run("deploy", *RECIPE).result
    return Release(scripts, {}, uploaded, trained.result, deployed), trained.stderr


def test_tuning_guide_searches_the_grid_and_by_halving(local_aws, new_region):
    scripts = Scripts(local_aws, new_region())
    assert scripts.run("setup").code == 0
    upload, *searches = map(arguments_of, COMMANDS)
    assert scripts.run(*upload, "--generated-sample").code == 0
    short = ("--set", "max_iter=20")  # 200 would take a minute
    found = [scripts.run(*words, *short) for words in searches]
    assert [ended.code for ended in found] == [0, 0], found
    assert "The best of 108 candidates" in found[0].stderr
    assert "search round 2, 1 of 20: " in found[1].stderr


@pytest.fixture(scope="module")
def model(release, tmp_path_factory):
    """Load what the job trained."""
    return load_model(release[0], tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def texts(data_source):
    """Return comments of the test channel."""
    return list(data_source.load("reddit-comments").test["data"])[:_ASKED]


def test_containers_without_a_stemmer_of_their_own_answer_as_the_model_in_memory(
    release, model, texts
):
    distributions = find_image(IMAGE).distributions
    assert not {"snowballstemmer", "nltk"} & {name.lower() for name in distributions}
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        found = predictions(release[0], json.dumps({"instances": batch}), "application/json")
        assert [each["label"] for each in found] == model.labels(batch)
        rows = [[each["probabilities"][name] for name in model.label_names] for each in found]
        assert np.abs(np.array(rows) - model.probabilities(batch)).max() <= 1e-6


def test_comments_of_nothing_but_punctuation_and_stop_words_are_scored_from_an_empty_row(
    release, model
):
    (found,) = predictions(release[0], "?!... the of", "text/plain")
    assert found["label"] == model.labels([""])[0]
    assert invoke(release[0], "?!... the of", "text/plain")["ContentType"] == "application/json"


def test_script_shows_the_best_candidates_and_the_job_kept_its_fits(release):
    lines = release[1].splitlines()
    start = next(at for at, line in enumerate(lines) if "The best of 3 candidates" in line)
    assert lines[start + 1].split()[:2] == ["rank", "activation"]
    best = dict(zip(lines[start + 1].split(), lines[start + 2].split(), strict=True))
    assert float(best["accuracy"]) == pytest.approx(
        release[0].train["metrics"]["validation_accuracy"], abs=5e-5
    )
    job = (
        release[0]
        .scripts.client("sagemaker")
        .describe_training_job(TrainingJobName=release[0].train["training_job_name"])
    )
    metrics = {one["MetricName"]: one["Value"] for one in job["FinalMetricDataList"]}
    assert metrics["validation:accuracy"] == pytest.approx(float(best["accuracy"]), abs=5e-5)
    bucket, _, prefix = job["CheckpointConfig"]["S3Uri"].removeprefix("s3://").partition("/")
    kept = (
        release[0].scripts.client("s3").get_object(Bucket=bucket, Key=f"{prefix}/search_fits.json")
    )
    assert len(json.loads(kept["Body"].read())["fits"]) == 6
