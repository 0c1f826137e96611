"""Handlers in front of an endpoint that answers in this process."""

import io
import json
from typing import Any

from lambda_handler.endpoint.invocation import EndpointHandler
from lambda_handler.events import predictions_body
from lambda_handler.model import Model

ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "tiny-function",
    "ENDPOINT_NAME": "tiny-pipeline",
    "RECIPE": "spooky-ngrams",
    "MODEL_SHA256": "0" * 64,
}


class ModelClient:
    """Answers like the endpoint of a model, and records the requests."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.requests: list[dict[str, Any]] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        """Return the predictions of the texts in a body."""
        self.requests.append(request)
        asked = json.loads(request["Body"])
        texts, count = asked["instances"], asked.get("explain")
        probabilities = self._model.predict_proba(texts)
        content = predictions_body(self._model.label_names, probabilities)
        if count:
            found = self._model.explain(texts, probabilities.argmax(axis=1).tolist(), count)
            for one, explanation in zip(content["predictions"], found, strict=True):
                one["explanation"] = explanation.as_dict(one["label"])
        return {"Body": io.BytesIO(json.dumps(content).encode())}


class FixedClient:
    """Answers with the same body, or raises the same errors in order."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self._answers = list(answers)
        self.calls = 0

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        """Return or raise the next answer."""
        self.calls += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"Body": io.BytesIO(answer)}


def handler_of(client: Any) -> EndpointHandler:
    """Return a handler with a client."""
    return EndpointHandler(client, ENVIRONMENT)
