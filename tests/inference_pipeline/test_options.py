"""JSON requests may have the options top and neighbors; invalid values are refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline import encode_texts, predict
from inference_pipeline.bodies import RequestOptions
from inference_pipeline.texts import read_request, read_texts
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.estimators.steady_neighbors import SteadyNeighbors
from newsgroup_classifier.recommender import Classifier, Posts

JSON = "application/json"


def body(**options):
    return json.dumps({"instances": ["a text"]} | options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, RequestOptions()),
        ({"top": 3}, RequestOptions(3, 0)),
        ({"neighbors": 5}, RequestOptions(0, 5)),
        ({"neighbors": 5, "top": 1}, RequestOptions(1, 5)),
        ({"top": 3.0, "explain": 1e2}, RequestOptions(3, 0, 100)),
    ],
)
def test_read_request_returns_the_options(options, expected):
    request = read_request(body(**options), JSON)
    assert (request.texts, request.options) == (["a text"], expected)


@pytest.mark.parametrize("name", ["top", "neighbors"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "is 0; expected an integer from 1 to 2147483647"),
        (-1, "is -1; expected"),
        (2**31, "is 2147483648; expected"),
        (1.5, "is a number; expected"),
        (0.0, "is 0; expected"),
        (1e10, "is 10000000000; expected"),
        (True, "is a boolean; expected"),
        ("3", "is a string; expected"),
        (None, "is null; expected"),
        ([1], "is a list; expected"),
    ],
)
def test_read_request_refuses_an_invalid_count(name, value, message):
    with pytest.raises(RequestError) as caught:
        read_request(body(**{name: value}), JSON)
    assert str(caught.value).startswith(f'"{name}" {message}')


def test_read_request_with_options_but_no_instances_names_the_keys():
    with pytest.raises(RequestError, match="has the keys 'top'; expected \"instances\", and"):
        read_request('{"top": 3}', JSON)


def test_read_request_of_json_lines_with_options_is_refused():
    with pytest.raises(RequestError, match="item 0 is an object; expected a string"):
        read_request(body(top=3), "application/jsonlines")


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)))
@settings(max_examples=100)
def test_read_request_reads_or_refuses_any_count(value):
    try:
        request = read_request(body(top=value), JSON)
    except RequestError as error:
        assert str(error).startswith('"top" is ')
    else:
        assert request.options == RequestOptions(value, 0)


@pytest.mark.parametrize("name", ["top", "neighbors"])
def test_tensorflow_recipes_refuse_options(name):
    with pytest.raises(RequestError, match=f'"{name}" works with scikit-learn recipes only'):
        read_texts(body(**{name: 1}), JSON)
    rejection = encode_texts.input_fn(body(**{name: 1}), JSON)
    assert (rejection.status, rejection.code) == (400, "InvalidInput")


def send(served, accept="*/*", **options):
    return served.answer(json.dumps({"instances": served.posts[:2]} | options), JSON, accept)


def test_top_returns_the_most_likely_labels_in_order(served):
    for answer in json.loads(send(served, top=4)[0])["predictions"]:
        expected = sorted(answer["probabilities"].items(), key=lambda item: -item[1])[:4]
        assert [(each["label"], each["probability"]) for each in answer["top"]] == expected
        assert answer["top"][0]["label"] == answer["label"]
        assert "neighbors" not in answer


def test_top_works_with_json_lines_responses(served):
    content, _ = send(served, "application/jsonlines", top=1)
    assert [len(json.loads(line)["top"]) for line in content.splitlines()] == [1, 1]


@pytest.mark.parametrize(
    ("accept", "options", "message"),
    [
        ("*/*", {"top": 21}, "top is 21; expected 1 to 20 labels"),
        ("*/*", {"neighbors": 1}, "this model has no posts for neighbors; use a recipe such as"),
        ("text/csv", {"top": 1}, "CSV has no columns for the requested extras; expected an Accept"),
    ],
)
def test_option_that_a_model_does_not_support_is_refused_with_400(served, accept, options, message):
    response = send(served, accept, **options)
    assert response.status_code == 400
    assert json.loads(response.get_data())["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    ("texts", "count", "length"), [(3000, 500, 1), (100, 500, 2000)], ids=["many", "long"]
)
def test_nearest_posts_over_the_size_limit_are_refused_before_they_fill_the_memory(
    texts, count, length, traced_memory
):
    known = np.eye(500)
    posts = Posts(("x" * length,) * 500, (0,) * 250 + (1,) * 250)
    model = Classifier(SteadyNeighbors().fit(known, posts.labels), ("a", "b"), posts)
    features = predict.Features(np.resize(known, (texts, 500)), RequestOptions(neighbors=count))
    rejection = predict.predict_fn(features, model)
    assert (rejection.status, rejection.code) == (413, "PayloadTooLarge")
    assert rejection.message.endswith("per request, or request fewer neighbors.")
    assert traced_memory() < 150e6  # distances take 64 MB; all posts would take a gigabyte


def test_response_over_the_size_limit_is_refused_with_413():
    posts = [{"label": "a", "distance": 0.0, "text": "x" * 3_000_000}] * 2
    one = predict.Prediction("a", {"a": 1.0}, {"neighbors": posts})
    response = predict.output_fn([one], "*/*")
    error = json.loads(response.get_data())["error"]
    assert (response.status_code, error["code"]) == (413, "PayloadTooLarge")
    assert error["message"].endswith(
        "fewer neighbors or words, or send fewer texts in one request."
    )
