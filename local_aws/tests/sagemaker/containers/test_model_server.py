"""The stand-in for TensorFlow Serving: its REST API, its validation, and its error messages."""

import base64
import http.client
import json

import numpy as np
import psutil
import pytest

from local_aws.tests.sagemaker.containers.model_servers import MODEL

ROWS = [[1.0, 2.0, 3.0, 4.0], [0.5, -1.0, 0.0, 2.0]]


def expected(rows, version=2):
    """Return the output of the model's default signature."""
    logits = np.array(rows, np.float32) @ (np.arange(12.0).reshape(4, 3) * 0.1 * version)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


@pytest.mark.observes("tfs-status")
def test_status_lists_the_versions_newest_first(model_server):
    reply = model_server.request("GET", MODEL)
    assert reply.status == 200
    status = {"error_code": "OK", "error_message": ""}
    assert reply.json == {
        "model_version_status": [
            {"version": "2", "state": "AVAILABLE", "status": status},
            {"version": "1", "state": "AVAILABLE", "status": status},
        ]
    }
    one = model_server.request("GET", f"{MODEL}/versions/1").json["model_version_status"]
    assert [item["version"] for item in one] == ["1"]


@pytest.mark.observes("tfs-metadata")
def test_metadata_describes_the_signatures(model_server):
    document = model_server.request("GET", f"{MODEL}/metadata").json
    assert document["model_spec"] == {"name": "model", "signature_name": "", "version": "2"}
    signature = document["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    pixels = signature["inputs"]["pixels"]
    assert pixels["dtype"] == "DT_FLOAT"
    assert [item["size"] for item in pixels["tensor_shape"]["dim"]] == ["-1", "4"]


@pytest.mark.observes("tfs-rows", "tfs-single-output", "tfs-all-versions")
@pytest.mark.parametrize(("path", "version"), [("", 2), ("/versions/1", 1), ("/versions/2", 2)])
def test_rows_get_predictions_from_the_newest_or_the_given_version(model_server, path, version):
    reply = model_server.predict({"instances": ROWS}, MODEL + path)
    assert (reply.status, reply.content_type) == (200, "application/json")
    np.testing.assert_allclose(reply.json["predictions"], expected(ROWS, version), rtol=1e-6)
    assert reply.body.startswith(b'{\n    "predictions": [[0.')


@pytest.mark.observes("tfs-rows")
def test_rows_of_named_inputs_are_read_by_name(model_server):
    instances = [{"pixels": row} for row in ROWS]
    named = model_server.predict({"instances": instances}).json["predictions"]
    assert named == model_server.predict({"instances": ROWS}).json["predictions"]


@pytest.mark.observes("tfs-columns")
def test_columns_get_outputs(model_server):
    for inputs in (ROWS, {"pixels": ROWS}):
        reply = model_server.predict({"inputs": inputs})
        np.testing.assert_allclose(reply.json["outputs"], expected(ROWS), rtol=1e-6)


@pytest.mark.observes("tfs-single-output")
def test_multiple_outputs_are_named(model_server):
    rows = [{"tokens": [1, 2], "weights": [0.5, 0.25]}, {"tokens": [3, 0], "weights": [1, 7]}]
    reply = model_server.predict({"signature_name": "bags", "instances": rows})
    assert reply.json["predictions"] == [
        {"sum": 1.0, "batch_size": 2},
        {"sum": 3.0, "batch_size": 2},
    ]
    columns = {name: [row[name] for row in rows] for name in ("tokens", "weights")}
    reply = model_server.predict({"signature_name": "bags", "inputs": columns})
    assert reply.json["outputs"] == {"sum": [1.0, 3.0], "batch_size": [2, 2]}


@pytest.mark.observes("tfs-strings")
def test_strings_may_be_base64_and_are_base64_in_outputs_named_bytes(model_server):
    raw = "smörgås \N{SNOWMAN}"
    wrapped = {"b64": base64.b64encode(raw.encode()).decode()}
    reply = model_server.predict({"signature_name": "texts", "instances": [raw, wrapped, "a\nb"]})
    first, second, third = reply.json["predictions"]
    assert first == second == {"length": len(raw.encode()), "same": raw, "same_bytes": wrapped}
    assert third["same"] == "a\nb"


def test_values_of_every_type_are_returned_unchanged(model_server):
    row = {"truth": True, "long": 2**62, "double": 0.1, "byte": 255}
    reply = model_server.predict({"signature_name": "types", "instances": [row]})
    assert reply.json["predictions"] == [row]


@pytest.mark.observes("tfs-strict-types")
@pytest.mark.parametrize("value", ["null", '"1"', "true", '{"a": 1}'])
def test_value_other_than_a_number_is_rejected_for_a_float_input(model_server, value):
    reply = model_server.predict(f'{{"instances": [[1, 2, 3, 4], [1, {value}, 3, 4]]}}')
    assert reply.status == 400
    assert reply.error == (
        "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: "
        f"{value} is not of expected type: float"
    )


@pytest.mark.observes("tfs-strict-types")
@pytest.mark.parametrize("value", ["1.0", "2147483648", "NaN", "null", '"1"'])
def test_value_other_than_an_int32_is_rejected_for_an_int32_input(model_server, value):
    body = f'{{"signature_name": "bags", "inputs": {{"tokens": [[{value}]], "weights": [[1]]}}}}'
    reply = model_server.predict(body)
    assert reply.status == 400
    assert reply.error.endswith("is not of expected type: int32")


@pytest.mark.observes("tfs-strict-types")
def test_float_input_accepts_every_number(model_server):
    rows = f"[[1, 2.5, -3e-2, 16777215], [NaN, 1, 2, 3], [{2**64}, -{2**70}, 1e300, {10**39}]]"
    reply = model_server.predict(f'{{"instances": {rows}}}')
    assert reply.status == 200
    assert np.isnan(reply.json["predictions"][1]).all()
    rounded = [
        model_server.predict({"instances": [[number, 0, 0, 0]]}).body
        for number in (16777216, 16777217)
    ]
    assert rounded[0] == rounded[1]


FAULTS = {
    '{"instances": []}': "No values in 'instances' array",
    '{"instances": 5}': "Expecting 'instances' to be an list/array",
    '{"instances": [[1]], "inputs": [[1]]}': "only one of 'inputs' or 'instances' keys to exist",
    '{"data": [[1]]}': "Missing 'inputs' or 'instances' key",
    "[1, 2]": "JSON Value: [1, 2] Is not object",
    '{"signature_name": 5, "instances": [1]}': "'signature_name' key must be a string value.",
    '{"signature_name": "none", "instances": [1]}': (
        'Serving signature name: "none" not found in signature def'
    ),
    '{"inputs": {"tokens": [1]}}': "Missing named input: pixels in 'inputs' object.",
    '{"signature_name": "bags", "instances": [[1]]}': (
        "instances is a plain list, but expecting list of objects as multiple input tensors "
        "required as per tensorinfo_map"
    ),
    '{"signature_name": "bags", "instances": [{"tokens": [1]}]}': (
        "keys must be equal to: tokens,weights"
    ),
    '{"instances": [{"pixels": [1, 2, 3, 4]}, [1, 2, 3, 4]]}': (
        "Failed to process element: 1 of 'instances' list."
    ),
    '{"instances": [[1, 2, 3, 4], [1, 2]]}': "unexpected size: 2 at level: 1 expected size: 4",
    '{"instances": [[1, 2, 3, 4], [[1, 2], 3, 4, 5]]}': "element: 1 of 'instances' list.",
    '{"inputs": [[1, 2], 3]}': "JSON Value: 3 found at incorrect level: 1",
    '{"inputs": [1, [2]]}': "JSON Value: [2] is not of expected type: float",
    '{"instances": [[1, 2, 3]]}': "Matrix size-incompatible: In[0]: [1,3], In[1]: [4,3]",
    '{"signature_name": "texts", "instances": [{"b64": "*"}]}': "Unable to base64 decode",
    '{"signature_name": "texts", "inputs": [{"b63": "*"}]}': "is not of expected type: string",
    '{"signature_name": "texts", "inputs": ["\\ud83d"]}': "The surrogate pair in string is invalid",
    '{"signature_name": "total", "instances": [1.0]}': "total has no shape information ",
    "": "JSON Parse error: Expecting value",
    '{"instances": [1, 2': "JSON Parse error: Expecting ',' delimiter",
    '{"signature_name": "\\ude00", "instances": [1]}': "not found in signature def",
    f'{{"instances": [[{10**400}, 0, 0, 0]]}}': "is not of expected type: float",
    f'{{"instances": [[{"9" * 5000}, 0, 0, 0]]}}': "JSON Parse error: ",
    f'{{"inputs": {"[" * 65}{"]" * 65}}}': "Lists are nested 65 levels deep; the maximum is 64",
    f'{{"inputs": {"[" * 100_000}{"]" * 100_000}}}': "nested too deeply",
}


@pytest.mark.observes("tfs-error-texts")
@pytest.mark.parametrize("body", FAULTS, ids=range(len(FAULTS)))
def test_invalid_request_gets_400_with_a_reason(model_server, body):
    reply = model_server.predict(body)
    assert (reply.status, reply.content_type) == (400, "application/json")
    assert FAULTS[body] in reply.error


@pytest.mark.observes("tfs-error-texts")
def test_error_quotes_only_the_beginning_of_a_long_value(model_server):
    error = model_server.predict({"instances": [["x" * 1000] * 4]}).error
    assert 'JSON Value: "xxx' in error
    assert len(error) < 400


@pytest.mark.observes("tfs-error-texts")
@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("POST", "/v1/models/other:predict", 404, "Servable not found for request: Latest(other)"),
        (
            "POST",
            f"{MODEL}/versions/7:predict",
            404,
            "Servable not found for request: Specific(model, 7)",
        ),
        ("GET", f"{MODEL}/versions/7", 404, "Could not find version 7 of model model"),
        ("GET", "/v1/models/o%20k", 404, "Could not find any versions of model o k"),
        ("GET", f"{MODEL}:predict", 400, f"Malformed request: GET {MODEL}:predict"),
        ("POST", MODEL, 400, f"Malformed request: POST {MODEL}"),
    ],
)
def test_invalid_path_gets_an_error_with_a_reason(model_server, method, path, status, text):
    reply = model_server.request(method, path, {"instances": ROWS} if method == "POST" else None)
    assert (reply.status, reply.error) == (status, text)


def test_chunked_body_is_read_completely(model_server):
    connection = http.client.HTTPConnection("127.0.0.1", model_server.port, timeout=60)
    parts = iter([b'{"instances": ', json.dumps(ROWS).encode(), b"}"])
    connection.request("POST", f"{MODEL}:predict", parts, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.observes("tfs-not-grpc")
def test_server_listens_on_the_rest_port_of_loopback_only(model_server):
    listening = [
        connection.laddr
        for connection in psutil.Process(model_server.process.pid).net_connections("tcp")
        if connection.status == "LISTEN"
    ]
    assert [(address.ip, address.port) for address in listening] == [
        ("127.0.0.1", model_server.port)
    ]
