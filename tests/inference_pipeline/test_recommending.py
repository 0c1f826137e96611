"""Both stages return the same recommendations as the recommender in memory."""

import json

import pytest

from inference_pipeline import predict, preprocess
from newsgroup_classifier import recommender
from newsgroup_classifier.datasets.subreddits import generate_subreddits
from newsgroup_classifier.training.arguments import parse_args
from newsgroup_classifier.training.scikit_learn.saving import save
from tests.newsgroup_classifier.conftest import ROOT
from tests.newsgroup_classifier.datasets.subreddits import SMALL, trained

DATASET = generate_subreddits()
TEXTS = [*DATASET.test["data"][:5], "XQZT!", "Don't; 'quote' me"]


@pytest.fixture(scope="module", params=SMALL)
def folder(request, tmp_path_factory):
    """Return the artifact of each recipe for posts."""
    artifact = tmp_path_factory.mktemp("model")
    environ = {"SM_MODEL_DIR": str(artifact), "SM_OUTPUT_DATA_DIR": str(artifact / "out")}
    arguments = parse_args(["--recipe", request.param], environ)
    save(trained(request.param, DATASET), arguments, ROOT, {})
    return artifact


def send(folder, **options):
    """Return the response of both stages to a request with options."""
    body = json.dumps({"instances": TEXTS} | options)
    request = preprocess.input_fn(body, "application/json")
    rows = preprocess.predict_fn(request, preprocess.model_fn(str(folder)))
    features = predict.input_fn(*preprocess.output_fn(rows, "*/*"))
    return predict.output_fn(predict.predict_fn(features, predict.model_fn(str(folder))), "*/*")


def test_stages_return_the_same_labels_and_posts_as_the_model_in_memory(folder):
    loaded = recommender.load_recommender(folder)
    has_posts = loaded.classifier.posts is not None
    body, _ = send(folder, top=3, **({"neighbors": 2} if has_posts else {}))
    predictions = json.loads(body)["predictions"]
    labels = [[tuple(item.values()) for item in each["top"]] for each in predictions]
    expected = recommender.predict(loaded, TEXTS, top=3)
    assert labels == [[(item.label, item.probability) for item in row] for row in expected]
    if has_posts:
        posts = [[tuple(item.values()) for item in each["neighbors"]] for each in predictions]
        expected = recommender.neighbors(loaded, TEXTS, count=2)
        assert posts == [
            [(item.label, item.distance, item.text) for item in row] for row in expected
        ]


def test_stages_return_400_for_more_neighbors_than_the_model_has_posts(folder):
    has_posts = recommender.load_recommender(folder).classifier.posts is not None
    response = send(folder, neighbors=281 if has_posts else 1)
    message = json.loads(response.get_data())["error"]["message"]
    assert response.status_code == 400
    assert message.startswith("neighbors is 281;" if has_posts else "this model has no posts")
