"""top and neighbors: what a JSON request may ask for, and how every other one is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline import encode_texts, predict
from inference_pipeline.asked import Asked
from inference_pipeline.texts import read_request, read_texts
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.estimators.steady_neighbors import SteadyNeighbors
from newsgroup_classifier.recommender import Classifier, Posts

JSON = "application/json"


def body(**asked):
    return json.dumps({"instances": ["a text"]} | asked)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, Asked()),
        ({"top": 3}, Asked(3, 0)),
        ({"neighbors": 5}, Asked(0, 5)),
        ({"neighbors": 5, "top": 1}, Asked(1, 5)),
    ],
)
def test_read_request_gives_what_is_asked_for(asked, expected):
    request = read_request(body(**asked), JSON)
    assert (request.texts, request.asked) == (["a text"], expected)


@pytest.mark.parametrize("name", ["top", "neighbors"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "is 0; expected a whole number from 1"),
        (-1, "is -1; expected"),
        (2**31, "is 2147483648; expected"),
        (1.5, "is a number; expected"),
        (True, "is a boolean; expected"),
        ("3", "is a text; expected"),
        (None, "is null; expected"),
        ([1], "is a list; expected"),
    ],
)
def test_read_request_refuses_a_count_that_is_none(name, value, said):
    with pytest.raises(RequestError) as caught:
        read_request(body(**{name: value}), JSON)
    assert str(caught.value).startswith(f'"{name}" {said}')


def test_read_request_of_asks_without_instances_names_the_keys():
    with pytest.raises(RequestError, match="has the keys 'top'; expected \"instances\", and"):
        read_request('{"top": 3}', JSON)


def test_read_request_of_json_lines_says_where_asks_belong():
    with pytest.raises(RequestError) as caught:
        read_request(body(top=3), "application/jsonlines")
    assert str(caught.value) == (
        'item 0 is an object; expected a text; "top" may stand in application/json alone, beside '
        '"instances"'
    )


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)))
@settings(max_examples=100)
def test_read_request_of_any_count_reads_or_refuses_it(value):
    try:
        request = read_request(body(top=value), JSON)
    except RequestError as error:
        assert str(error).startswith('"top" is ')
    else:
        assert request.asked == Asked(value, 0)


@pytest.mark.parametrize("name", ["top", "neighbors"])
def test_recipes_of_tensorflow_refuse_what_they_do_not_answer(name):
    with pytest.raises(RequestError, match=f'"{name}" is answered by recipes of scikit-learn'):
        read_texts(body(**{name: 1}), JSON)
    rejection = encode_texts.input_fn(body(**{name: 1}), JSON)
    assert (rejection.status, rejection.code) == (400, "InvalidInput")


def ask(served, accept="*/*", **asked):
    return served.answer(json.dumps({"instances": served.posts[:2]} | asked), JSON, accept)


def test_top_of_any_recipe_gives_the_likeliest_labels_in_order(served):
    for answer in json.loads(ask(served, top=4)[0])["predictions"]:
        expected = sorted(answer["probabilities"].items(), key=lambda item: -item[1])[:4]
        assert [(each["label"], each["probability"]) for each in answer["top"]] == expected
        assert answer["top"][0]["label"] == answer["label"]
        assert "neighbors" not in answer


def test_top_is_answered_in_json_lines_too(served):
    content, _ = ask(served, "application/jsonlines", top=1)
    assert [len(json.loads(line)["top"]) for line in content.splitlines()] == [1, 1]


@pytest.mark.parametrize(
    ("accept", "asked", "said"),
    [
        ("*/*", {"top": 21}, "top is 21; expected 1 to 20, the model's labels"),
        ("*/*", {"neighbors": 1}, "this model keeps no posts to be neighbors; a recipe such as"),
        ("text/csv", {"top": 1}, "what was asked for beside predictions is not answered as text"),
    ],
)
def test_what_a_model_cannot_answer_is_refused_with_400(served, accept, asked, said):
    response = ask(served, accept, **asked)
    assert response.status_code == 400
    assert json.loads(response.get_data())["error"]["message"].startswith(said)


@pytest.mark.parametrize(
    ("texts", "count", "length"), [(3000, 500, 1), (100, 500, 2000)], ids=["many", "long"]
)
def test_nearest_posts_that_no_container_sends_are_refused_before_they_fill_the_memory(
    texts, count, length, traced_memory
):
    known = np.eye(500)
    posts = Posts(("x" * length,) * 500, (0,) * 250 + (1,) * 250)
    model = Classifier(SteadyNeighbors().fit(known, posts.labels), ("a", "b"), posts)
    features = predict.Features(np.resize(known, (texts, 500)), Asked(neighbors=count))
    refused = predict.predict_fn(features, model)
    assert (refused.status, refused.code) == (413, "PayloadTooLarge")
    assert refused.message.endswith("Ask for fewer neighbors, or send fewer texts in one request.")
    assert traced_memory() < 150e6  # of which 64 are distances; the posts took a gigabyte


def test_answer_that_no_container_sends_is_refused_with_413():
    posts = [{"label": "a", "distance": 0.0, "text": "x" * 3_000_000}] * 2
    one = predict.Prediction("a", {"a": 1.0}, {"neighbors": posts})
    response = predict.output_fn([one], "*/*")
    error = json.loads(response.get_data())["error"]
    assert (response.status_code, error["code"]) == (413, "PayloadTooLarge")
    assert error["message"].endswith("Ask for fewer neighbors, or send fewer texts in one request.")
