"""Short ways to call a handler with the events that AWS sends."""

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
    """Return the stored event of a payload version, for another route or with other members."""
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
    """Return status and parsed body of an HTTP event's answer."""
    found = handler(event, CONTEXT)
    assert set(found) == {"statusCode", "headers", "body", "isBase64Encoded"}
    assert found["headers"]["content-type"] == "application/json"
    return found["statusCode"], json.loads(found["body"])


def refusal(handler: Handler, event: Any) -> tuple[int, str, str]:
    """Return status, code and message of an event that is refused, in the one error shape."""
    status, content = answer(handler, event)
    assert set(content) == {"error"}
    error = content["error"]
    assert set(error) == {"code", "message", "accepted", "request_id"}
    assert error["request_id"] == "lambda-request"
    return status, error["code"], error["message"]
