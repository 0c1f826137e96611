"""Compare a request without `explain` with code that has no explanations, and with `explain`.

Everything runs in this process: both stages of an endpoint, and the handler of the function.
"""

import json
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

from benchmarks.account import trained
from benchmarks.measure import ratio, row
from benchmarks.serving.functions import POSTS_RECIPE
from inference_pipeline import predict, preprocess
from inference_pipeline.content_types import FEATURES, JSON
from inference_pipeline.feature_rows import read_features, write_features
from lambda_handler.events import predictions_body
from lambda_handler.handler import Handler
from lambda_handler.model import Model, load_model
from lambda_handler.texts import read_texts
from newsgroup_classifier import artifacts
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.feature_matrix import feature_matrix

_WORDS = 5
_CHARACTERS = range(900, 1500)  # of the post, around the median of all posts
_REPEATS = 61


@dataclass(frozen=True)
class _Endpoint:
    """Both stages of an endpoint, with the models that they load."""

    transformers: Any
    classifier: Any

    def answer(self, body: bytes) -> bytes:
        """Return the response to a request."""
        request = preprocess.input_fn(body, JSON)
        features = preprocess.predict_fn(request, self.transformers)
        return self._write(predict.input_fn(features, FEATURES))

    def answer_without(self, body: bytes) -> bytes:
        """Return the response to a request as if there were no explanations."""
        request = preprocess.input_fn(body, JSON)
        rows = feature_matrix(self.transformers.transform(request.texts))
        features = write_features(rows, request.options)
        return self._write(predict.Features(*read_features(features)))

    def _write(self, features: Any) -> bytes:
        predictions = predict.predict_fn(features, self.classifier)
        return bytes(predict.output_fn(predictions, JSON)[0], "utf-8")


@dataclass(frozen=True)
class _Function:
    """The handler of the function, and its model."""

    handler: Handler
    model: Model

    def answer(self, body: bytes) -> bytes:
        """Return the predictions of a request."""
        return json.dumps(self.handler.classify(read_texts(body, JSON), {})).encode()

    def answer_without(self, body: bytes) -> bytes:
        """Return the predictions of a request as if there were no explanations."""
        probabilities = self.model.predict_proba(read_texts(body, JSON).texts)
        return json.dumps(predictions_body(self.model.label_names, probabilities)).encode()


def rows() -> list[dict[str, Any]]:
    """Return two rows for the endpoint, and two for the function."""
    dataset = load_newsgroups()
    post = next(text for text in dataset.test["data"] if len(text) in _CHARACTERS)
    plain, explained = (
        json.dumps({"instances": [post], **more}).encode() for more in ({}, {"explain": _WORDS})
    )
    with trained(POSTS_RECIPE) as made:
        folder = made.unpack_model()
        endpoint = _Endpoint(preprocess.model_fn(str(folder)), predict.model_fn(str(folder)))
        model = load_model((folder / artifacts.LAMBDA_MODEL).read_bytes())
    store: Any = SimpleNamespace(model=lambda: model)
    function = _Function(Handler(store, "benchmark"), model)
    results = []
    for where, side in (("endpoint", endpoint), ("function", function)):
        answer, without = side.answer, side.answer_without
        if answer(plain) != without(plain):
            raise AssertionError(f"the {where} gives other answers if it can explain them")
        what = f"{where}: one post, {{}}, in one process"
        pairs = (
            ("without `explain`", "the same code without explanations", without, plain),
            ("without `explain`", f'"explain": {_WORDS}', answer, explained),
        )
        for ours, theirs, other, body in pairs:
            taken = ratio(partial(answer, plain), partial(other, body), _REPEATS)
            results.append(row(what.format(ours), theirs, dataset.source, taken))
    return results
