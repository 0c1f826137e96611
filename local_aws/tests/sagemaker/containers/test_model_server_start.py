"""The stand-in for TensorFlow Serving: its start, its flags, and batching."""

import os
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from local_aws.tests.sagemaker.containers.model_servers import (
    Server,
    config_flag,
    running_model_server,
    startup_error,
)

THREADS = 40  # for one TensorFlow operation


def batch_sizes(server: Server, count: int, size: int = 1) -> list[list[int]]:
    """Send concurrent requests; return the size of the batch of each row of each request."""
    row = {"tokens": [1], "weights": [1]}

    def predict(_):
        reply = server.predict({"signature_name": "bags", "instances": [row] * size})
        assert reply.status == 200, reply.body
        return [item["batch_size"] for item in reply.json["predictions"]]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(predict, range(count)))


@pytest.fixture(scope="module")
def batching_server(saved_models, tmp_path_factory):
    """Run the model server with batches of up to 4 rows and a long timeout."""
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
    with running_model_server(folder, *flags, model=saved_models / "model") as server:
        yield server


@pytest.mark.observes("tfs-batching-joins")
def test_concurrent_requests_run_in_one_batch_up_to_its_maximum_size(batching_server):
    assert batch_sizes(batching_server, 4) == [[4]] * 4
    assert batch_sizes(batching_server, 2, size=2) == [[4, 4]] * 2


@pytest.mark.slow
@pytest.mark.observes("tfs-batching-joins")
def test_single_request_runs_alone_after_the_timeout(batching_server):
    assert batch_sizes(batching_server, 1) == [[1]]


@pytest.mark.observes("tfs-batching-limits")
def test_request_larger_than_a_batch_is_rejected(batching_server):
    reply = batching_server.predict({"instances": [[1, 2, 3, 4]] * 5})
    text = "Task size 5 is larger than maximum input batch size 4"
    assert (reply.status, reply.error) == (400, text)


@pytest.mark.observes("tfs-batching-limits")
def test_requests_of_different_widths_cannot_share_a_batch(batching_server):
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


@pytest.mark.slow
def test_tensorflow_uses_the_number_of_threads_in_the_flags(model_server, batching_server):
    for server in (model_server, batching_server):
        assert server.predict({"instances": [[1, 2, 3, 4]]}).status == 200
    default, configured = (
        psutil.Process(server.process.pid).num_threads()
        for server in (model_server, batching_server)
    )
    assert configured - default >= THREADS - (os.cpu_count() or 1)


def test_model_server_without_batching_runs_each_request_alone(model_server):
    assert batch_sizes(model_server, 4) == [[1]] * 4


@pytest.mark.observes("tfs-broken-model")
def test_corrupt_saved_model_fails_the_start_with_a_reason(saved_models, tmp_path):
    model = saved_models / "model" / "1"
    graph = (model / "saved_model.pb").read_bytes()
    for number, content in enumerate((graph[: len(graph) // 2], bytes(len(graph)), b"")):
        folder = tmp_path / str(number) / "1"
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_bytes(content)
        error = startup_error(config_flag(tmp_path / "models.cfg", m=folder.parent))
        assert error.startswith("ModelServerError: Failed to start server. Error: Unknown: ")
        assert "{{name: m version: 1} due to error: Can't parse 1/saved_model.pb" in error


@pytest.mark.slow
@pytest.mark.observes("tfs-broken-model")
def test_saved_model_without_variables_fails_the_start_with_a_reason(saved_models, tmp_path):
    folder = tmp_path / "m" / "1"
    folder.mkdir(parents=True)
    graph = (saved_models / "model" / "1" / "saved_model.pb").read_bytes()
    (folder / "saved_model.pb").write_bytes(graph)
    error = startup_error(config_flag(tmp_path / "models.cfg", m=folder.parent))
    assert error.startswith("ModelServerError: Failed to start server. Error: Unknown: ")


@pytest.mark.observes("tfs-not-without-tensorflow")
def test_start_without_tensorflow_fails_with_the_command_that_installs_it(saved_models, tmp_path):
    # Without site-packages, Python has neither NumPy nor TensorFlow.
    flag = config_flag(tmp_path / "models.cfg", m=saved_models / "model")
    error = startup_error(flag, isolated=True)
    assert error == (
        "ModelServerError: TensorFlow is not installed on this computer, and the TensorFlow "
        "Serving container of the local AWS needs it. Install the extra `tensorflow` of local-aws "
        "there (uv sync --extra tensorflow), and deploy again"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("max_batch_size { value: x }", "max_batch_size is not an integer"),
        ("max_batch_size { value: 0 }", "max_batch_size must be positive; was 0"),
    ],
)
def test_invalid_batching_file_fails_the_start(tmp_path, saved_models, text, reason):
    parameters = tmp_path / "batching.cfg"
    parameters.write_text(text)
    models = config_flag(tmp_path / "models.cfg", m=saved_models / "model")
    error = startup_error(models, f"--batching_parameters_file={parameters}")
    assert error.startswith("ModelServerError: ")
    assert reason in error


def test_flag_unknown_to_tensorflow_serving_is_rejected():
    assert "unrecognized arguments: --no_such_flag" in startup_error(
        "--model_config_file=none", "--no_such_flag"
    )
