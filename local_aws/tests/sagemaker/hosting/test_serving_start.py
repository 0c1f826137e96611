"""The start of the serving container: its workers, its code, its ports, and its variables."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local_aws.processes import LIFELINE
from local_aws.sagemaker.containers.environment import CONTAINER_SITE, SCIKIT_LEARN_SITE
from local_aws.sagemaker.containers.images import find_image
from local_aws.tests.account import IMAGE, VARIANT, Account, eventually
from local_aws.tests.sagemaker.hosting.containers import RunningContainer, containers_of

PINS = {
    "scikit-learn": "1.9.0",
    "numpy": "2.5.1",
    "scipy": "1.18.0",
    "pandas": "2.2.3",
    "pyarrow": "25.0.0",
    "joblib": "1.5.3",
    "flask": "3.1.3",
    "werkzeug": "3.1.8",
    "gunicorn": "26.0.0",
    "gevent": "26.5.0",
    "protobuf": "3.20.2",
    "boto3": "1.43.46",
    "setuptools": "80.10.2",
    "pip": "26.1.2",
    "sagemaker-training": "4.8.0",
    "sagemaker-containers": "2.8.6.post2",
    "sagemaker-inference": "1.5.5",
    "multi-model-server": "1.1.2",
}
# Prints when it loads its model, and returns facts about its process.
FACTS = """
import json
import os

import gevent.monkey


def model_fn(model_dir):
    print("loaded in", os.getpid(), flush=True)
    return model_dir


def predict_fn(array, model_dir):
    return {
        "pid": os.getpid(),
        "file": os.path.realpath(__file__),
        "model_dir": os.path.realpath(model_dir),
        "gevent": gevent.monkey.is_module_patched("socket"),
    }


def output_fn(facts, accept):
    return json.dumps(facts | {"accept": accept}), "application/json"
"""
# Keeps its worker busy, so that it cannot report to gunicorn.
BUSY = """
import time


def model_fn(model_dir):
    return None


def predict_fn(array, model):
    end = time.monotonic() + float(array.sum())
    while time.monotonic() < end:
        sum(range(1000))
    return array
"""


def facts(account: Account, endpoint: str, **headers: str) -> dict[str, Any]:
    headers = {"ContentType": "application/json"} | headers
    response = account.runtime.invoke_endpoint(EndpointName=endpoint, Body="[[1]]", **headers)
    return dict(json.load(response["Body"]))


def responding_pid(container: RunningContainer) -> int:
    reply = container.request("POST", "/invocations", "[[1]]", content_type="application/json")
    return int(json.loads(reply.body)["pid"])


def log_of(account: Account, endpoint: str) -> list[str]:
    return account.log(f"/aws/sagemaker/Endpoints/{endpoint}", f"{VARIANT}/i-")


@pytest.fixture(scope="module")
def endpoint(account) -> str:
    """Deploy the program that returns facts about its process, with two workers."""
    container = account.packed_container(FACTS)
    container["Environment"] |= {
        "SAGEMAKER_MODEL_SERVER_WORKERS": "2",
        "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
    }
    return str(account.deploy(container))


@pytest.fixture(scope="module")
def running(endpoint) -> RunningContainer:
    """Return the container of the endpoint."""
    (container,) = containers_of(endpoint)
    return container


@pytest.mark.observes("image-pins")
def test_image_has_the_pinned_versions_of_the_real_one():
    distributions = find_image(IMAGE).distributions
    assert {name: distributions[name] for name in PINS} == PINS


@pytest.mark.observes("serve-gunicorn")
def test_container_runs_its_program_in_gevent_workers_of_gunicorn(account, endpoint, running):
    response = facts(account, endpoint)
    assert response["gevent"]
    (worker,) = [process for process in running.processes if process.pid == response["pid"]]
    assert any("sagemaker_sklearn_container.serve" in word for word in worker.parent().cmdline())


@pytest.mark.observes("serve-workers", "serve-model-fn-per-worker")
def test_container_with_two_workers_loads_its_model_once_in_each(account, endpoint, running):
    pids: set[int] = set()

    def both_respond() -> bool:
        with ThreadPoolExecutor(max_workers=8) as pool:  # on separate connections
            pids.update(pool.map(lambda _: responding_pid(running), range(8)))
        return len(pids) == 2

    eventually(both_respond)
    expected = sorted(f"loaded in {pid}" for pid in pids)

    def loads() -> list[str]:
        return sorted(line for line in log_of(account, endpoint) if line.startswith("loaded in"))

    assert eventually(lambda: len(loads()) >= 2 and loads()) == expected


@pytest.mark.observes("serve-model-fn-per-worker")
def test_ping_makes_a_container_load_its_model(account):
    name = account.deploy(account.packed_container(FACTS))
    assert eventually(lambda: any("loaded in" in line for line in log_of(account, name)))
    account.delete_endpoint(name)


@pytest.mark.observes("serve-submit-directory", "serve-base-dir")
def test_container_runs_a_copy_of_its_code_and_reads_its_model_in_the_base_folder(
    account, endpoint, running
):
    response = facts(account, endpoint)
    base = running.base.resolve()
    assert response["file"] == str(base / "code" / "serve.py")
    assert (base / "model" / "code" / "serve.py").exists()
    assert response["model_dir"] == str(base / "model")


@pytest.mark.observes("serve-default-accept")
def test_default_accept_of_a_container_applies_if_the_request_accepts_anything(account, endpoint):
    accepts = [facts(account, endpoint)["accept"]]
    accepts += [facts(account, endpoint, Accept=name)["accept"] for name in ("*/*", "text/x")]
    assert accepts == ["text/csv", "text/csv", "text/x"]


@pytest.mark.observes("serve-bind-to-port", "serve-safe-port-range")
def test_container_listens_only_on_the_port_in_its_environment(running):
    assert running.request("GET", "/ping").status == 200
    ports = {
        connection.laddr.port
        for process in running.processes
        for connection in process.net_connections("tcp")
        if connection.status == "LISTEN"
    }
    assert ports == {running.port}


@pytest.mark.slow
@pytest.mark.observes("serve-bind-to-port-default")
def test_container_listens_on_port_8080_by_default(tmp_path):
    with socket.socket() as listener:
        with contextlib.suppress(OSError):  # another program listening on it is fine too
            listener.bind(("127.0.0.1", 8080))
            listener.listen()
        assert "Connection in use: ('127.0.0.1', 8080)" in serve_error(tmp_path)


def serve_error(base: Path) -> str:
    """Run the serve command without a port until it exits; return its error output."""
    (base / "code").mkdir()
    path = os.pathsep.join(map(str, (CONTAINER_SITE, LIFELINE, SCIKIT_LEARN_SITE)))
    command = [sys.executable, "-m", "sagemaker_sklearn_container.serve"]
    env = {**os.environ, "PYTHONPATH": path, "SAGEMAKER_BASE_DIR": str(base)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120).stderr


@pytest.mark.slow
@pytest.mark.observes("serve-timeout")
def test_worker_that_is_busy_for_longer_than_its_timeout_is_terminated(account):
    container = account.packed_container(BUSY)
    container["Environment"]["SAGEMAKER_MODEL_SERVER_TIMEOUT"] = "2"
    name = account.deploy(container)
    (running,) = containers_of(name)
    working = running.begin("POST", "/invocations", "[[50]]", content_type="application/json")
    assert eventually(lambda: any("WORKER TIMEOUT" in line for line in log_of(account, name)))
    working.close()
    account.delete_endpoint(name)
