"""Requests for explanations that are invalid or too large are refused with what to do."""

import io
import json

import pytest
from falcon import HTTPError
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from inference_pipeline import encode_texts, predict, preprocess
from inference_pipeline.content_types import FEATURES
from inference_pipeline.explained import Explained, read_line, split_line
from inference_pipeline.feature_rows import write_features
from inference_pipeline.images import read_images
from inference_pipeline.tensorflow_serving.handlers import Handlers
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.explanations.words import MOST_TEXTS
from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.text.encoders import WordSequences
from tests.inference_pipeline.explaining.asking import JSON, asked
from tests.inference_pipeline.tensorflow_artifact import HEADLINES, context, write_artifact

MODEL_INPUTS = "application/x-model-inputs+json"
PROBABILITIES = "application/x-probabilities+json"


@pytest.mark.parametrize(
    ("texts", "count", "message"),
    [
        (["a"], 0, '"explain" is 0; expected an integer from 1'),
        (["a"], "5", '"explain" is a string; expected an integer'),
        (["a"], True, '"explain" is a boolean; expected an integer'),
        (["a"], None, '"explain" is null; expected an integer'),
        (["a"] * (MOST_TEXTS + 1), 5, 'the request has 11 texts; with "explain", expected at most'),
        (["a " * 10_000] * 10, 5, "(words + 1) x characters of the texts add up to 40,200,000; w"),
    ],
)
def test_bad_request_for_explanations_is_refused_at_every_endpoint(
    served, handlers, monkeypatch, texts, count, message
):
    monkeypatch.setattr("inference_pipeline.explained.without_each", None)  # nothing is built
    response = served.answer(asked(texts, count), JSON)
    assert response.status_code == 400
    assert json.loads(response.get_data())["error"]["message"].startswith(message)
    rejection = encode_texts.input_fn(asked(texts, count), JSON)
    assert (rejection.status, rejection.code) == (400, "InvalidInput")
    assert rejection.message.startswith(message)
    with pytest.raises(HTTPError) as caught:
        handlers.input_handler(io.BytesIO(asked(texts, count).encode()), context(JSON))
    assert json.loads(str(caught.value))["error"]["message"].startswith(message)


@pytest.fixture(scope="module")
def handlers(tmp_path_factory):
    return Handlers(write_artifact(tmp_path_factory.mktemp("model") / "model", "ngrams"))


def test_features_of_words_over_the_limit_are_refused_before_all_are_there(monkeypatch):
    """A dense row of 3,000 features has 24 KB: with two of four texts, 246 do not fit."""
    pipeline = make_pipeline(
        HashingVectorizer(n_features=3000), FunctionTransformer(csr_matrix.toarray)
    )
    pipeline.explanations_ = "probability"
    asked_for = []
    monkeypatch.setattr(
        pipeline[0], "transform", spy(pipeline[0].transform, asked_for), raising=False
    )
    request = preprocess.input_fn(asked(["a " * 120] * 4), JSON)
    rejection = preprocess.predict_fn(request, pipeline)
    check_too_large(rejection, texts=4, size=5_904_000, fitting=213)
    assert [len(texts) for texts in asked_for] == [4, 121, 121]


def check_too_large(rejection, texts, size, fitting):
    assert (rejection.status, rejection.code) == (413, "PayloadTooLarge")
    assert rejection.message == (
        f"the features of these {texts} texts take {size} bytes or more; at most 5242880 bytes "
        f'pass between containers. With "explain", each word takes a row: about {fitting} words '
        "fit. Send fewer texts, or parts of them."
    )


def spy(function, calls):
    def recorded(argument):
        calls.append(argument)
        return function(argument)

    return recorded


def test_model_inputs_of_words_over_the_limit_are_refused_with_the_words_that_fit():
    encoder = WordSequences(50, 3000, pad="back").fit(HEADLINES)
    request = encode_texts.input_fn(asked(["flu " * 200] * 5), JSON)
    rejection = encode_texts.predict_fn(request, encoder)
    check_too_large(rejection, texts=5, size=6_060_000, fitting=865)


def test_explanations_in_csv_are_refused(served):
    response = served.answer(asked(served.posts[:1]), JSON, "text/csv")
    message = json.loads(response.get_data())["error"]["message"]
    assert message.startswith("CSV has no columns for the requested extras")


def test_explanations_of_images_are_refused_with_a_sentence():
    with pytest.raises(RequestError, match='"explain" works with texts only, and this recipe'):
        read_images(b'{"instances": [], "explain": 5}', JSON)


@given(st.binary(max_size=60))
@settings(max_examples=200)
def test_line_of_any_bytes_is_read_or_refused(content):
    line, rest = split_line(b"EXPLAIN1" + content)
    assert line + rest == b"EXPLAIN1" + content
    try:
        read_line(line)
    except RequestError as error:
        assert str(error).startswith("the features are malformed: ")


def test_rows_that_do_not_fit_the_line_are_refused(served):
    line = Explained(5, "decision", ["a"], [3]).line()
    rows = feature_matrix(served.transformers.transform(["a"]))
    features = predict.input_fn(line + write_features(rows), FEATURES)
    rejection = predict.predict_fn(features, served.classifier)
    assert rejection.message == "there are 1 rows; expected 5"
