"""Endpoints of TensorFlow containers in the real local AWS: start, chain, failure, restart."""

import json
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.containers.images import find_image
from local_aws.tests.account import VARIANT, Account, archive, eventually, unique
from local_aws.tests.sagemaker.containers.model_servers import Server, files_below
from local_aws.tests.sagemaker.hosting.containers import RunningContainer, containers_of

REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = f"{REGISTRY}/tensorflow-inference:2.20-cpu-py312"
OLD_IMAGE = f"{REGISTRY}/tensorflow-inference:2.19-cpu"
ROW = [1.0, 2.0, 3.0, 4.0]
# Answers rows for TensorFlow Serving, under the type that the front must be told of.
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

import brought


def input_handler(data, context):
    body = data.read().decode()
    if body == "import":
        import tensorflow
    if body == "who":
        raise ValueError(f"{os.getpid()} {brought.NAME}")
    return body


def output_handler(response, context):
    return response.content, "application/json"
"""

TQDM = """
import tqdm


def handler(data, context):
    return tqdm.__name__, "text/plain"
"""


def container(account: Account, files: dict[str, Any], image: str = IMAGE, **env: str) -> Any:
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    return {"Image": image, "ModelDataUrl": uri, "Environment": env}


def ask(account: Account, endpoint: str, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    given = {"ContentType": "application/json"} | headers
    return account.runtime.invoke_endpoint(EndpointName=endpoint, Body=text, **given)


def error_of(account: Account, endpoint: str, body: Any, **headers: str) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        ask(account, endpoint, body, **headers)
    return caught.value.response["OriginalStatusCode"], caught.value.response["OriginalMessage"]


def log_of(account: Account, endpoint: str) -> list[str]:
    return account.log(f"/aws/sagemaker/Endpoints/{endpoint}", VARIANT)


@pytest.fixture(scope="module")
def with_code(account, saved_models) -> str:
    """Deploy two models with handlers, two workers, two model servers and batching."""
    files = files_below(saved_models / "model", "other/") | {
        **files_below(saved_models / "model" / "1", "zeta/001/"),
        "code/inference.py": HANDLERS,
        "code/lib/brought.py": "NAME = 'brought'",
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
    (found,) = containers_of(with_code)
    return found


def commands(running: RunningContainer, word: str) -> list[list[str]]:
    """Return the commands of a container's processes that name a word."""
    lines = [process.cmdline() for process in running.processes]
    return [line for line in lines if any(word in part for part in line)]


@pytest.mark.observes("tfs-image-pins", "tfs-image-old")
def test_images_hold_what_their_published_files_say():
    held = find_image(IMAGE).distributions
    pins = {"falcon": "3.1.0", "gunicorn": "26.0.0", "numpy": "1.26.4", "pandas": "3.0.3"}
    assert pins.items() <= held.items()
    assert held["scikit-learn"] == "1.9.0"
    old = find_image(OLD_IMAGE).distributions
    assert old["falcon"] == "3.1.0"
    assert not {"tensorflow", "tensorflow-cpu", "keras"} & {*held, *old}
    assert not {"numpy", "pandas", "scikit-learn"} & set(old)


@pytest.mark.observes("tfs-layout", "tfs-default-model")
def test_models_are_served_under_the_names_of_their_folders(account, with_code):
    body = {"instances": [ROW]}
    default = json.load(ask(account, with_code, body)["Body"])
    attributes = "tfs-model-name=other,tfs-model-version=1"
    named = json.load(ask(account, with_code, body, CustomAttributes=attributes)["Body"])
    assert default == named  # version 001 of zeta is version 1 of other
    newest = json.load(
        ask(account, with_code, body, CustomAttributes="tfs-model-name=other")["Body"]
    )
    assert newest != default


@pytest.mark.observes("tfs-ports", "tfs-instance-count")
def test_each_model_server_has_a_port_of_the_range_for_grpc_and_the_next_for_rest(running):
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
def test_batching_variables_become_the_batching_file(running):
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
def test_request_larger_than_a_batch_is_told_so_at_the_endpoint(account, with_code):
    status, message = error_of(account, with_code, {"instances": [ROW] * 6})
    assert status == 400
    assert "Task size 6 is larger than maximum input batch size 5" in message


@pytest.mark.observes("tfs-library-first")
def test_library_is_on_the_path_and_requirements_are_then_left_alone(account, with_code):
    status, message = error_of(account, with_code, "who")
    assert (status, json.loads(message)["error"].split()[1]) == (500, "brought")
    assert any("ignoring requirements.txt" in line for line in log_of(account, with_code))


@pytest.mark.observes("tfs-gunicorn-workers")
def test_gunicorn_has_as_many_workers_as_asked_for(running):
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


@pytest.mark.observes("tfs-restart")
def test_model_server_that_dies_is_started_again(account, with_code, running):
    old = next(item for item in running.processes if "--rest_api_port=" in " ".join(item.cmdline()))
    command = old.cmdline()
    old.kill()

    def another() -> bool:
        (now,) = containers_of(with_code)
        return any(item.pid != old.pid and item.cmdline() == command for item in now.processes)

    assert eventually(another)
    said = "unexpected tensorflow serving exit"
    assert eventually(lambda: any(said in line for line in log_of(account, with_code)))
    rest = int(command[-5].partition("=")[2])

    def answers() -> bool:
        try:
            return Server(rest).ask("GET", "/v1/models/zeta").status == 200
        except OSError:
            return False

    assert eventually(answers)
    assert containers_of(with_code)[0].port == running.port  # it is the same container


@pytest.mark.observes("tfs-restart")
def test_gunicorn_that_dies_is_started_again_over_the_same_model_servers(account, with_code):
    def of(word: str) -> set[int]:
        (now,) = containers_of(with_code)
        found = (item for item in now.processes if word in " ".join(item.cmdline()))
        return {item.pid for item in found}

    servers, gunicorn = of("local_model_server"), of("python_service")
    for pid in gunicorn:
        psutil.Process(pid).kill()
    assert eventually(lambda: of("python_service") - gunicorn)

    def answers() -> bool:
        try:
            return bool(ask(account, with_code, {"instances": [ROW]})["Body"].read())
        except account.runtime.exceptions.ModelError:
            return False

    assert eventually(answers)
    assert of("local_model_server") == servers


@pytest.mark.slow
@pytest.mark.observes("tfs-front-types", "pipeline-content-type")
def test_container_between_two_scikit_learn_ones_is_told_the_type_and_tells_its_own(
    account, saved_models
):
    middle = container(account, files_below(saved_models / "model"))
    endpoint = account.deploy(
        account.packed_container(FIRST), middle, account.packed_container(LAST)
    )
    answer = ask(account, endpoint, [ROW])["Body"].read().decode()
    kind, _, text = answer.partition(" ")
    assert kind == "application/json"
    assert len(json.loads(text)["predictions"][0]) == 3
    status, message = error_of(account, endpoint, [[1, None]])
    assert status == 400
    assert "null Type: Null is not of expected type: float" in message
    # Nothing of TensorFlow Serving is in the scikit-learn containers, and nobody else listens.
    (_, tensorflow, _) = containers_of(endpoint)
    addresses = {
        connection.laddr.ip
        for process in tensorflow.processes
        for connection in process.net_connections("tcp")
        if connection.status == "LISTEN"
    }
    assert addresses == {"127.0.0.1"}
    account.delete_endpoint(endpoint)


def failure_of(account: Account, given: dict[str, Any]) -> str:
    name = account.start_endpoint(given)
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    account.delete_endpoint(name)
    return str(endpoint["FailureReason"])


@pytest.mark.observes("tfs-no-model")
def test_archive_without_a_version_of_a_model_fails_saying_so(account):
    reason = failure_of(account, container(account, {"one/saved_model.pb": "x"}))
    assert "ValueError: no SavedModel bundles found!" in reason


@pytest.mark.observes("tfs-broken-model")
def test_broken_saved_model_fails_naming_it(account, saved_models):
    graph = (saved_models / "model" / "1" / "saved_model.pb").read_bytes()
    files = {"1/saved_model.pb": graph[: len(graph) // 2]}
    reason = failure_of(account, container(account, files, OLD_IMAGE))
    assert "did not pass the ping health check" in reason
    assert "{{name: model version: 1} due to error: Can't parse 1/saved_model.pb" in reason


@pytest.mark.slow
@pytest.mark.observes("tfs-requirements")
def test_requirements_are_installed_where_there_is_no_library(account, saved_models):
    files = files_below(saved_models / "model") | {
        "code/inference.py": TQDM,
        "code/requirements.txt": "tqdm",
    }
    endpoint = account.deploy(container(account, files))
    assert ask(account, endpoint, "x")["Body"].read() == b"tqdm"
    account.delete_endpoint(endpoint)
    files["code/requirements.txt"] = "no-such-distribution==1.0"
    assert "no-such-distribution==1.0" in failure_of(account, container(account, files))
