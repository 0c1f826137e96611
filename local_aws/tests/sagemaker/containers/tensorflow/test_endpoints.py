"""Endpoints with TensorFlow containers in the local AWS: processes, pipeline, restart."""

import json
from pathlib import Path

import psutil
import pytest

from local_aws.sagemaker.containers.images import find_image
from local_aws.tests.account import VARIANT, Account, eventually
from local_aws.tests.sagemaker.containers.model_servers import Server, files_below
from local_aws.tests.sagemaker.containers.tensorflow.containers import (
    IMAGE,
    OLD_IMAGE,
    container,
    error_of,
    invoke,
)
from local_aws.tests.sagemaker.hosting.containers import RunningContainer, containers_of

ROW = [1.0, 2.0, 3.0, 4.0]
# Responds with a TensorFlow Serving request and the content type that the next container needs.
FIRST = """
def model_fn(model_dir):
    return None

def input_fn(body, content_type):
    return body

def predict_fn(body, model):
    return body

def output_fn(body, accept):
    return '{"instances": ' + body + '}', "application/json"
"""
LAST = FIRST.replace("'{\"instances\": ' + body + '}'", "body").replace(
    "def input_fn(body, content_type):\n    return body",
    "def input_fn(body, content_type):\n    return content_type + ' ' + body.replace(chr(10), '')",
)
HANDLERS = """
import os

import bundled


def input_handler(data, context):
    body = data.read().decode()
    if body == "import":
        import tensorflow
    if body == "fail":
        raise ValueError(f"{os.getpid()} {bundled.NAME}")
    return body


def output_handler(response, context):
    return response.content, "application/json"
"""


def log_of(account: Account, endpoint: str) -> list[str]:
    return account.log(f"/aws/sagemaker/Endpoints/{endpoint}", VARIANT)


@pytest.fixture(scope="module")
def with_code(account, saved_models) -> str:
    """Deploy two models with handlers, two workers, two model servers and batching."""
    files = files_below(saved_models / "model", "other/") | {
        **files_below(saved_models / "model" / "1", "zeta/001/"),
        "code/inference.py": HANDLERS,
        "code/lib/bundled.py": "NAME = 'bundled'",
        "code/requirements.txt": "no-such-distribution==1.0",
    }
    env = {
        "SAGEMAKER_TFS_DEFAULT_MODEL_NAME": "zeta",
        "SAGEMAKER_GUNICORN_WORKERS": "2",
        "SAGEMAKER_TFS_INSTANCE_COUNT": "2",
        "SAGEMAKER_TFS_ENABLE_BATCHING": "true",
        "SAGEMAKER_TFS_MAX_BATCH_SIZE": "5",
    }
    return str(account.deploy(container(account, files, **env)))


@pytest.fixture(scope="module")
def running(with_code) -> RunningContainer:
    (container,) = containers_of(with_code)
    return container


def commands(running: RunningContainer, word: str) -> list[list[str]]:
    """Return the commands of a container's processes that contain a word."""
    lines = [process.cmdline() for process in running.processes]
    return [line for line in lines if any(word in part for part in line)]


@pytest.mark.observes("tfs-image-pins", "tfs-image-old")
def test_images_have_the_distributions_in_their_published_files():
    new = find_image(IMAGE).distributions
    pins = {"falcon": "3.1.0", "gunicorn": "26.0.0", "numpy": "1.26.4", "pandas": "3.0.3"}
    assert pins.items() <= new.items()
    assert new["scikit-learn"] == "1.9.0"
    old = find_image(OLD_IMAGE).distributions
    assert old["falcon"] == "3.1.0"
    assert not {"tensorflow", "tensorflow-cpu", "keras"} & {*new, *old}
    assert not {"numpy", "pandas", "scikit-learn"} & set(old)


@pytest.mark.observes("tfs-layout", "tfs-default-model")
def test_models_are_served_under_the_names_of_their_folders(account, with_code):
    body = {"instances": [ROW]}
    default = invoke(account, with_code, body)
    attributes = "tfs-model-name=other,tfs-model-version=1"
    named = invoke(account, with_code, body, CustomAttributes=attributes)
    assert default == named  # version 001 of zeta is version 1 of other
    newest = invoke(account, with_code, body, CustomAttributes="tfs-model-name=other")
    assert newest != default


@pytest.mark.observes("tfs-ports", "tfs-instance-count")
def test_each_model_server_has_two_consecutive_ports_of_the_range(running):
    low, high = map(int, running.variables["SAGEMAKER_SAFE_PORT_RANGE"].split("-"))
    assert high - low == 9
    assert running.port not in range(low, high + 1)
    servers = sorted(commands(running, "--rest_api_port="))
    flags = [
        (f"--port={low + 2 * index}", f"--rest_api_port={low + 2 * index + 1}") for index in (0, 1)
    ]
    assert [tuple(line[-6:-4]) for line in servers] == flags
    assert all("--max_num_load_retries=0" in line for line in servers)


@pytest.mark.observes("tfs-batching-file")
def test_batching_file_contains_the_values_of_the_variables(running):
    for line in commands(running, "--rest_api_port="):
        assert "--enable_batching=true" in line
    (name,) = {
        part.partition("=")[2]
        for line in commands(running, "--batching_parameters_file=")
        for part in line
        if part.startswith("--batching_parameters_file=")
    }
    cpus = running.variables["LOCAL_AWS_CPUS"]
    assert Path(name).read_text().splitlines() == [
        "max_batch_size { value: 5 }",
        "batch_timeout_micros { value: 1000 }",
        f"num_batch_threads {{ value: {cpus} }}",
        f"max_enqueued_batches {{ value: {cpus} }}",
    ]


@pytest.mark.observes("tfs-batching-limits")
def test_endpoint_rejects_a_request_larger_than_a_batch(account, with_code):
    status, message = error_of(account, with_code, {"instances": [ROW] * 6})
    assert status == 400
    assert "Task size 6 is larger than maximum input batch size 5" in message


@pytest.mark.observes("tfs-library-first")
def test_lib_folder_is_importable_and_requirements_are_then_ignored(account, with_code):
    status, message = error_of(account, with_code, "fail")
    assert (status, json.loads(message)["error"].split()[1]) == (500, "bundled")
    assert any("ignoring requirements.txt" in line for line in log_of(account, with_code))


@pytest.mark.observes("tfs-gunicorn-workers")
def test_gunicorn_has_the_configured_number_of_workers(running):
    service = [
        process
        for process in running.processes
        if any("python_service" in part for part in process.cmdline())
    ]
    (master,) = [item for item in service if item.ppid() not in {one.pid for one in service}]
    assert len(master.children()) == 2


@pytest.mark.observes("tfs-no-tensorflow-for-handlers")
def test_handlers_cannot_import_tensorflow(account, with_code):
    status, message = error_of(account, with_code, "import")
    assert status == 500
    assert "No module named 'tensorflow' (the image tensorflow-inference:2.20" in message


@pytest.mark.slow
@pytest.mark.observes("tfs-restart")
def test_model_server_that_dies_is_restarted(account, with_code, running):
    old = next(item for item in running.processes if "--rest_api_port=" in " ".join(item.cmdline()))
    command = old.cmdline()
    old.kill()

    def is_restarted() -> bool:
        (now,) = containers_of(with_code)
        return any(item.pid != old.pid and item.cmdline() == command for item in now.processes)

    assert eventually(is_restarted)
    warning = "unexpected tensorflow serving exit"
    assert eventually(lambda: any(warning in line for line in log_of(account, with_code)))
    rest = int(command[-5].partition("=")[2])

    def responds() -> bool:
        try:
            return Server(rest).request("GET", "/v1/models/zeta").status == 200
        except OSError:
            return False

    assert eventually(responds)
    assert containers_of(with_code)[0].port == running.port  # it is the same container


@pytest.mark.observes("tfs-restart")
def test_gunicorn_that_dies_is_restarted_with_the_same_model_servers(account, with_code):
    def pids(word: str) -> set[int]:
        (now,) = containers_of(with_code)
        return {item.pid for item in now.processes if word in " ".join(item.cmdline())}

    servers, gunicorn = pids("local_model_server"), pids("python_service")
    for pid in gunicorn:
        psutil.Process(pid).kill()
    assert eventually(lambda: pids("python_service") - gunicorn)

    def responds() -> bool:
        try:
            return bool(invoke(account, with_code, {"instances": [ROW]}))
        except account.runtime.exceptions.ModelError:
            return False

    assert eventually(responds)
    assert pids("local_model_server") == servers


@pytest.mark.slow
@pytest.mark.observes("tfs-front-types", "pipeline-content-type")
def test_container_between_scikit_learn_containers_gets_and_passes_on_content_types(
    account, saved_models
):
    middle = container(account, files_below(saved_models / "model"))
    endpoint = account.deploy(
        account.packed_container(FIRST), middle, account.packed_container(LAST)
    )
    content_type, _, text = invoke(account, endpoint, [ROW]).partition(" ")
    assert content_type == "application/json"
    assert len(json.loads(text)["predictions"][0]) == 3
    status, message = error_of(account, endpoint, [[1, None]])
    assert status == 400
    assert "JSON Value: null is not of expected type: float" in message
    # The TensorFlow container listens on the loopback interface only.
    (_, tensorflow, _) = containers_of(endpoint)
    addresses = {
        connection.laddr.ip
        for process in tensorflow.processes
        for connection in process.net_connections("tcp")
        if connection.status == "LISTEN"
    }
    assert addresses == {"127.0.0.1"}
    account.delete_endpoint(endpoint)
