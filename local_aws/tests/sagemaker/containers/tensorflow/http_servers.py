"""Start the HTTP servers of the TensorFlow containers, and check what all of them do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws.sagemaker.hosting.ports import give_back, take_ports
from local_aws.tests.sagemaker.containers.model_servers import Reply, Server, running

PACKAGE = "sagemaker_tensorflow_serving_container"
ATTRIBUTES = "X_Amzn_SageMaker_Custom_Attributes"
ROW = [1.0, 2.0, 3.0, 4.0]
JSON = "application/json"


@contextmanager
def http_server(folder: Path, model_server: Server, version: str, module: str) -> Iterator[Server]:
    """Start an HTTP server in front of a model server, as `serve` does."""
    (port,), rest = take_ports(1), model_server.port
    variables = {
        "SAGEMAKER_BASE_DIR": str(folder / "opt" / "ml"),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_SAFE_PORT_RANGE": f"{rest - 1}-{rest + 1}",
        "SAGEMAKER_TFS_VERSION": version,
        "TFS_DEFAULT_MODEL_NAME": "model",
    }
    try:
        with running(f"{PACKAGE}.{module}", port, **variables) as server:
            yield server
    finally:
        give_back([port])


def write_code(folder: Path, script: str) -> Path:
    """Write a model's code into a folder and return the folder."""
    code = folder / "opt" / "ml" / "model" / "code"
    (code / "lib").mkdir(parents=True)
    (code / "inference.py").write_text(script)
    (code / "lib" / "bundled.py").write_text("")
    return folder


def rows_of(reply: Reply) -> int:
    assert reply.status == 200, reply.body
    return len(reply.json["predictions"])


def check_attributes(server: Server) -> None:
    """Fail unless custom attributes choose the model, its version, and the method."""

    def predict(attributes: str) -> Any:
        headers = {"Content_Type": JSON, "Accept": JSON, ATTRIBUTES: attributes}
        return server.invoke({"instances": [ROW]}, **headers).json

    newest = predict("x=1")
    assert predict("tfs-model-name=model,tfs-model-version=2") == newest
    assert predict("tfs-model-version=1,tfs-method=predict") != newest


def unsafe_attributes(server: Server) -> list[str]:
    """Return the errors for attributes that are unsafe in a path."""
    errors = []
    for pair in ("model-name=../x", "model-version=1a", "method=guess"):
        reply = server.invoke([ROW], Content_Type=JSON, **{ATTRIBUTES: f"tfs-{pair}"})
        assert reply.status == 400
        errors.append(reply.error)
    return errors


def check_paths(server: Server) -> None:
    """Fail unless a ping gets 200, and every other path gets 404 with a JSON error."""
    assert server.request("GET", "/ping").status == 200
    for path in ("/execution-parameters", "/", "/v1/models/model"):
        reply = server.request("GET", path)
        assert (reply.status, reply.error) == (404, "Not Found")
