"""The TensorFlow container's handlers convert requests and responses of TensorFlow Serving."""

import io
import json
import logging
import subprocess
import sys

import falcon
import falcon.testing
import numpy as np
import pytest

from inference_pipeline.content_types import IMAGE_TYPES, REQUEST_TYPES, RESPONSE_TYPES
from inference_pipeline.tensorflow_serving.handlers import Handlers
from newsgroup_classifier import artifacts
from tests.inference_pipeline.images.image_files import npy, png
from tests.inference_pipeline.tensorflow_artifact import (
    HEADLINES,
    LABELS,
    answer,
    context,
    write_artifact,
)

JSON, JSON_LINES, CSV = RESPONSE_TYPES
MODEL_INPUTS = "application/x-model-inputs+json"
PROBABILITIES = "application/x-probabilities+json"
IMAGE = np.full((28, 28), 9, np.uint8)
ROWS = json.dumps({"predictions": [[0.25, 0.5, 0.25], [0.9, 0.05, 0.05]]}).encode()
SECRET = "private text of the client"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return an artifact for texts and one for images."""
    folder = tmp_path_factory.mktemp("artifacts")
    return {
        "texts": write_artifact(folder / "texts", "ngrams"),
        "images": write_artifact(folder / "images", None),
    }


@pytest.fixture(scope="module")
def handlers(folders):
    return {inputs: Handlers(folder) for inputs, folder in folders.items()}


def refused(function, first, about):
    """Return the status and error of the exception that the container turns into a response."""
    with pytest.raises(falcon.HTTPError) as caught:
        function(first, about)
    return int(caught.value.status.split()[0]), json.loads(str(caught.value))["error"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", HEADLINES[0]),
        ("text/csv", f'"{HEADLINES[0]}"\n'),
        ("application/json", json.dumps(HEADLINES[:1])),
        ("application/json; charset=utf-8", json.dumps({"instances": HEADLINES[:1]})),
        ("application/jsonlines", json.dumps(HEADLINES[0])),
    ],
)
def test_texts_of_every_content_type_reach_the_graph_as_strings(handlers, content_type, body):
    sent = handlers["texts"].input_handler(io.BytesIO(body.encode()), context(content_type))
    assert json.loads(sent) == {"signature_name": "texts", "instances": HEADLINES[:1]}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", f"\ufeff{HEADLINES[0]}"),
        ("text/csv; header=present", f'\ufefftitle\n"{HEADLINES[0]}"\n'),
        ("application/json", f"\ufeff{json.dumps(HEADLINES[:1])}"),
        ("application/jsonlines", f"\ufeff{json.dumps(HEADLINES[0])}"),
    ],
)
def test_byte_order_mark_and_header_do_not_reach_the_graph(handlers, content_type, body):
    sent = handlers["texts"].input_handler(io.BytesIO(body.encode()), context(content_type))
    assert json.loads(sent) == {"signature_name": "texts", "instances": HEADLINES[:1]}


def test_images_go_to_the_signature_of_their_content_type(handlers):
    for body, content_type, name in (
        (npy(IMAGE), "application/x-npy", "serving_default"),
        (png(IMAGE), "image/png", "png"),
    ):
        sent = handlers["images"].input_handler(io.BytesIO(body), context(content_type))
        assert json.loads(sent)["signature_name"] == name


@pytest.mark.parametrize("inputs", ["texts", "images"])
def test_inputs_from_the_first_container_pass_unchanged_in_both_directions(handlers, inputs):
    body = b'{"signature_name": "serving_default",  "instances": [[1]]}'
    about = context(MODEL_INPUTS, "*/*")
    assert handlers[inputs].input_handler(io.BytesIO(body), about) == body
    assert handlers[inputs].output_handler(answer(ROWS), about) == (ROWS, PROBABILITIES)


def test_probabilities_for_a_client_get_their_labels(handlers):
    body, content_type = handlers["images"].output_handler(answer(ROWS), context("image/png"))
    first, second = json.loads(body)["predictions"]
    assert content_type == JSON
    assert first == {
        "label": "entertainment",
        "probability": 0.5,
        "probabilities": {"business": 0.25, "entertainment": 0.5, "health": 0.25},
    }
    assert second["label"] == "business"


@pytest.mark.parametrize(
    ("accept", "content_type", "lines"),
    [("text/csv", CSV, 2), ("application/jsonlines", JSON_LINES, 2), ("*/*", JSON, 1)],
)
def test_response_has_the_accepted_type(handlers, accept, content_type, lines):
    about = context("text/plain", accept)
    body, actual = handlers["texts"].output_handler(answer(ROWS), about)
    assert actual == content_type
    assert len(body.splitlines()) == lines


@pytest.mark.parametrize(
    ("inputs", "content_type", "body", "status", "code", "message"),
    [
        ("texts", "text/plain", b" ", 400, "InvalidInput", "the body is empty; expected at "),
        ("texts", "application/json", b'["\\ud800"]', 400, "InvalidInput", "item 0 has a lone "),
        ("texts", "text/csv", b"\xef\xbb\xbf", 400, "InvalidInput", "the body is empty; expected"),
        ("texts", "text/plain", "\u200b".encode(), 400, "InvalidInput", "the body is empty; expec"),
        ("texts", "text/plain", b"\x1f\x8b.", 415, "UnsupportedMediaType", "the body is compress"),
        (
            "texts",
            "application/json",
            b'{"instances": ["a"], "instances": ["b"]}',
            400,
            "InvalidInput",
            "the body has the duplicate key 'instances'",
        ),
        ("images", "image/png", b"\xef\xbb\xbf", 400, "InvalidInput", "the body is empty; expec"),
        ("images", "image/png", b"PK\3\4.", 415, "UnsupportedMediaType", "the body is compressed"),
        ("texts", "image/png", b"", 415, "UnsupportedMediaType", "the content type 'image/png' "),
        ("images", "image/png", b"x", 400, "InvalidInput", "the body is not a PNG file"),
        ("images", "text/plain", b"x", 415, "UnsupportedMediaType", "the content type 'text/pl"),
    ],
)
def test_rejection_has_the_common_shape_and_lists_the_accepted_types(
    handlers, inputs, content_type, body, status, code, message
):
    actual, error = refused(handlers[inputs].input_handler, io.BytesIO(body), context(content_type))
    assert (actual, error["code"]) == (status, code)
    assert error["message"].startswith(message)
    accepted = REQUEST_TYPES if inputs == "texts" else IMAGE_TYPES
    assert error["accepted"] == {"content_types": [*accepted], "accept": [*RESPONSE_TYPES]}
    assert error["request_id"]


def test_unacceptable_type_is_refused_before_the_model_runs(handlers):
    body, about = io.BytesIO(b"a headline"), context("text/plain", "text/html")
    status, error = refused(handlers["texts"].input_handler, body, about)
    assert (status, error["code"]) == (406, "UnsupportedMediaType")


@pytest.mark.observes("stages-many")
def test_texts_with_more_probabilities_than_fit_in_memory_are_refused(tmp_path):
    many = Handlers(write_artifact(tmp_path / "many", "ngrams", tuple(map(str, range(10_000)))))
    body = io.BytesIO(b"a headline\n" * 1_000)
    status, error = refused(many.input_handler, body, context("text/csv"))
    assert (status, error["code"]) == (413, "PayloadTooLarge")
    assert error["message"].startswith("the probabilities of these 1,000 texts take more than ")


def test_error_of_tensorflow_serving_has_the_common_shape_and_is_not_logged(handlers, caplog):
    response = answer(json.dumps({"error": SECRET}).encode(), 400)
    with caplog.at_level(logging.DEBUG):
        for content_type in (MODEL_INPUTS, "text/plain"):
            status, error = refused(
                handlers["texts"].output_handler, response, context(content_type)
            )
            assert (status, error["code"]) == (400, "InvalidInput")
            assert error["message"] == (
                f'TensorFlow Serving refused the request (400): {{"error": "{SECRET}"}}'
            )
    assert SECRET not in caplog.text


def test_unavailable_model_server_returns_503(handlers):
    status, error = refused(
        handlers["texts"].output_handler, answer(b"full", 503), context("text/plain")
    )
    assert (status, error["code"]) == (503, "ModelUnavailable")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"predictions": [[NaN, 0, 1]]}', b'{"outputs": 1}'])
def test_malformed_model_response_returns_500(handlers, body, caplog):
    status, error = refused(handlers["texts"].output_handler, answer(body), context("text/plain"))
    assert (status, error["code"]) == (500, "InternalError")
    assert error["message"] == "the request could not be served"
    assert "ArtifactError in a stage" in caplog.text


def test_modified_artifact_returns_500_without_a_reason(tmp_path, caplog):
    folder = write_artifact(tmp_path / "model", None)
    (folder / "1" / "saved_model.pb").write_bytes(b"other")
    status, error = refused(
        Handlers(folder).input_handler, io.BytesIO(npy(IMAGE)), context("application/x-npy")
    )
    assert (status, error["code"]) == (500, "InternalError")
    assert error["message"] == "the request could not be served"
    assert "ArtifactError in a stage" in caplog.text


class Front:
    """The handling of exceptions in the web server of the 2.20 image."""

    def __init__(self, handler):
        self._handler = handler

    def on_post(self, request, response):
        about = context(request.content_type, request.get_header("Accept"))
        try:
            self._handler(request.bounded_stream, about)
        except falcon.HTTPError:
            raise
        except Exception as error:
            response.status = falcon.HTTP_500
            response.text = json.dumps({"error": str(error)})


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/csv", "application/jsonlines"])
def test_falcon_sends_the_body_of_a_rejection_for_any_accept_header(handlers, accept):
    app = falcon.App()
    app.add_route("/invocations", Front(handlers["images"].input_handler))
    response = falcon.testing.TestClient(app).simulate_post(
        "/invocations", body=b"[null]", headers={"Content-Type": JSON, "Accept": accept}
    )
    assert (response.status_code, response.headers["content-type"]) == (400, JSON)
    assert response.json["error"]["message"].startswith("item 0 is null; expected 28 rows")


PROGRAM = """
import importlib.util, io, json, sys
from types import SimpleNamespace

AVAILABLE = {"numpy", "falcon", "inference_pipeline", "newsgroup_classifier"}

class OnlyTheImage:
    def find_spec(self, name, path, target=None):
        if path is None and name not in AVAILABLE and name not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"the image has no {name}", name=name)

sys.meta_path.insert(0, OnlyTheImage())
code = sys.argv[1] + "/code"
sys.path.insert(0, code + "/lib")  # as the container does
spec = importlib.util.spec_from_file_location("inference", code + "/inference.py")
inference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(inference)
about = SimpleNamespace(request_content_type=sys.argv[2], accept_header="text/csv")
inference.input_handler(sys.stdin.buffer, about)
answer = SimpleNamespace(status_code=200, content=b'{"predictions": [[0.1, 0.2, 0.7]]}')
body, _ = inference.output_handler(answer, about)
try:
    inference.input_handler(io.BytesIO(b""), about)
except Exception as error:
    print(type(error).__mro__[1].__name__, body.strip(), inference.__file__)
"""


@pytest.mark.parametrize(
    ("inputs", "content_type", "body"),
    [
        ("texts", "text/plain", HEADLINES[0].encode()),
        ("images", "image/png", png(IMAGE)),
        ("images", "application/x-npy", npy(IMAGE)),
    ],
)
def test_code_of_an_artifact_imports_only_packages_of_the_image(
    folders, tmp_path, inputs, content_type, body
):
    folder = str(folders[inputs])
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder, content_type],
        input=body, cwd=tmp_path, env={"PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout.decode().split() == ["HTTPError", "health,0.7", f"{folder}/code/inference.py"]


def test_manifest_lists_the_handlers(folders):
    files = artifacts.load_manifest(folders["texts"]).files
    assert "code/inference.py" in files
    assert "code/lib/inference_pipeline/tensorflow_serving/handlers.py" in files
    assert artifacts.load_manifest(folders["images"]).label_names == LABELS
