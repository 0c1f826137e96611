"""Each call logs one line of JSON: its outcome and metrics for CloudWatch, never the text."""

import json

import pytest
from jsonschema import Draft202012Validator

from lambda_handler.handler import Handler
from lambda_handler.model_store import ModelStore
from tests.lambda_handler.calling import CONTEXT, http_event

# The embedded metric format's schema, from its specification.
_METRIC = {
    "type": "object",
    "required": ["Name"],
    "properties": {
        "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
        "Unit": {"enum": ["Milliseconds", "Count"]},
    },
}
_DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "properties": {
        "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
        "Dimensions": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "minItems": 1, "maxItems": 30, "items": {"type": "string"}},
        },
        "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": _METRIC},
    },
}
EMF = Draft202012Validator(
    {
        "type": "object",
        "required": ["_aws"],
        "properties": {
            "_aws": {
                "type": "object",
                "required": ["Timestamp", "CloudWatchMetrics"],
                "properties": {
                    "Timestamp": {"type": "integer"},
                    "CloudWatchMetrics": {"type": "array", "items": _DIRECTIVE},
                },
            }
        },
    }
)
SECRET = "unspeakable"
EVENTS = {
    "predict": http_event(body=json.dumps({"text": SECRET})),
    "bad body": http_event(body=f'{{"{SECRET}": 1}}'),
    "bad route": http_event(path=f"/{SECRET}"),
    "bad method": http_event(method=SECRET.upper()),
    "bad type": http_event(headers={"content-type": SECRET}),
    "direct": {"text": SECRET},
    "warm-up": {"warmup": True},
}


def lines_of(capsys) -> list[dict]:
    """Return the parsed log lines."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("event", EVENTS)
def test_call_logs_one_line_without_the_text(handler, capsys, event):
    handler(EVENTS[event], CONTEXT)
    written = capsys.readouterr()
    assert written.err == ""
    assert written.out.count("\n") == 1
    assert SECRET not in written.out.lower()
    assert json.loads(written.out)["request_id"] == "lambda-request"


@pytest.mark.parametrize("event", EVENTS)
def test_log_line_is_in_the_embedded_metric_format(handler, capsys, event):
    handler(EVENTS[event], CONTEXT)
    (line,) = lines_of(capsys)
    EMF.validate(line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    for metric in directive["Metrics"]:
        assert isinstance(line[metric["Name"]], int | float)
    for dimension in directive["Dimensions"][0]:
        assert isinstance(line[dimension], str)


def test_log_line_of_a_prediction_has_its_outcome(handler, capsys):
    handler(http_event(body='["a", "b"]'), CONTEXT)
    handler(http_event(body='["a", "b"]'), CONTEXT)
    first, second = lines_of(capsys)
    for line in (first, second):
        assert line["route"] == "POST /predict"
        assert line["door"] == "http 2.0"
        assert line["status"] == 200
        assert line["texts"] == 2
        assert line["api_request_id"] == "api-request-2"
        assert line["recipe"] == "spooky-ngrams"
        assert line["function"] == "tiny-function"
        assert line["duration_ms"] > 0
        assert (line["client_errors"], line["faults"]) == (0, 0)
    assert (first["cold_start"], second["cold_start"]) == (1, 0)
    assert first["model_ms"] > 0
    assert "model_ms" not in second


def test_log_line_of_a_missing_model_has_the_reason(capsys):
    Handler(ModelStore({}), "none")(http_event(), CONTEXT)
    (line,) = lines_of(capsys)
    assert line["level"] == "ERROR"
    assert (line["status"], line["code"], line["faults"]) == (503, "ModelUnavailable", 1)
    assert line["reason"].startswith("MODEL_URI is not set")


def test_log_line_of_a_fault_has_its_place_but_not_its_message(capsys):
    class Broken:
        loaded = None

        def model(self):
            raise RuntimeError(SECRET)

    Handler(Broken(), "none")(http_event(), CONTEXT)
    written = capsys.readouterr().out
    line = json.loads(written)
    assert (line["status"], line["code"]) == (500, "InternalError")
    assert line["error"] == "RuntimeError"
    assert any("handler.py" in place for place in line["place"])
    assert SECRET not in written
