"""comments-mlp with a search inside the training job, from the upload to the endpoint."""

import json

import pytest

from local_aws.sagemaker.containers.images import find_image
from tests.documents import arguments_of, marked_commands
from tests.end_to_end.posts import check_predictions, invoke, load_model, predictions
from tests.scripts.processes import IMAGE, Scripts
from tests.scripts.releases import make_release

SEARCH = ("search=random", "candidates=3", "folds=2", "max_iter=20")
_TEXTS, _BATCH = 600, 100
COMMANDS = marked_commands(
    "docs/how-to/tune-hyperparameters.md", "tests/end_to_end/recipes/test_comments_search.py"
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def release(local_aws, own_region, data_source):
    """Upload, train with a search, approve and deploy."""
    overrides = [word for value in SEARCH for word in ("--set", value)]
    return make_release(
        Scripts(local_aws, own_region),
        *data_source.upload_flags,
        recipe="comments-mlp",
        train=(*overrides, "--checkpoints", "monday", "--no-report"),
    )


def test_tuning_guide_searches_the_grid_and_by_halving(local_aws, new_region):
    scripts = Scripts(local_aws, new_region())
    assert scripts.run("setup").code == 0
    upload, *searches = map(arguments_of, COMMANDS)
    assert scripts.run(*upload, "--generated-sample").code == 0
    short = ("--set", "max_iter=20")  # 200 would take a minute
    ended = [scripts.run(*words, *short) for words in searches]
    assert [each.code for each in ended] == [0, 0], ended
    assert "The best of 108 candidates" in ended[0].stderr
    assert "search round 2, 1 of 20: " in ended[1].stderr


@pytest.fixture(scope="module")
def model(release, tmp_path_factory):
    """Load the model that the job trained."""
    return load_model(release, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def texts(data_source):
    """Return comments from the test channel."""
    return list(data_source.load("reddit-comments").test["data"])[:_TEXTS]


def test_containers_without_a_stemmer_predict_as_the_model_in_memory(release, model, texts):
    distributions = find_image(IMAGE).distributions
    assert not {"snowballstemmer", "nltk"} & {name.lower() for name in distributions}
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        answers = predictions(release, json.dumps({"instances": batch}), "application/json")
        check_predictions(answers, batch, model)


def test_comment_of_punctuation_and_stop_words_is_scored_from_an_empty_row(release, model):
    (prediction,) = predictions(release, "?!... the of", "text/plain")
    assert prediction["label"] == model.labels([""])[0]
    assert invoke(release, "?!... the of", "text/plain")["ContentType"] == "application/json"


def test_train_shows_the_best_candidates_and_the_checkpoints_have_their_fits(release):
    lines = release.train_stderr.splitlines()
    start = next(at for at, line in enumerate(lines) if "The best of 3 candidates" in line)
    assert lines[start + 1].split()[:2] == ["rank", "activation"]
    best = dict(zip(lines[start + 1].split(), lines[start + 2].split(), strict=True))
    accuracy = pytest.approx(float(best["accuracy"]), abs=5e-5)
    assert release.train["metrics"]["validation_accuracy"] == accuracy
    job = release.training_job
    metrics = {one["MetricName"]: one["Value"] for one in job["FinalMetricDataList"]}
    assert metrics["validation:accuracy"] == accuracy
    fits = release.scripts.read_object(f"{job['CheckpointConfig']['S3Uri']}/search_fits.json")
    assert len(json.loads(fits)["fits"]) == 6
