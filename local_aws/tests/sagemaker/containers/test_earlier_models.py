"""SavedModels of TensorFlow 1 and Keras 2 in the stand-in, and who refuses the others."""

import numpy as np
import pytest

from local_aws.tests.sagemaker.containers.model_servers import (
    Server,
    config_flag,
    running_model_server,
    startup_error,
)

OLD, WITH_OPTIMIZER = "/v1/models/old", "/v1/models/optimizer"


@pytest.fixture(scope="module")
def server(saved_models, tmp_path_factory):
    """Run the model server with both models."""
    places = {"old": saved_models / "version1", "optimizer": saved_models / "optimizer"}
    with running_model_server(tmp_path_factory.mktemp("earlier"), **places) as running_server:
        yield running_server


@pytest.mark.slow
@pytest.mark.observes("tfs-version-1")
def test_model_of_tensorflow_1_predicts_with_its_variables_and_tables(server: Server):
    reply = server.predict({"inputs": ["one", "two", "other"]}, OLD)
    assert reply.json == {"outputs": {"values": [2.0, 4.0, -2.0], "same": ["one", "two", "other"]}}
    rows = server.predict({"signature_name": "ratio", "instances": ["two", "one"]}, OLD)
    assert rows.json == {"predictions": [0.25, 0.5]}
    metadata = server.request("GET", f"{OLD}/metadata").json["metadata"]["signature_def"]
    assert {"half", "ratio", "regress", "serving_default"} <= metadata["signature_def"].keys()


@pytest.mark.slow
@pytest.mark.observes("tfs-shapes-unchecked")
@pytest.mark.parametrize("rows", [[2.0, 6.0], [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]], [[[2.0]]]])
def test_rows_of_another_shape_than_the_signatures_reach_the_operations(server: Server, rows):
    reply = server.predict({"signature_name": "half", "instances": rows}, OLD)
    assert reply.json == {"predictions": (np.array(rows) / 2).tolist()}


@pytest.mark.slow
@pytest.mark.observes("tfs-classify")
def test_examples_get_results_from_signatures_for_regression_and_classification(server: Server):
    request = {"signature_name": "regress", "examples": [{"size": 1.5}, {"size": [2.0]}]}
    reply = server.request("POST", f"{OLD}:regress", request)
    assert reply.json == {"results": [3.0, 4.0]}
    examples = [{"tag": "a"}, {"size": 1.5, "tag": {"b64": "Yg=="}}, {}]
    request = {"signature_name": "classify", "context": {"size": 2.5}, "examples": examples}
    assert server.request("POST", f"{OLD}:classify", request).json == {
        "results": [[["a", 2.5]], [["b", 1.5]], [["none", 2.5]]]
    }


@pytest.mark.slow
@pytest.mark.observes("tfs-classify")
@pytest.mark.parametrize(
    ("method", "signature", "results"),
    [
        ("regress", "flat", [1.5]),
        ("classify", "only-classes", [[["a", 0.0]]]),
        ("classify", "only-scores", [[["", 1.5], ["", 1.5]]]),
    ],
)
def test_classes_or_scores_are_enough(server: Server, method, signature, results):
    request = {"signature_name": signature, "examples": [{"size": 1.5, "tag": "a"}]}
    assert server.request("POST", f"{OLD}:{method}", request).json == {"results": results}


@pytest.mark.slow
@pytest.mark.observes("tfs-classify")
@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"examples_": 1}, "Expecting 'examples' to be an list/array that is not empty"),
        ({"examples": []}, "Expecting 'examples' to be an list/array that is not empty"),
        ({"examples": [1]}, "Example must be JSON object but got JSON Value: 1"),
        ({"examples": [{}], "context": []}, "Example must be JSON object but got JSON Value: []"),
        ({"examples": [{"size": [1.5, "a"]}]}, "Unexpected element type in feature: size"),
        (
            {"examples": [{"size": [[1.5]]}]},
            "Feature: size has element with unexpected JSON Value: [1.5]",
        ),
        ({"examples": [{"size": 2**63}]}, f"with unexpected JSON Value: {2**63}"),
        (
            {"examples": [{"size": 1.5}], "signature_name": "none"},
            'Serving signature name: "none" not found in signature def',
        ),
    ],
)
def test_invalid_examples_are_refused_with_a_reason(server: Server, request_, text):
    reply = server.request("POST", f"{OLD}:regress", {"signature_name": "regress"} | request_)
    assert reply.status == 400
    assert reply.error.endswith(text)


@pytest.mark.slow
@pytest.mark.observes("tfs-classify")
@pytest.mark.parametrize(
    ("method", "signature", "text"),
    [
        ("regress", "two-inputs", "A signature for regress requests needs the string input"),
        ("regress", "extra", "A signature for regress requests needs the string input"),
        ("classify", "neither", "A signature for classify requests needs the string input"),
        ("regress", "number-input", "A signature for regress requests needs the string input"),
        ("regress", "wide", "Tensors have unexpected numbers of columns: [2]"),
        ("regress", "twice", "Expected outputs Tensor with a row for each of 1 examples."),
        ("classify", "number-classes", "Expected classes Tensor with a row for each of 1 examples"),
        ("classify", "other-widths", "Tensors have unexpected numbers of columns: [1, 2]"),
    ],
)
def test_signature_that_does_not_fit_the_method_is_refused(server: Server, method, signature, text):
    request = {"signature_name": signature, "examples": [{"size": 1.5, "tag": "a"}]}
    reply = server.request("POST", f"{OLD}:{method}", request)
    assert reply.status == 400
    assert reply.error.startswith(text)


@pytest.mark.slow
@pytest.mark.observes("tfs-strict-types")
def test_number_that_is_too_large_for_a_float_is_infinite(server: Server):
    request = {"signature_name": "regress", "examples": [{"size": 1e300}]}
    assert server.request("POST", f"{OLD}:regress", request).json == {"results": [float("inf")]}
    reply = server.predict({"signature_name": "half", "instances": [[1e300]]}, OLD)
    assert reply.json == {"predictions": [[float("inf")]]}


@pytest.mark.slow
@pytest.mark.observes("tfs-columns")
def test_output_of_one_string_is_returned_as_a_column_but_not_as_rows(server: Server):
    reply = server.predict({"signature_name": "scalar", "inputs": ["one", "two"]}, OLD)
    assert reply.json == {"outputs": "one"}
    reply = server.predict({"signature_name": "scalar", "instances": ["one", "two"]}, OLD)
    assert (reply.status, reply.error) == (400, "Tensor name: first has no shape information ")


@pytest.mark.slow
def test_example_without_a_required_feature_gets_the_error_of_the_operation(server: Server):
    request = {"signature_name": "regress", "examples": [{"tag": "a"}]}
    reply = server.request("POST", f"{OLD}:regress", request)
    assert reply.status == 400
    assert "size" in reply.error


@pytest.mark.slow
@pytest.mark.observes("tfs-output-is-input")
def test_signature_whose_output_is_its_input_fails(server: Server):
    reply = server.predict({"signature_name": "input", "instances": ["one"]}, OLD)
    assert (reply.status, reply.error) == (400, "words:0 is both fed and fetched.")


@pytest.mark.slow
@pytest.mark.observes("tfs-optimizer")
def test_model_with_an_optimizer_that_only_keras_2_can_load_predicts(server: Server):
    reply = server.predict({"instances": [[1.0, 2.0, 3.0, 4.0]]}, WITH_OPTIMIZER)
    assert reply.json["predictions"][0] == pytest.approx([1 / 3] * 3)


@pytest.mark.slow
def test_error_of_an_operation_has_no_position_in_python(server: Server):
    reply = server.predict({"instances": [[1.0, 2.0]]}, WITH_OPTIMIZER)
    assert reply.status == 400
    assert ".py" not in reply.error
    assert "Detected at" not in reply.error


@pytest.mark.slow
@pytest.mark.observes("tfs-who-refuses")
def test_model_that_only_the_stand_in_cannot_load_is_refused_in_its_name(saved_models, tmp_path):
    folder = tmp_path / "m" / "1"
    folder.mkdir(parents=True)
    graph = (saved_models / "version1" / "1" / "saved_model.pb").read_bytes()
    assert graph.count(b"\x07IsFinite") + graph.count(b"\x0dCheckNumerics") > 0
    unknown = graph.replace(b"CheckNumerics", b"CheckNumbersX")
    (folder / "saved_model.pb").write_bytes(unknown)
    error = startup_error(config_flag(tmp_path / "models.cfg", m=tmp_path / "m"))
    assert error.startswith(
        "ModelServerError: The stand-in of the local AWS cannot load version 1 of the model m, "
        "which TensorFlow Serving may be able to load: "
    )
    assert "CheckNumbersX" in error
