"""Both stages say of posts what the recommender says in memory, by dense and by sparse rows."""

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
    """Return the artifact of each recipe of posts."""
    found = tmp_path_factory.mktemp("model")
    environ = {"SM_MODEL_DIR": str(found), "SM_OUTPUT_DATA_DIR": str(found / "out")}
    arguments = parse_args(["--recipe", request.param], environ)
    save(trained(request.param, DATASET), arguments, ROOT, {})
    return found


def ask(folder, **asked):
    """Return the answer of both stages, as their containers give it."""
    body = json.dumps({"instances": TEXTS} | asked)
    request = preprocess.input_fn(body, "application/json")
    handed = preprocess.predict_fn(request, preprocess.model_fn(str(folder)))
    features = predict.input_fn(*preprocess.output_fn(handed, "*/*"))
    return predict.output_fn(predict.predict_fn(features, predict.model_fn(str(folder))), "*/*")


def test_stages_give_the_labels_probabilities_and_posts_of_the_model_in_memory(folder):
    loaded = recommender.load_recommender(folder)
    keeps = loaded.classifier.posts is not None
    answer, _ = ask(folder, top=3, **({"neighbors": 2} if keeps else {}))
    predictions = json.loads(answer)["predictions"]
    found = [[tuple(item.values()) for item in each["top"]] for each in predictions]
    expected = recommender.predict(loaded, TEXTS, top=3)
    assert found == [[(item.label, item.probability) for item in row] for row in expected]
    if keeps:
        near = [[tuple(item.values()) for item in each["neighbors"]] for each in predictions]
        expected = recommender.neighbors(loaded, TEXTS, count=2)
        assert near == [
            [(item.label, item.distance, item.text) for item in row] for row in expected
        ]


def test_stages_asked_for_posts_that_a_model_has_not_answer_400(folder):
    keeps = recommender.load_recommender(folder).classifier.posts is not None
    response = ask(folder, neighbors=281 if keeps else 1)
    message = json.loads(response.get_data())["error"]["message"]
    assert response.status_code == 400
    assert message.startswith("neighbors is 281;" if keeps else "this model keeps no posts")
