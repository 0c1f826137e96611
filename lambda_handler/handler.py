"""The entry point of the Lambda function: load the model once, and predict with it.

    lambda_handler.handler.handler

It accepts events of an HTTP API (payload 2.0 and 1.0), direct invocations with `{"text": "..."}` or
`{"instances": ["...", ...]}`, and warm-up events. If MODEL_URI is set, importing this module loads
the model, so that the cold start includes it and the first request does not.
"""

import os
from typing import Any

from lambda_handler.calls import CallHandler, Line, has_page, write_line
from lambda_handler.errors import ModelError
from lambda_handler.events import predictions_body
from lambda_handler.model_store import ModelStore
from lambda_handler.texts import Texts


class Handler(CallHandler):
    """Handles events with the model of a store."""

    def __init__(self, store: ModelStore, function: str, page: bool = True) -> None:
        super().__init__(function, page)
        self._store = store

    def classify(self, request: Texts, line: Line) -> dict[str, Any]:
        """Return the predictions of the model."""
        model = self._store.model()
        probabilities = model.predict_proba(request.texts)
        body = predictions_body(model.label_names, probabilities)
        if request.explain:
            columns = probabilities.argmax(axis=1).tolist()
            explanations = model.explain(request.texts, columns, request.explain)
            for one, explanation in zip(body["predictions"], explanations, strict=True):
                one["explanation"] = explanation.as_dict(one["label"])
        return body

    def describe(self, line: Line) -> dict[str, Any]:
        """Return the description of the model, which is loaded if it is not."""
        model = self._store.model()
        return {
            "recipe": model.recipe,
            "sha256": self._store.sha256,
            "label_names": list(model.label_names),
        }

    def model_fields(self, cold: bool) -> Line:
        """Return the recipe of the model and, in the first call, how long loading it took."""
        model = self._store.loaded
        fields: Line = {"recipe": model.recipe if model else "none"}
        if cold and model:
            fields |= {
                "model_ms": round(self._store.seconds * 1000, 3),
                "model": self._store.source,
            }
            if model.warning:
                fields["warning"] = model.warning
        return fields


def _start() -> Handler:
    """Return the handler of this process, with its model if that is available."""
    store = ModelStore(os.environ)
    if os.environ.get("MODEL_URI"):
        try:
            store.model()
        except ModelError as error:
            # Otherwise Lambda restarts the process again and again. Responses have the reason.
            write_line({"level": "ERROR", "code": error.code, "reason": str(error)})
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "none")
    return Handler(store, function, has_page(os.environ))


handler = _start()
