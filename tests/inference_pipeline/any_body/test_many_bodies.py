"""Ten thousand generated bodies per server: no fault, no hang, and no growth of the memory."""

import base64
import contextlib
import gc
import hashlib
import io
import json
import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import falcon
import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from inference_pipeline import encode_texts
from inference_pipeline.content_types import IMAGE_TYPES, JSON, NPY, PNG, REQUEST_TYPES, media_type
from inference_pipeline.tensorflow_serving.handlers import Handlers
from lambda_handler.handler import Handler
from lambda_handler.model_store import ModelStore
from lambda_handler.texts import REQUEST_TYPES as LAMBDA_TYPES
from newsgroup_classifier import artifacts
from tests.inference_pipeline.any_body.generated import requests
from tests.inference_pipeline.images.image_files import npy, png
from tests.inference_pipeline.tensorflow_artifact import context, write_artifact
from tests.inference_pipeline.test_one_truth import train_release
from tests.lambda_handler.calling import answer, http_event

pytestmark = pytest.mark.slow

BODIES, WARM_UP = 10_000, 3_000
HANG_SECONDS = 10
GROWTH = 1.01
REFUSED = ((400, "InvalidInput"), (415, "UnsupportedMediaType"))
Request = tuple[bytes, str]


@pytest.fixture(scope="module")
def text_requests() -> list[Request]:
    """Generate requests of all content types in turn."""
    by_type = [_generated(content_type, BODIES // 4) for content_type in REQUEST_TYPES]
    return [request for requests in zip(*by_type, strict=True) for request in requests]


def _generated(content_type: str, count: int) -> list[Request]:
    found: list[Request] = []

    @given(requests(content_type))
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(request):
        found.append(request)

    collect()
    return [found[number % len(found)] for number in range(count)]


@pytest.fixture(scope="module")
def image_requests() -> list[Request]:
    """Damage valid images of all content types."""
    chance = random.Random(0)  # noqa: S311
    image = (np.arange(784) % 256).astype(np.uint8).reshape(28, 28)
    rows = json.dumps({"instances": [image.tolist()]}).encode()
    valid = {JSON: rows, NPY: npy(image), PNG: png(image)}
    return [
        (_damaged(chance, valid[content_type]), content_type)
        for content_type in (IMAGE_TYPES[number % len(IMAGE_TYPES)] for number in range(BODIES))
    ]


def _damaged(chance: random.Random, body: bytes) -> bytes:
    """Return a body with a mark, cut off, or with up to three other bytes, most near its start."""
    body = chance.choice([b"", b"", b"", b"\xef\xbb\xbf", b"\x1f\x8b"]) + body
    damaged = bytearray(body[: chance.choice([len(body), chance.randrange(len(body))])])
    for _ in range(chance.randint(0, 3)):
        if damaged:
            damaged[min(chance.randrange(len(damaged)), int(chance.expovariate(0.02)))] = (
                chance.choice([0, 34, 44, 91, 93, 255, chance.randrange(256)])
            )
    return bytes(damaged)


def send_all(requests: list[Request], send: Callable[[bytes, str], None]) -> None:
    """Send all requests; assert that none takes long and that the memory does not grow."""
    slowest = before = 0.0
    with _silence():
        for number, request in enumerate(requests):
            if number == WARM_UP:
                before = _resident()
            started = time.perf_counter()
            send(*request)
            slowest = max(slowest, time.perf_counter() - started)
        after = _resident()
    assert slowest < HANG_SECONDS
    assert after <= GROWTH * before, f"{before / 2**20:.1f} to {after / 2**20:.1f} MiB"


def _resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Discard logs, which pytest would keep in memory."""
    logging.disable(logging.CRITICAL)
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield
    finally:
        logging.disable(logging.NOTSET)


def refusal_of(response) -> tuple[int, str]:
    """Return status and code of a refused request in a scikit-learn container."""
    return response.status_code, json.loads(response.get_data())["error"]["code"]


def test_endpoint_and_lambda_function_answer_alike(text_requests, tmp_path):
    release = train_release("spooky-ngrams", tmp_path)
    model = release.served.folder / artifacts.LAMBDA_MODEL
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    handler = Handler(ModelStore({"MODEL_URI": str(model), "MODEL_SHA256": sha256}), "none")
    answered = []

    def send(body, content_type):
        found = release.served.answer(body, content_type)
        if isinstance(found, tuple):
            predictions = json.loads(found[0])["predictions"]
            answered.append(len(predictions))
        else:
            refused = refusal_of(found)
            assert refused in REFUSED, (body, content_type)
        if media_type(content_type) not in LAMBDA_TYPES:
            return
        coded, headers = base64.b64encode(body).decode(), {"content-type": content_type}
        status, content = answer(
            handler, http_event(body=coded, headers=headers, isBase64Encoded=True)
        )
        if isinstance(found, tuple):
            assert status == 200, (body, content_type)
            assert [one["label"] for one in content["predictions"]] == [
                one["label"] for one in predictions
            ]
            for one, other in zip(content["predictions"], predictions, strict=True):
                assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-9)
        else:
            assert (status, content["error"]["code"]) == refused, (body, content_type)

    send_all(text_requests, send)
    assert len(answered) > BODIES / 10  # enough of the bodies are valid


def test_tensorflow_handlers_refuse_or_pass_on_any_text(text_requests, tmp_path):
    handlers = Handlers(write_artifact(tmp_path / "texts", "ngrams"))
    send_all(text_requests, lambda *request: _through(handlers, *request))


def test_tensorflow_handlers_refuse_or_pass_on_any_image(image_requests, tmp_path):
    handlers = Handlers(write_artifact(tmp_path / "images", None))
    send_all(image_requests, lambda *request: _through(handlers, *request))


def _through(handlers: Handlers, body: bytes, content_type: str) -> None:
    try:
        sent = handlers.input_handler(io.BytesIO(body), context(content_type))
        assert json.loads(sent)["instances"]
    except falcon.HTTPError as error:
        code = json.loads(str(error))["error"]["code"]
        assert (int(error.status.split()[0]), code) in REFUSED, (body, content_type)


def test_encoder_stage_refuses_or_encodes_any_text(text_requests, tmp_path):
    encoder = encode_texts.model_fn(str(write_artifact(tmp_path / "encoder", "sequence")))

    def send(body, content_type):
        texts = encode_texts.input_fn(body, content_type)
        found = encode_texts.output_fn(encode_texts.predict_fn(texts, encoder), "*/*")
        if not isinstance(found, tuple):
            assert refusal_of(found) in REFUSED, (body, content_type)

    send_all(text_requests, send)
