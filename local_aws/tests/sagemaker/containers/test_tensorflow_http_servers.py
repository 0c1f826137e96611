"""The HTTP servers in front of the model server in the TensorFlow containers 2.20 and 2.19."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_aws.sagemaker.hosting.ports import give_back, take_port
from local_aws.tests.sagemaker.containers.model_servers import Reply, Server, running

PACKAGE = "sagemaker_tensorflow_serving_container"
ATTRIBUTES = "X_Amzn_SageMaker_Custom_Attributes"
ROW = [1.0, 2.0, 3.0, 4.0]
JSON = "application/json"
# Some bodies choose a behavior; all others are passed to the model server unchanged.
HANDLERS = """
import json

import falcon
import numpy
import bundled


def input_handler(data, context):
    body = data.read().decode("utf-8")
    if body == "context":
        raise ValueError(json.dumps(context._asdict(), default=lambda value: type(value).__name__))
    if body == "raise":
        raise ValueError("raised")
    if body == "reject":
        raise falcon.HTTPError(falcon.HTTP_422, title="no", description="rejected")
    if body.startswith("form "):
        return {body.removeprefix("form "): "1"}
    if body.startswith("text "):
        return body.removeprefix("text ")
    if body == "channel":
        context.channel.unary_unary("x")
    return body


def output_handler(response, context):
    if response.status_code != 200:
        return json.dumps({"status": response.status_code}), "application/json"
    return response.content, context.accept_header
"""
ONE_HANDLER = """
import requests


def handler(data, context):
    body = data.read()
    if body == b"broken":
        return "text without a content type"
    answer = requests.post(context.rest_uri, data=body)
    return answer.text.upper(), "text/plain"
"""


@contextmanager
def http_server(folder: Path, model_server: Server, version: str, module: str) -> Iterator[Server]:
    """Start an HTTP server in front of a model server, as `serve` does."""
    port, rest = take_port(), model_server.port
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
        give_back(port)


def write_code(folder: Path, script: str) -> Path:
    """Write a model's code into a folder and return the folder."""
    code = folder / "opt" / "ml" / "model" / "code"
    (code / "lib").mkdir(parents=True)
    (code / "inference.py").write_text(script)
    (code / "lib" / "bundled.py").write_text("")
    return folder


@pytest.fixture(scope="module")
def new(model_server, tmp_path_factory):
    with http_server(tmp_path_factory.mktemp("new"), model_server, "2.20", "proxy") as server:
        yield server


@pytest.fixture(scope="module")
def old(model_server, tmp_path_factory):
    with http_server(tmp_path_factory.mktemp("old"), model_server, "2.19", "proxy") as server:
        yield server


@pytest.fixture(scope="module")
def new_handlers(model_server, tmp_path_factory):
    folder = write_code(tmp_path_factory.mktemp("new-handlers"), HANDLERS)
    with http_server(folder, model_server, "2.20", "python_service") as server:
        yield server


@pytest.fixture(scope="module")
def old_handlers(model_server, tmp_path_factory):
    folder = write_code(tmp_path_factory.mktemp("old-handlers"), HANDLERS)
    with http_server(folder, model_server, "2.19", "python_service") as server:
        yield server


@pytest.fixture(scope="module")
def both(new, old):
    return (new, old)


def rows_of(reply: Reply) -> int:
    assert reply.status == 200, reply.body
    return len(reply.json["predictions"])


@pytest.mark.observes("tfs-front-types", "tfs-front-wraps")
@pytest.mark.parametrize(
    ("content_type", "body", "rows"),
    [
        (JSON, json.dumps({"instances": [ROW, ROW]}), 2),
        (JSON, json.dumps([ROW, ROW]), 2),
        (JSON, json.dumps(ROW), 1),
        (JSON, json.dumps({"pixels": ROW}), 1),
        (JSON, f"{json.dumps(ROW)}\n{json.dumps(ROW)}\n", 2),
        ("application/jsonlines", f"{json.dumps(ROW)}\r\n{json.dumps(ROW)}", 2),
        ("application/jsons", f"{json.dumps(ROW)}\n\n{json.dumps(ROW)}", 2),
        ("text/csv", "1,2,3,4\n5,6,7,8\n9,10,11,12\n", 3),
    ],
)
def test_proxy_wraps_bodies_in_tensorflow_serving_requests(both, content_type, body, rows):
    for server in both:
        reply = server.invoke(body, Content_Type=content_type)
        assert rows_of(reply) == rows


@pytest.mark.observes("tfs-front-parameters")
def test_proxy_ignores_content_type_parameters_in_the_newer_container_only(new, old):
    content_type = "Application/JSON; charset=utf-8"
    assert rows_of(new.invoke([ROW], Content_Type=content_type)) == 1
    reply = old.invoke([ROW], Content_Type=content_type)
    assert (reply.status, reply.error) == (415, f"Unsupported Media Type: {content_type}")


@pytest.mark.observes("tfs-front-unsupported")
@pytest.mark.parametrize("content_type", ["application/x-npy", "image/png", ""])
def test_proxy_rejects_other_content_types_with_a_json_error(both, content_type):
    for server in both:
        reply = server.invoke(b"\x93NUMPY", Content_Type=content_type)
        assert (reply.status, reply.content_type) == (415, JSON)
        assert reply.error == f"Unsupported Media Type: {content_type or 'Unknown'}"


@pytest.mark.observes("tfs-front-accept")
def test_proxy_puts_json_on_one_line_if_accept_names_its_type(new, old):
    assert b"\n" in new.invoke([ROW], Content_Type=JSON).body
    assert b"\n" in new.invoke([ROW], Content_Type=JSON, Accept="*/*").body
    for server, content_type in ((new, JSON), (old, "application/jsonlines")):
        accept = "application/jsonlines, application/json"
        reply = server.invoke([ROW], Content_Type=JSON, Accept=accept)
        assert (b"\n" in reply.body, reply.content_type) == (False, content_type)


@pytest.mark.observes("tfs-attributes")
def test_custom_attributes_choose_model_version_and_method(both, new_handlers):
    body = json.dumps({"instances": [ROW]})
    for server in (*both, new_handlers):

        def predict(attributes, server=server):
            headers = {ATTRIBUTES: attributes}
            return server.invoke(body, Content_Type=JSON, Accept=JSON, **headers).json

        newest = predict("x=1")
        assert predict("tfs-model-name=model,tfs-model-version=2") == newest
        assert predict("tfs-model-version=1,tfs-method=predict") != newest


@pytest.mark.observes("tfs-attributes")
@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ("tfs-model-name=other", "Servable not found for request: Latest(other)"),
        ("tfs-model-version=9", "Servable not found for request: Specific(model, 9)"),
    ],
)
def test_model_or_version_that_is_not_served_gets_404(both, attributes, text):
    for server in both:
        reply = server.invoke([ROW], Content_Type=JSON, **{ATTRIBUTES: attributes})
        assert (reply.status, reply.error) == (404, text)


@pytest.mark.observes("tfs-attributes")
def test_newer_container_rejects_attributes_that_are_unsafe_in_a_path(new, new_handlers):
    for server in (new, new_handlers):
        for attributes, text in (
            ("tfs-model-name=../x", "invalid tfs-model-name"),
            ("tfs-model-version=1a", "invalid tfs-model-version"),
            ("tfs-method=guess", "invalid tfs-method"),
        ):
            reply = server.invoke([ROW], Content_Type=JSON, **{ATTRIBUTES: attributes})
            assert (reply.status, reply.error) == (400, text)


def test_older_container_passes_any_model_name_to_the_model_server(old, old_handlers):
    headers = {"Content_Type": JSON, ATTRIBUTES: "tfs-model-name=a b"}
    reply = old.invoke([ROW], **headers)
    assert (reply.status, reply.error) == (404, "Servable not found for request: Latest(a b)")
    assert old_handlers.invoke([ROW], **headers).json == {"status": 404}


@pytest.mark.observes("tfs-ping", "tfs-execution-parameters")
def test_ping_gets_200_and_other_paths_get_404_with_a_json_error(both, new_handlers, old_handlers):
    for server in (*both, new_handlers, old_handlers):
        assert server.request("GET", "/ping").status == 200
        for path in ("/execution-parameters", "/", "/v1/models/model"):
            reply = server.request("GET", path)
            assert (reply.status, reply.error) == (404, "Not Found")


@pytest.mark.observes("tfs-ping")
def test_proxy_without_a_model_server_fails_the_ping(tmp_path):
    port = take_port()
    with http_server(tmp_path, Server(port), "2.20", "proxy") as server:
        assert server.request("GET", "/ping").status == 502
        assert server.invoke([ROW], Content_Type=JSON).status == 502
    give_back(port)


@pytest.mark.observes("tfs-handlers-two", "tfs-handlers-nothing-done")
def test_handlers_receive_the_unchanged_body_of_any_content_type(new_handlers, old_handlers):
    for server in (new_handlers, old_handlers):
        reply = server.invoke({"instances": [ROW]}, Content_Type="application/x-own; a=b")
        assert rows_of(reply) == 1
    reply = old_handlers.invoke([ROW], Content_Type=JSON)  # a bare list is not wrapped
    assert reply.json == {"status": 400}


@pytest.mark.observes("tfs-handlers-two")
def test_input_handler_may_return_any_data_that_requests_accepts(old_handlers, new_handlers):
    form = new_handlers.invoke("form a", Accept=JSON).json["description"]
    assert "JSON Parse error: Invalid value. at offset: 0" in form  # the body was a=1
    assert rows_of(new_handlers.invoke(f'text {{"instances": [{ROW}]}}')) == 1
    assert old_handlers.invoke("form a").json == {"status": 400}


@pytest.mark.observes("tfs-handlers-exception")
def test_exception_in_a_handler_gets_500_with_its_message(new_handlers, old_handlers):
    for server in (new_handlers, old_handlers):
        reply = server.invoke("raise", Content_Type="text/plain", Accept="text/csv")
        assert (reply.status, reply.error) == (500, "raised")


@pytest.mark.observes("tfs-handlers-http-error")
def test_http_error_of_a_handler_sets_the_status_in_the_newer_container_only(
    new_handlers, old_handlers
):
    reply = new_handlers.invoke("reject", Accept=JSON)
    assert (reply.status, reply.json) == (422, {"title": "no", "description": "rejected"})
    assert old_handlers.invoke("reject", Accept=JSON).status == 500


@pytest.mark.observes("tfs-handlers-new-errors")
def test_newer_container_skips_the_output_handler_after_an_error_of_the_model_server(new_handlers):
    reply = new_handlers.invoke({"instances": []}, Accept=JSON)
    assert (reply.status, reply.json["title"]) == (400, "400 Bad Request")
    assert "No values in 'instances' array" in reply.json["description"]


@pytest.mark.observes("tfs-handlers-old-errors")
def test_older_container_passes_an_error_of_the_model_server_to_the_output_handler(old_handlers):
    reply = old_handlers.invoke({"instances": []}, Accept=JSON)
    assert (reply.status, reply.json) == (200, {"status": 400})


@pytest.mark.observes("tfs-handlers-empty-error")
def test_error_has_no_body_if_only_csv_is_accepted(new_handlers):
    for body in ("reject", json.dumps({"instances": []})):
        reply = new_handlers.invoke(body, Accept="text/csv")
        assert (reply.status >= 400, reply.body) == (True, b"")


@pytest.mark.observes("tfs-handlers-accept-echo")
def test_handler_that_returns_the_accept_header_sets_it_as_the_content_type(new_handlers):
    body = {"instances": [ROW]}
    assert new_handlers.invoke(body, Accept="*/*").content_type == "*/*"
    assert new_handlers.invoke(body).content_type == JSON


@pytest.mark.observes("tfs-handlers-context")
def test_context_has_the_fields_of_its_container(model_server, new_handlers, old_handlers):
    for server, extra in ((new_handlers, {"timeout": 60}), (old_handlers, {})):
        attributes = "tfs-model-name=model,tfs-model-version=2,tfs-method=predict,own=1"
        headers = {"Content_Type": "a/b; c=d", "Accept": "e/f", ATTRIBUTES: attributes}
        reply = server.invoke("context", **headers)
        assert json.loads(reply.error) == {
            "model_name": "model",
            "model_version": "2",
            "method": "predict",
            "rest_uri": (
                f"http://localhost:{model_server.port}/v1/models/model/versions/2:predict"
            ),
            "grpc_port": str(model_server.port - 1),
            "channel": "NoChannel",
            "custom_attributes": attributes,
            "request_content_type": "a/b; c=d",
            "accept_header": "e/f",
            "content_length": len("context"),
            **extra,
        }
        bare = json.loads(server.invoke("context").error)
        assert (bare["model_name"], bare["custom_attributes"]) == (None, None)
        assert (bare["request_content_type"], bare["accept_header"]) == (JSON, JSON)


@pytest.mark.observes("tfs-not-grpc")
def test_grpc_channel_raises_an_error_when_used(new_handlers):
    reply = new_handlers.invoke("channel")
    assert "the local AWS's model server has no gRPC" in reply.error


@pytest.mark.observes("tfs-handlers-one")
def test_single_handler_posts_to_the_model_server_itself(model_server, tmp_path):
    folder = write_code(tmp_path, ONE_HANDLER)
    with http_server(folder, model_server, "2.20", "python_service") as server:
        reply = server.invoke({"instances": []})
        assert (reply.status, reply.content_type) == (200, "text/plain")
        assert b"NO VALUES IN 'INSTANCES' ARRAY" in reply.body
        assert server.invoke("broken").status == 500
        assert server.request("GET", "/invocations").status == 405


@pytest.mark.slow
@pytest.mark.observes("tfs-handlers-none")
def test_code_without_a_script_forwards_requests_unchanged(model_server, tmp_path):
    folder = write_code(tmp_path, "")
    (folder / "opt" / "ml" / "model" / "code" / "inference.py").unlink()
    body = {"instances": [ROW]}
    with http_server(folder, model_server, "2.20", "python_service") as server:
        assert rows_of(server.invoke(body, Content_Type="application/json; a=b")) == 1
        assert server.invoke([ROW], Content_Type=JSON).status == 400
        reply = server.invoke(body, Content_Type="image/png")
        assert (reply.status, reply.error) == (415, "Unsupported Media Type: image/png")
    with http_server(folder, model_server, "2.19", "python_service") as server:
        assert rows_of(server.invoke(body, Content_Type="image/png")) == 1
        assert b"Missing 'inputs' or 'instances' key" in server.invoke({}).body


@pytest.mark.slow
@pytest.mark.observes("tfs-handlers-missing")
def test_script_without_handlers_fails_to_start(model_server, tmp_path, capfd):
    folder = write_code(tmp_path, "x = 1")
    with (
        pytest.raises(AssertionError, match="ended with 1"),
        http_server(folder, model_server, "2.20", "python_service"),
    ):
        pass
    error = capfd.readouterr().err
    assert "NotImplementedError: Handlers are not implemented correctly in user script." in error
