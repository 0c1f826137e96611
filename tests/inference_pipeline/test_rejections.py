"""A rejection passes every function of a container untouched and leaves in one JSON shape."""

import json
import logging
import uuid

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from inference_pipeline import predict, preprocess
from inference_pipeline.responses import Rejection, check_count
from inference_pipeline.stages import reject
from inference_pipeline.texts import Request
from newsgroup_classifier.errors import (
    NotAcceptable,
    PayloadTooLarge,
    RequestError,
    UnsupportedMediaType,
)

REJECTION = Rejection(400, "InvalidInput", "the body is empty; expected at least one text")
SECRET = "private text of the client"


class BrokenModel:
    """A model whose error quotes the client's text, as errors of libraries do."""

    def transform(self, texts):
        raise ValueError(f"could not convert {texts[0]}")


def error_of(response):
    return json.loads(response.get_data())["error"]


@pytest.mark.parametrize("stage", [preprocess, predict])
def test_predict_fn_returns_a_rejection_unchanged(stage):
    assert stage.predict_fn(REJECTION, None) is REJECTION


@pytest.mark.parametrize("stage", [preprocess, predict])
def test_output_fn_returns_a_rejection_with_its_status(stage):
    response = stage.output_fn(REJECTION, "text/csv")
    assert (response.status_code, response.mimetype) == (400, "application/json")
    assert error_of(response)["message"] == REJECTION.message


def test_input_fn_of_a_bad_request_returns_a_rejection():
    assert preprocess.input_fn("", "text/plain") == REJECTION


def test_rejection_passes_all_functions_of_both_stages(served):
    carried = preprocess.predict_fn(preprocess.input_fn("", "text/plain"), served.transformers)
    carried = predict.predict_fn(predict.input_fn(carried, "any/type"), served.classifier)
    assert carried == REJECTION
    assert predict.output_fn(carried, "*/*").status_code == 400


def test_rejection_response_has_code_message_accepted_and_request_id():
    error = error_of(preprocess.output_fn(REJECTION, "*/*"))
    assert list(error) == ["code", "message", "accepted", "request_id"]
    assert (error["code"], error["message"]) == (REJECTION.code, REJECTION.message)
    assert error["accepted"] == {
        "content_types": ["text/plain", "text/csv", "application/json", "application/jsonlines"],
        "accept": ["application/json", "application/jsonlines", "text/csv"],
    }
    assert str(uuid.UUID(error["request_id"])) == error["request_id"]


def test_each_rejection_response_has_its_own_request_id():
    first, second = (error_of(REJECTION.response())["request_id"] for _ in range(2))
    assert first != second


def test_rejection_response_is_logged_with_its_request_id_but_not_its_message(caplog):
    with caplog.at_level(logging.WARNING):
        error = error_of(REJECTION.response())
    assert caplog.messages == [f"request {error['request_id']}: 400 InvalidInput"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RequestError("reason"), 400, "InvalidInput"),
        (UnsupportedMediaType("reason"), 415, "UnsupportedMediaType"),
        (NotAcceptable("reason"), 406, "UnsupportedMediaType"),
        (PayloadTooLarge("reason"), 413, "PayloadTooLarge"),
    ],
)
def test_rejection_for_an_error_has_its_status_code_and_reason(error, status, code):
    assert reject(error) == Rejection(status, code, "reason")


@pytest.mark.observes("stages-fault")
def test_internal_error_returns_500_without_reason_or_traceback(served):
    carried = preprocess.predict_fn(Request([SECRET]), BrokenModel())
    response = preprocess.output_fn(carried, "*/*")
    error = error_of(response)
    assert response.status_code == 500
    assert (error["code"], error["message"]) == ("InternalError", "the request could not be served")
    body = response.get_data(as_text=True)
    assert SECRET not in body
    assert "Traceback" not in body
    assert "ValueError" not in body


def test_internal_error_is_logged_with_its_place_but_not_the_text_of_the_client(caplog):
    with caplog.at_level(logging.INFO):
        preprocess.output_fn(preprocess.predict_fn(Request([SECRET]), BrokenModel()), "*/*")
    assert "ValueError in a stage:" in caplog.text
    assert "in transform" in caplog.text
    assert SECRET not in caplog.text


def test_internal_error_of_output_fn_returns_500(caplog):
    response = predict.output_fn([None], "application/json")
    assert (response.status_code, error_of(response)["code"]) == (500, "InternalError")


@pytest.mark.observes("stages-handover")
def test_features_over_five_megabytes_are_refused(served):
    vocabulary = served.transformers[-1].get_feature_names_out()
    text = "\n\n\n\n\n" + " ".join(vocabulary)
    count = 5 * 1024 * 1024 // (12 * len(vocabulary)) + 1
    response = served.features(json.dumps([text] * count), "application/json")
    error = error_of(response)
    assert (response.status_code, error["code"]) == (413, "PayloadTooLarge")
    assert error["message"].startswith(f"the features of these {count} texts take ")
    assert "at most 5242880 bytes pass between containers. Send fewer texts" in error["message"]


class Dense:
    """A model with 300 features per text, which remembers how many texts it transformed."""

    def __init__(self):
        self.counts = []

    def transform(self, texts):
        self.counts.append(len(texts))
        return np.zeros((len(texts), 300))


def test_too_many_texts_for_dense_features_are_refused_before_they_fill_the_memory():
    model = Dense()
    assert isinstance(preprocess.predict_fn(Request(["a"] * 1_001), model), bytes)
    rejection = preprocess.predict_fn(Request(["a"] * 100_000), model)
    assert (rejection.status, rejection.code) == (413, "PayloadTooLarge")
    assert rejection.message.endswith("Send at most 2184 texts per request.")
    assert model.counts == [1, 1_001, 1]


def test_features_under_five_megabytes_are_passed_on(served):
    vocabulary = served.transformers[-1].get_feature_names_out()
    text = "\n\n\n\n\n" + " ".join(vocabulary)
    count = 5 * 1024 * 1024 // (13 * len(vocabulary))
    features, content_type = served.features(json.dumps([text] * count), "application/json")
    assert content_type == "application/x-sparse-rows"
    assert len(features) <= 5 * 1024 * 1024


@pytest.mark.observes("stages-many")
def test_more_texts_than_a_worker_has_memory_for_are_refused_before_they_are_classified(served):
    rows = csr_matrix((250_000, served.classifier.estimator.n_features_in_))
    rejection = predict.predict_fn(predict.Features(rows), served.classifier)
    assert (rejection.status, rejection.code) == (413, "PayloadTooLarge")
    assert rejection.message.startswith("the probabilities of these 250,000 texts take more than ")
    check_count(200_000, served.classifier.label_names)


def test_model_fn_of_a_folder_without_an_artifact_names_the_missing_file(tmp_path):
    for stage in (preprocess, predict):
        with pytest.raises(Exception, match=r"manifest\.json is missing"):
            stage.model_fn(str(tmp_path))
