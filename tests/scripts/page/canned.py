"""Models with prepared answers, which the page cannot tell from others."""

import json
from collections.abc import Callable
from typing import Any

from scripts.page.deployments import Deployment

LABELS = {"right": 0.75, "wrong": 0.25}
TEXTS = Deployment(
    "endpoint", "texts", "http://127.0.0.1:9/texts", "InService", {"recipe": "text-linear"}
)
FUNCTION = Deployment(
    "function",
    "arn:aws:lambda:us-east-1:123456789012:function:texts:live",
    "http://127.0.0.1:9/predict",
    "InService",
    {"recipe": "text-linear"},
)
DIGITS = Deployment(
    "endpoint", "digits", "http://127.0.0.1:9/digits", "InService", {"recipe": "digits-cnn"}
)

HOSTILE = "<script>window.hacked = 1</script>' \" \\ $(id) `id` \u202e\u0007 \U0001f600 \u2028 end"
EXPLANATION = {
    "label": "right",
    "measure": "decision",
    "value": 1.5,
    "base": 0.1,
    "rest": 0.2,
    "words": [
        {"text": "<b>moon", "start": 4, "end": 11, "contribution": 1.25},
        {"text": "end", "start": 12, "end": 15, "contribution": -0.5},
    ],
}
OWN_IMAGES = Deployment(
    "endpoint",
    "own",
    "http://127.0.0.1:9/own",
    "InService",
    {"recipe": "digits-cnn", "data": "photos"},
)


def prediction(probabilities: dict[str, float] | None = None, **more: Any) -> dict[str, Any]:
    """Return a prediction as the endpoints write it."""
    values = probabilities or LABELS
    label = max(values, key=values.__getitem__)
    return {"label": label, "probability": values[label], "probabilities": values, **more}


class CannedDeployments:
    """Stands in for the endpoints of an environment.

    `answer` returns the predictions of a request, or raises the error of a model.
    """

    def __init__(self, *deployments: Deployment) -> None:
        self.deployments = list(deployments or (TEXTS,))
        self.requests: list[dict[str, Any]] = []
        self.models: list[str] = []  # of each request
        self.answer: Callable[[dict[str, Any]], list[Any]] = lambda request: [
            prediction() for _ in request["instances"]
        ]

    def find(self) -> list[Deployment]:
        """Return the models."""
        return self.deployments

    def predict(self, identity: str, body: bytes) -> bytes:
        """Record a request and answer it."""
        request = json.loads(body)
        self.requests.append(request)
        self.models.append(identity)
        return json.dumps({"predictions": self.answer(request)}).encode()
