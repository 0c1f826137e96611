"""Run the model server and the HTTP servers of the TensorFlow container as processes."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.sagemaker.containers.environment import TENSORFLOW_SERVING_SITE
from local_aws.sagemaker.hosting.ports import give_back, take_ports
from local_aws.testing import ROOT
from local_aws.tests.account import eventually

MODEL = "/v1/models/model"


@dataclass(frozen=True)
class Reply:
    """The response of a server."""

    status: int
    body: bytes
    content_type: str

    @property
    def json(self) -> Any:
        """The body parsed as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The message of an error response."""
        assert list(self.json) == ["error"]
        return str(self.json["error"])


@dataclass(frozen=True)
class Server:
    """A process that listens on a local port."""

    port: int
    process: Any = None

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send one request; a body that is neither text nor bytes is sent as JSON."""
        text = body if isinstance(body, str | bytes | None) else json.dumps(body)
        content = text.encode() if isinstance(text, str) else text
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, content, named)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read(), answer.headers.get("Content-Type", ""))

    def predict(self, body: Any, model: str = MODEL) -> Reply:
        """Send a predict request to the model server."""
        return self.request("POST", f"{model}:predict", body)

    def invoke(self, body: Any, **headers: str) -> Reply:
        """Send a request to an HTTP server, as SageMaker does."""
        return self.request("POST", "/invocations", body, **headers)


def make_saved_models(folder: Path) -> None:
    """Save the models of make_saved_models.py into a folder."""
    command = [
        sys.executable,
        "-m",
        "local_aws.tests.sagemaker.containers.make_saved_models",
        str(folder),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert result.returncode == 0, result.stderr


def files_below(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """Return the files of a folder for an archive, with a prefix before their paths."""
    return {
        f"{prefix}{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def site_env(**variables: str) -> dict[str, str]:
    """Return an environment in which the container's modules can be imported."""
    return {**os.environ, "PYTHONPATH": str(TENSORFLOW_SERVING_SITE), **variables}


@contextmanager
def running(module: str, port: int, *flags: str, **variables: str) -> Iterator[Server]:
    """Start a module of the container and wait until it accepts connections."""
    command = [sys.executable, "-m", module, *flags]
    process = subprocess.Popen(command, env=site_env(**variables), text=True)
    server = Server(port, process)
    try:
        eventually(lambda: process.poll() is not None or _listens(server))
        assert process.poll() is None, f"{module} ended with {process.returncode}"
        yield server
    finally:
        process.terminate()
        process.wait(60)


def _listens(server: Server) -> bool:
    try:
        server.request("GET", "/none")
    except OSError:
        return False
    return True


def config_flag(file: Path, **places: Path) -> str:
    """Write a config file with all versions of some models; return the flag that names it."""
    text = "".join(
        f" config {{ name: '{name}' base_path: '{place}' model_platform: 'tensorflow' "
        f"model_version_policy {{ specific {{ {_versions(place)} }} }} }}"
        for name, place in places.items()
    )
    file.write_text(f"model_config_list {{{text} }}", encoding="utf-8")
    return f"--model_config_file={file}"


def _versions(place: Path) -> str:
    return " ".join(f"versions: {item.name}" for item in sorted(place.iterdir()))


def startup_error(*flags: str, isolated: bool = False) -> str:
    """Run a model server that must fail to start; return the last line of its output."""
    command = [sys.executable, *(["-S"] if isolated else []), "-m", "local_model_server", *flags]
    result = subprocess.run(command, env=site_env(), capture_output=True, text=True, timeout=120)
    assert result.returncode != 0
    return result.stderr.splitlines()[-1]


@contextmanager
def running_model_server(folder: Path, *flags: str, **models: Path) -> Iterator[Server]:
    """Start the model server with all versions of some models."""
    config = config_flag(folder / "models.cfg", **models)
    ports = take_ports(2)
    flags += (f"--port={ports[0]}", f"--rest_api_port={ports[1]}", config)
    try:
        with running("local_model_server", ports[1], *flags) as server:
            yield server
    finally:
        give_back(ports)
