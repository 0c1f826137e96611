"""Every event source gets the same predictions: HTTP payloads 2.0 and 1.0, and direct calls."""

import base64
import json

import pytest

from tests.lambda_handler.calling import CONTEXT, answer, http_event, stored

POE = "the raven of eap"
PLAIN = {"content-type": "text/plain"}


@pytest.mark.parametrize("event", ["http_2", "http_1"])
def test_predict_with_a_stored_event_returns_one_prediction(handler, event):
    status, content = answer(handler, stored(event))
    assert status == 200
    (prediction,) = content["predictions"]
    assert set(prediction) == {"label", "probability", "probabilities"}
    assert prediction["probability"] == prediction["probabilities"][prediction["label"]]
    assert prediction["probability"] == max(prediction["probabilities"].values())


@pytest.mark.parametrize("version", ["2", "1"])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"text": POE}), "application/json"),
        (json.dumps({"instances": [POE]}), "application/json; charset=utf-8"),
        (json.dumps([POE]), "APPLICATION/JSON"),
        (json.dumps({"text": POE}), ""),
        (POE, "text/plain"),
        (POE, 'Text/Plain; charset="UTF-8"'),
    ],
)
def test_predict_returns_the_same_for_every_form_of_a_text(handler, version, body, content_type):
    expected = handler({"text": POE}, CONTEXT)
    event = http_event(version, body=body, headers={"Content-Type": content_type})
    assert answer(handler, event) == (200, expected)
    encoded = base64.b64encode(body.encode()).decode()
    event |= {"body": encoded, "isBase64Encoded": True}
    assert answer(handler, event) == (200, expected)


def test_predict_with_a_hundred_texts_keeps_their_order(handler):
    texts = [f"{'hpl ' * (index % 3 + 1)}mws" for index in range(100)]
    several = handler({"instances": texts}, CONTEXT)["predictions"]
    assert several == [handler({"text": text}, CONTEXT)["predictions"][0] for text in texts]


def test_predict_accepts_header_names_in_any_case(handler):
    event = http_event("1", body=POE, headers={"CONTENT-TYPE": "text/plain"})
    assert answer(handler, event)[0] == 200


@pytest.mark.parametrize("version", ["2", "1"])
def test_stage_name_before_the_path_is_not_part_of_the_route(handler, version):
    event = http_event(version, "GET", "/prod/health", stage="prod")
    assert answer(handler, event)[0] == 200


def test_stage_name_that_is_not_in_the_path_is_ignored(handler):
    assert answer(handler, http_event("2", "GET", "/health", stage="prod"))[0] == 200


def test_stage_with_the_name_of_a_route_does_not_hide_the_route(handler):
    assert answer(handler, http_event("2", stage="predict"))[0] == 200
    assert answer(handler, http_event("2", path="/predict/predict", stage="predict"))[0] == 200


def test_health_names_the_model(handler, model_file):
    status, content = answer(handler, http_event("2", "GET", "/health", body=None))
    assert status == 200
    about = {"recipe": "spooky-ngrams", "sha256": model_file.sha256}
    assert content == {"status": "ok", "model": about | {"label_names": ["EAP", "HPL", "MWS"]}}


@pytest.mark.parametrize(
    "event",
    [{"warmup": True}, stored("scheduled"), stored("scheduled") | {"source": "aws.scheduler"}],
)
def test_warm_up_event_loads_the_model_and_returns_its_health(handler, event):
    assert handler(event, CONTEXT)["status"] == "ok"


@pytest.mark.parametrize(
    "event", [None, 5, "text", [], {}, {"warmup": 1}, {"text": 5}, {"text": ""}]
)
def test_invalid_direct_event_returns_the_error_object(handler, event):
    error = handler(event, CONTEXT)["error"]
    assert error["code"] == "InvalidInput"
    assert error["request_id"] == "lambda-request"


def test_direct_event_may_be_a_list_of_texts(handler):
    assert len(handler([POE, POE], CONTEXT)["predictions"]) == 2
