"""The stand-in for TensorFlow Serving: how it starts, and how it joins requests to batches."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from local_aws.tests.sagemaker.containers.model_servers import (
    Server,
    running_model_server,
    site_env,
)

THREADS = 40  # of TensorFlow's in one operation, where a test asks for them


def together(server: Server, count: int, size: int = 1, **body) -> list[list[int]]:
    """Send requests at once; return for each how many rows ran together with its own."""
    row = {"tokens": [1], "weights": [1]}
    request = {"signature_name": "bags", "instances": [row] * size} | body

    def ask(_):
        reply = server.predict(request)
        assert reply.status == 200, reply.body
        return [item["together"] for item in reply.json["predictions"]]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


@pytest.fixture(scope="module")
def batching_server(saved_models, tmp_path_factory):
    """Run the model server with batches of at most 4 rows and much time to join them."""
    folder = tmp_path_factory.mktemp("batching")
    parameters = folder / "batching.cfg"
    parameters.write_text(
        "max_batch_size { value: 4 }\nbatch_timeout_micros { value: 2000000 }\n"
        "num_batch_threads { value: 2 }\nmax_enqueued_batches { value: 2 }\n"
    )
    flags = (
        *("--enable_batching=true", f"--batching_parameters_file={parameters}"),
        f"--tensorflow_intra_op_parallelism={THREADS}",
    )
    with running_model_server(folder, saved_models, *flags) as server:
        yield server


@pytest.mark.observes("tfs-batching-joins")
def test_concurrent_requests_run_as_one_batch_up_to_its_size(batching_server):
    assert together(batching_server, 4) == [[4]] * 4
    assert together(batching_server, 2, size=2) == [[4, 4]] * 2


@pytest.mark.observes("tfs-batching-joins")
def test_request_that_nobody_joins_runs_alone_after_the_timeout(batching_server):
    assert together(batching_server, 1) == [[1]]


@pytest.mark.observes("tfs-batching-limits")
def test_request_larger_than_a_batch_is_refused(batching_server):
    reply = batching_server.predict({"instances": [[1, 2, 3, 4]] * 5})
    text = "Task size 5 is larger than maximum input batch size 4"
    assert (reply.status, reply.error) == (400, text)


@pytest.mark.observes("tfs-batching-limits")
def test_requests_of_other_widths_cannot_share_a_batch(batching_server):
    bodies = [
        {"inputs": {"tokens": [[1] * width] * 2, "weights": [[1] * width] * 2}} for width in (1, 2)
    ]
    with ThreadPoolExecutor(2) as pool:
        replies = list(
            pool.map(
                lambda body: batching_server.predict({"signature_name": "bags"} | body), bodies
            )
        )
    assert [reply.status for reply in replies] == [400, 400]
    assert "from different tasks have different shapes and padding is turned off" in (
        replies[0].error
    )


def test_tensorflow_has_the_threads_that_the_flags_give_it(model_server, batching_server):
    for server in (model_server, batching_server):
        assert server.predict({"instances": [[1, 2, 3, 4]]}).status == 200
    usual, more = (
        psutil.Process(server.process.pid).num_threads()
        for server in (model_server, batching_server)
    )
    assert more - usual >= THREADS - (os.cpu_count() or 1)


def test_model_server_without_batching_runs_each_request_alone(model_server):
    assert together(model_server, 4) == [[1]] * 4


def said_by_the_server(*flags: str, isolated: bool = False) -> str:
    """Run the model server, which must end by itself; return what it said last."""
    command = [sys.executable, *(["-S"] if isolated else []), "-m", "local_model_server", *flags]
    finished = subprocess.run(command, env=site_env(), capture_output=True, text=True, timeout=120)
    assert finished.returncode != 0
    return finished.stderr.splitlines()[-1]


@pytest.mark.observes("tfs-broken-model")
def test_broken_saved_models_end_the_server_with_a_reason(saved_models, tmp_path):
    model = saved_models / "model" / "1"
    graph = (model / "saved_model.pb").read_bytes()
    for number, content in enumerate((graph[: len(graph) // 2], bytes(len(graph)), b"")):
        folder = tmp_path / str(number) / "1"
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_bytes(content)
        said = said_by_the_server("--model_name=m", f"--model_base_path={folder.parent}")
        assert said.startswith("ModelServerError: Failed to start server. Error: Unknown: ")
        assert "{{name: m version: 1} due to error: Can't parse 1/saved_model.pb" in said


@pytest.mark.observes("tfs-broken-model")
def test_saved_model_without_its_variables_ends_the_server_with_a_reason(saved_models, tmp_path):
    folder = tmp_path / "1"
    folder.mkdir()
    graph = (saved_models / "model" / "1" / "saved_model.pb").read_bytes()
    (folder / "saved_model.pb").write_bytes(graph)
    said = said_by_the_server("--model_name=m", f"--model_base_path={tmp_path}")
    assert said.startswith("ModelServerError: Failed to start server. Error: Unknown: ")


@pytest.mark.observes("tfs-not-without-tensorflow")
def test_computer_without_tensorflow_is_told_how_to_get_it(saved_models):
    # Without its site-packages, Python has no numpy and no TensorFlow.
    flags = ("--model_name=m", f"--model_base_path={saved_models / 'model'}")
    said = said_by_the_server(*flags, isolated=True)
    assert said == (
        "ModelServerError: TensorFlow is not installed on this computer, and the TensorFlow "
        "Serving container of the local AWS needs it: run `make tensorflow` and deploy again"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("max_batch_size { value: x }", "max_batch_size has no whole number"),
        ("max_batch_size { value: 0 }", "max_batch_size must be positive; was 0"),
        ("allowed_batch_sizes: 4", "does not reproduce the parameter allowed_batch_sizes"),
        ("max_batch_size { value: 4", "cannot be read: a message has no }"),
    ],
)
def test_batching_file_that_cannot_be_used_ends_the_server(tmp_path, saved_models, text, reason):
    parameters = tmp_path / "batching.cfg"
    parameters.write_text(text)
    flags = ("--enable_batching", f"--batching_parameters_file={parameters}")
    said = said_by_the_server(f"--model_base_path={saved_models / 'model'}", *flags)
    assert said.startswith("ModelServerError: ")
    assert reason in said


def test_flag_that_tensorflow_serving_has_not_is_refused():
    assert "unrecognized arguments: --no_such_flag" in said_by_the_server("--no_such_flag")
