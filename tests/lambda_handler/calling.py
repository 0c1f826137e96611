"""Functions that call a handler with the events that AWS sends."""

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lambda_handler.handler import Handler

CONTEXT = SimpleNamespace(aws_request_id="lambda-request")
FOLDER = Path(__file__).with_name("events")


def stored(name: str) -> dict[str, Any]:
    """Return a stored event."""
    event: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return event


def http_event(version: str = "2", method: str = "POST", path: str = "/predict", **changes: Any):
    """Return the stored event of a payload version, changed to another route or other members."""
    event = copy.deepcopy(stored(f"http_{version}"))
    if version == "2":
        event["rawPath"] = path
        event["requestContext"]["http"] |= {"method": method, "path": path}
    else:
        event |= {"httpMethod": method, "path": path}
    headers = changes.pop("headers", None)
    stage = changes.pop("stage", None)
    if headers is not None:
        event["headers"] = headers
    if stage is not None:
        event["requestContext"]["stage"] = stage
    return event | changes


def answer(handler: Handler, event: Any) -> tuple[int, Any]:
    """Return the status and parsed body of the response to an HTTP event."""
    response = handler(event, CONTEXT)
    assert set(response) == {"statusCode", "headers", "body", "isBase64Encoded"}
    assert response["headers"]["content-type"] == "application/json"
    return response["statusCode"], json.loads(response["body"])


def refusal(handler: Handler, event: Any) -> tuple[int, str, str]:
    """Return the status, code and message of the error response to an event."""
    status, content = answer(handler, event)
    assert set(content) == {"error"}
    error = content["error"]
    assert set(error) == {"code", "message", "accepted", "request_id"}
    assert error["request_id"] == "lambda-request"
    return status, error["code"], error["message"]
