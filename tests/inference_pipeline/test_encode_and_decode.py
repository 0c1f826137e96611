"""The containers around TensorFlow Serving encode texts for it and name its labels."""

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline import decode_labels, encode_texts
from inference_pipeline.responses import Rejection
from inference_pipeline.tensorflow_bodies import read_probabilities, write_arrays
from inference_pipeline.texts import Request
from newsgroup_classifier.errors import ArtifactError
from newsgroup_classifier.text.ngram_bags import NgramBags
from tests.inference_pipeline.tensorflow_artifact import (
    HEADLINES,
    LABELS,
    fitted_encoder,
    write_artifact,
)

MODEL_INPUTS = "application/x-model-inputs+json"
PROBABILITIES = "application/x-probabilities+json"


def encoded(encoder, body, content_type="application/json"):
    """Call the functions of the first container as its server does."""
    texts = encode_texts.input_fn(body, content_type)
    return encode_texts.output_fn(encode_texts.predict_fn(texts, encoder), "*/*")


def decoded(body, content_type=PROBABILITIES, accept="application/json"):
    """Call the functions of the last container as its server does."""
    carried = decode_labels.predict_fn(decode_labels.input_fn(body, content_type), LABELS)
    return decode_labels.output_fn(carried, accept)


def error_of(response):
    return response.status_code, json.loads(response.get_data())["error"]


@pytest.mark.parametrize("kind", ["sequence", "ngrams"])
def test_stage_encodes_texts_as_the_encoder_in_memory(tmp_path, kind):
    encoder = encode_texts.model_fn(str(write_artifact(tmp_path / "model", kind)))
    body, content_type = encoded(encoder, json.dumps(HEADLINES))
    expected = fitted_encoder(kind).transform(HEADLINES)
    request = json.loads(body)
    assert content_type == MODEL_INPUTS
    assert request["signature_name"] == "serving_default"
    assert len(request["instances"]) == len(HEADLINES)
    for name, array in expected.items():
        rows = [row if len(expected) == 1 else row[name] for row in request["instances"]]
        assert np.array_equal(np.array(rows, array.dtype), array)


def test_write_arrays_writes_one_input_bare_and_several_by_name():
    tokens, weights = np.array([[1, 2]], np.int32), np.array([[0.5, 0.1]], np.float32)
    one = b'{"signature_name":"serving_default","instances":[[1,2]]}'
    assert write_arrays({"tokens": tokens}) == one
    assert write_arrays({"tokens": tokens, "weights": weights}) == (
        b'{"signature_name":"serving_default","instances":[{"tokens":[1,2],"weights":[0.5,0.1]}]}'
    )


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
@settings(max_examples=200)
def test_write_arrays_preserves_any_float32(values):
    array = np.array([values], np.float32)
    (row,) = json.loads(write_arrays({"weights": array}))["instances"]
    assert np.array_equal(np.array([row], np.float32), array)


def test_texts_of_many_lengths_are_encoded_as_in_one_batch():
    encoder = fitted_encoder("ngrams")
    texts = [" ".join(HEADLINES[: 1 + number % 3]) for number in range(250)]
    instances = json.loads(encode_texts.predict_fn(Request(texts), encoder))["instances"]
    for name, array in encoder.transform(texts).items():
        assert np.array_equal(np.array([row[name] for row in instances], array.dtype), array)


def test_long_text_among_many_short_ones_is_refused_before_they_are_padded(traced_memory):
    encoder = NgramBags(1, 0).fit([" ".join(f"word{number}" for number in range(30_000))])
    texts = [" ".join(encoder.word_terms.names), *(["word1"] * 5_000)]
    status, error = error_of(
        encode_texts.output_fn(encode_texts.predict_fn(Request(texts), encoder), "*/*")
    )
    assert (status, error["code"]) == (413, "PayloadTooLarge")
    # All rows together would take 30,000 x 5,001 x 8 bytes.
    assert traced_memory() < 30_000 * 5_001


@pytest.mark.slow
def test_inputs_of_more_than_five_megabytes_are_refused():
    encoder = fitted_encoder("sequence")
    texts = HEADLINES[:1] * 400_000
    status, error = error_of(
        encode_texts.output_fn(encode_texts.predict_fn(Request(texts), encoder), "*/*")
    )
    assert (status, error["code"]) == (413, "PayloadTooLarge")
    assert "at most 5242880 bytes pass between containers. Send fewer texts" in error["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        (b" ", "text/plain", 400, "the body is empty; expected at least one text"),
        (b"[]", "application/json", 400, "the request has no texts; expected at least one"),
        (b'["a", null]', "application/json", 400, "item 1 is null; expected a string"),
        (b'["\\ud800"]', "application/json", 400, "item 0 has a lone surrogate (half a character)"),
        (b"x", "image/png", 415, "the content type 'image/png' is not accepted; expected one"),
    ],
)
def test_bad_request_leaves_the_first_container_with_its_status(
    body, content_type, status, message
):
    actual, error = error_of(encoded(fitted_encoder("sequence"), body, content_type))
    assert actual == status
    assert error["message"].startswith(message)


def test_encode_texts_refuses_an_artifact_for_images(tmp_path):
    folder = write_artifact(tmp_path / "model", None)
    with pytest.raises(ArtifactError, match="recipe digits-cnn does not read texts"):
        encode_texts.model_fn(str(folder))


def test_probabilities_get_the_labels_of_the_artifact(tmp_path):
    labels = decode_labels.model_fn(str(write_artifact(tmp_path / "model", "sequence")))
    assert labels == LABELS
    body, content_type = decoded(b'{"predictions": [[0.125, 0.25, 0.625], [0.4, 0.4, 0.2]]}')
    first, second = json.loads(body)["predictions"]
    assert content_type == "application/json"
    assert (first["label"], first["probability"]) == ("health", 0.625)
    assert first["probabilities"] == dict(zip(LABELS, [0.125, 0.25, 0.625], strict=True))
    assert second["label"] == "business"  # the first of a tie


def test_predictions_leave_the_last_container_in_the_accepted_type():
    body, content_type = decoded(b'{"predictions": [[0, 0, 1]]}', accept="text/csv")
    assert (body, content_type) == ("health,1\n", "text/csv")
    status, error = error_of(decoded(b'{"predictions": [[0, 0, 1]]}', accept="text/html"))
    assert (status, error["code"]) == (406, "UnsupportedMediaType")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "the model is gone"}', 'they are not JSON with the key "predictions" (KeyErr'),
        (b"[[0, 0, 1]]", 'they are not JSON with the key "predictions" (TypeError)'),
        (b"not JSON", 'they are not JSON with the key "predictions" (JSONDecodeError)'),
        (b"\xff", 'they are not JSON with the key "predictions" (UnicodeDecodeError)'),
        (b"[" * 100_000, 'they are not JSON with the key "predictions" (RecursionError)'),
        (b'{"predictions": []}', '"predictions" is not a list of at least one row'),
        (b'{"predictions": {"probabilities": []}}', '"predictions" is not a list of'),
        (b'{"predictions": [0.5]}', "row 0 is not a list of 3 numbers from 0 to 1"),
        (b'{"predictions": [[1, 0, 0], [1, 0]]}', "row 1 is not a list of 3 numbers"),
        (b'{"predictions": [[1, 0, null]]}', "row 0 is not a list of 3 numbers"),
        (b'{"predictions": [[true, 0, 0]]}', "row 0 is not a list of 3 numbers"),
        (b'{"predictions": [[NaN, 0, 0]]}', "row 0 is not a list of 3 numbers"),
        (b'{"predictions": [[2, 0, -1]]}', "row 0 is not a list of 3 numbers"),
    ],
)
def test_malformed_model_response_is_an_internal_error(body, reason, caplog):
    with pytest.raises(ArtifactError, match=re.escape(f"probabilities are malformed: {reason}")):
        read_probabilities(body, len(LABELS))
    status, error = error_of(decoded(body))
    assert (status, error["code"]) == (500, "InternalError")
    assert error["message"] == "the request could not be served"
    assert "ArtifactError in a stage" in caplog.text


def test_model_response_of_another_content_type_is_refused():
    status, error = error_of(decoded(b'{"predictions": [[0, 0, 1]]}', "application/json"))
    assert (status, error["code"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("stage", [encode_texts, decode_labels])
def test_rejection_passes_every_function_untouched(stage):
    rejection = Rejection(400, "InvalidInput", "reason")
    assert stage.predict_fn(rejection, None) is rejection
    assert stage.output_fn(rejection, "*/*").status_code == 400


@given(st.binary(max_size=100))
@settings(max_examples=200)
def test_read_probabilities_of_any_bytes_reads_or_refuses_them(body):
    try:
        assert read_probabilities(body, 3)
    except ArtifactError as error:
        assert str(error).startswith("the probabilities are malformed: ")
