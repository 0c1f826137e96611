"""SavedModels of TensorFlow 1 and Keras 2 in the stand-in, and who refuses the others."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from local_aws.sagemaker.hosting.ports import give_back, take_range
from local_aws.tests.sagemaker.containers.model_servers import Server, running, site_env

OLD, WITH_OPTIMIZER = "/v1/models/old", "/v1/models/optimizer"


@pytest.fixture(scope="module")
def server(saved_models, tmp_path_factory):
    """Run the model server with both models."""
    config = tmp_path_factory.mktemp("earlier") / "models.cfg"
    places = {"old": saved_models / "version1", "optimizer": saved_models / "optimizer"}
    configs = "".join(
        f" config {{ name: '{name}' base_path: '{path}' model_platform: 'tensorflow' }}"
        for name, path in places.items()
    )
    config.write_text(f"model_config_list {{{configs} }}")
    ports = take_range(2)
    flags = [f"--port={ports[0]}", f"--rest_api_port={ports[1]}", f"--model_config_file={config}"]
    with running("local_model_server", ports[1], *flags) as running_server:
        yield running_server
    for port in ports:
        give_back(port)


@pytest.mark.slow
@pytest.mark.observes("tfs-version-1")
def test_model_of_tensorflow_1_predicts_with_its_variables_and_tables(server: Server):
    reply = server.predict({"inputs": ["one", "two", "other"]}, OLD)
    assert reply.json == {"outputs": {"values": [2.0, 4.0, -2.0], "same": ["one", "two", "other"]}}
    rows = server.predict({"signature_name": "ratio", "instances": ["two", "one"]}, OLD)
    assert rows.json == {"predictions": [0.25, 0.5]}
    metadata = server.request("GET", f"{OLD}/metadata").json["metadata"]["signature_def"]
    assert sorted(metadata["signature_def"]) == [
        "classify", "half", "input", "odd", "ratio", "regress", "serving_default"
    ]  # fmt: skip


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
    assert server.request("POST", f"{OLD}:regress", request).json == {"results": [3.0, 4.0]}
    examples = [{"tag": "a"}, {"size": 1.5, "tag": {"b64": "Yg=="}}, {}]
    request = {"signature_name": "classify", "context": {"size": 2.5}, "examples": examples}
    assert server.request("POST", f"{OLD}:classify", request).json == {
        "results": [[["a", 2.5]], [["b", 1.5]], [["none", 2.5]]]
    }


@pytest.mark.slow
@pytest.mark.observes("tfs-classify")
@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({}, "When method is regress, key 'examples' is expected and was not found."),
        ({"examples": []}, "Input is empty."),
        ({"examples": [1]}, "Example: 1 is not a JSON object"),
        (
            {"examples": [{"size": [1.5, "a"]}]},
            "Unexpected element type in feature: size expecting type: FLOAT",
        ),
        (
            {"examples": [{"size": None}]},
            "Feature: size has a value that no feature can have: null",
        ),
        (
            {"examples": [{"size": 1.5}], "signature_name": "half"},
            "Expected regression signature method_name to be tensorflow/serving/regress. "
            "Was: tensorflow/serving/predict",
        ),
        (
            {"examples": [{"size": 1.5}], "signature_name": "odd"},
            "Expected one output Tensor of shape [batch_size, 1].",
        ),
        (
            {"examples": [{"size": 1.5}], "signature_name": "none"},
            'Serving signature name: "none" not found in signature def',
        ),
    ],
)
def test_invalid_examples_are_refused_with_a_reason(server: Server, request_, text):
    reply = server.request("POST", f"{OLD}:regress", {"signature_name": "regress"} | request_)
    assert (reply.status, reply.error) == (400, text)


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
    folder = tmp_path / "1"
    folder.mkdir()
    graph = (saved_models / "version1" / "1" / "saved_model.pb").read_bytes()
    assert graph.count(b"\x07IsFinite") + graph.count(b"\x0dCheckNumerics") > 0
    unknown = graph.replace(b"CheckNumerics", b"CheckNumbersX")
    (folder / "saved_model.pb").write_bytes(unknown)
    error = startup_error(tmp_path)
    assert error.startswith(
        "ModelServerError: The stand-in of the local AWS cannot load version 1 of the model m, "
        "which TensorFlow Serving may be able to load: "
    )
    assert "CheckNumbersX" in error


def startup_error(models: Path) -> str:
    command = [sys.executable, "-m", "local_model_server", "--model_name=m"]
    command.append(f"--model_base_path={models}")
    done = subprocess.run(command, env=site_env(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]
