"""What stands before the model server in the TensorFlow containers 2.20 and 2.19."""

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
# A body that names something is answered in that way; others go to the model server as they are.
HANDLERS = """
import json

import falcon
import numpy
import brought


def input_handler(data, context):
    body = data.read().decode("utf-8")
    if body == "context":
        raise ValueError(json.dumps(context._asdict(), default=lambda value: type(value).__name__))
    if body == "raise":
        raise ValueError("asked to raise")
    if body == "refuse":
        raise falcon.HTTPError(falcon.HTTP_422, title="no", description="asked to refuse")
    if body.startswith("form "):
        return {body.removeprefix("form "): "1"}
    if body.startswith("text "):
        return body.removeprefix("text ")
    if body == "channel":
        context.channel.unary_unary("x")
    return body


def output_handler(response, context):
    if response.status_code != 200:
        return json.dumps({"seen": response.status_code}), "application/json"
    return response.content, context.accept_header
"""
ONE_HANDLER = """
import requests


def handler(data, context):
    body = data.read()
    if body == b"broken":
        return "only a text"
    answer = requests.post(context.rest_uri, data=body)
    return answer.text.upper(), "text/plain"
"""


@contextmanager
def front(folder: Path, model_server: Server, version: str, module: str) -> Iterator[Server]:
    """Start a front over a model server, as `serve` does."""
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


def code(folder: Path, script: str) -> Path:
    """Write a model's code into a folder; return it."""
    place = folder / "opt" / "ml" / "model" / "code"
    (place / "lib").mkdir(parents=True)
    (place / "inference.py").write_text(script)
    (place / "lib" / "brought.py").write_text("")
    return folder


@pytest.fixture(scope="module")
def new(model_server, tmp_path_factory):
    with front(tmp_path_factory.mktemp("new"), model_server, "2.20", "front") as server:
        yield server


@pytest.fixture(scope="module")
def old(model_server, tmp_path_factory):
    with front(tmp_path_factory.mktemp("old"), model_server, "2.19", "front") as server:
        yield server


@pytest.fixture(scope="module")
def new_handlers(model_server, tmp_path_factory):
    folder = code(tmp_path_factory.mktemp("new-handlers"), HANDLERS)
    with front(folder, model_server, "2.20", "python_service") as server:
        yield server


@pytest.fixture(scope="module")
def old_handlers(model_server, tmp_path_factory):
    folder = code(tmp_path_factory.mktemp("old-handlers"), HANDLERS)
    with front(folder, model_server, "2.19", "python_service") as server:
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
def test_front_wraps_what_is_no_request_of_tensorflow_serving(both, content_type, body, rows):
    for server in both:
        reply = server.invoke(body, Content_Type=content_type)
        assert rows_of(reply) == rows


@pytest.mark.observes("tfs-front-parameters")
def test_front_strips_parameters_of_the_content_type_in_the_newer_container_only(new, old):
    given = "Application/JSON; charset=utf-8"
    assert rows_of(new.invoke([ROW], Content_Type=given)) == 1
    reply = old.invoke([ROW], Content_Type=given)
    assert (reply.status, reply.error) == (415, f"Unsupported Media Type: {given}")


@pytest.mark.observes("tfs-front-unsupported")
@pytest.mark.parametrize("content_type", ["application/x-npy", "image/png", ""])
def test_front_refuses_other_types_with_json(both, content_type):
    for server in both:
        reply = server.invoke(b"\x93NUMPY", Content_Type=content_type)
        assert (reply.status, reply.content_type) == (415, JSON)
        assert reply.error == f"Unsupported Media Type: {content_type or 'Unknown'}"


@pytest.mark.observes("tfs-front-accept")
def test_front_puts_json_on_one_line_for_who_accepts_it_by_name(new, old):
    assert b"\n" in new.invoke([ROW], Content_Type=JSON).body
    assert b"\n" in new.invoke([ROW], Content_Type=JSON, Accept="*/*").body
    for server, given in ((new, JSON), (old, "application/jsonlines")):
        accept = "application/jsonlines, application/json"
        reply = server.invoke([ROW], Content_Type=JSON, Accept=accept)
        assert (b"\n" in reply.body, reply.content_type) == (False, given)


@pytest.mark.observes("tfs-attributes")
def test_custom_attributes_choose_model_version_and_method(both, new_handlers):
    body = json.dumps({"instances": [ROW]})
    for server in (*both, new_handlers):

        def ask(attributes, server=server):
            return server.invoke(body, Content_Type=JSON, Accept=JSON, **{ATTRIBUTES: attributes})

        newest = ask("x=1").json
        assert ask("tfs-model-name=model,tfs-model-version=2").json == newest
        assert ask("tfs-model-version=1,tfs-method=predict").json != newest


@pytest.mark.observes("tfs-attributes")
@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ("tfs-model-name=other", "Servable not found for request: Latest(other)"),
        ("tfs-model-version=9", "Servable not found for request: Specific(model, 9)"),
    ],
)
def test_model_or_version_that_is_not_served_is_a_404(both, attributes, text):
    for server in both:
        reply = server.invoke([ROW], Content_Type=JSON, **{ATTRIBUTES: attributes})
        assert (reply.status, reply.error) == (404, text)


@pytest.mark.observes("tfs-attributes")
def test_newer_container_refuses_attributes_that_could_not_be_in_a_path(new, new_handlers):
    for server in (new, new_handlers):
        for given, text in (
            ("tfs-model-name=../x", "invalid tfs-model-name"),
            ("tfs-model-version=1a", "invalid tfs-model-version"),
            ("tfs-method=guess", "invalid tfs-method"),
        ):
            reply = server.invoke([ROW], Content_Type=JSON, **{ATTRIBUTES: given})
            assert (reply.status, reply.error) == (400, text)


def test_older_container_asks_for_any_name_and_is_told_that_it_is_not_served(old, old_handlers):
    given = {ATTRIBUTES: "tfs-model-name=a b"}
    reply = old.invoke([ROW], Content_Type=JSON, **given)
    assert (reply.status, reply.error) == (404, "Servable not found for request: Latest(a b)")
    assert old_handlers.invoke([ROW], Content_Type=JSON, **given).json == {"seen": 404}


@pytest.mark.observes("tfs-ping", "tfs-execution-parameters")
def test_ping_is_200_and_other_paths_are_404_with_json(both, new_handlers, old_handlers):
    for server in (*both, new_handlers, old_handlers):
        assert server.ask("GET", "/ping").status == 200
        for path in ("/execution-parameters", "/", "/v1/models/model"):
            reply = server.ask("GET", path)
            assert (reply.status, reply.error) == (404, "Not Found")


@pytest.mark.observes("tfs-ping")
def test_front_whose_model_server_is_gone_fails_the_ping(tmp_path):
    port = take_port()
    with front(tmp_path, Server(port), "2.20", "front") as server:
        assert server.ask("GET", "/ping").status == 502
        assert server.invoke([ROW], Content_Type=JSON).status == 502
    give_back(port)


@pytest.mark.observes("tfs-handlers-two", "tfs-handlers-nothing-done")
def test_handlers_get_the_body_as_it_is_whatever_its_type(new_handlers, old_handlers):
    for server in (new_handlers, old_handlers):
        reply = server.invoke({"instances": [ROW]}, Content_Type="application/x-own; a=b")
        assert rows_of(reply) == 1
    reply = old_handlers.invoke([ROW], Content_Type=JSON)  # a bare list is not wrapped
    assert reply.json == {"seen": 400}


@pytest.mark.observes("tfs-handlers-two")
def test_input_handler_may_return_what_requests_takes(old_handlers, new_handlers):
    form = new_handlers.invoke("form a", Accept=JSON).json["description"]
    assert "JSON Parse error: Invalid value. at offset: 0" in form  # it was sent as a=1
    assert rows_of(new_handlers.invoke(f'text {{"instances": [{ROW}]}}')) == 1
    assert old_handlers.invoke("form a").json == {"seen": 400}


@pytest.mark.observes("tfs-handlers-exception")
def test_what_a_handler_raises_is_a_500_with_its_text(new_handlers, old_handlers):
    for server in (new_handlers, old_handlers):
        reply = server.invoke("raise", Content_Type="text/plain", Accept="text/csv")
        assert (reply.status, reply.error) == (500, "asked to raise")


@pytest.mark.observes("tfs-handlers-http-error")
def test_http_error_of_a_handler_is_its_status_in_the_newer_container_only(
    new_handlers, old_handlers
):
    reply = new_handlers.invoke("refuse", Accept=JSON)
    assert (reply.status, reply.json) == (422, {"title": "no", "description": "asked to refuse"})
    assert old_handlers.invoke("refuse", Accept=JSON).status == 500


@pytest.mark.observes("tfs-handlers-new-errors")
def test_newer_container_raises_an_error_of_the_model_server_before_the_output_handler(
    new_handlers,
):
    reply = new_handlers.invoke({"instances": []}, Accept=JSON)
    assert (reply.status, reply.json["title"]) == (400, "400 Bad Request")
    assert "No values in 'instances' array" in reply.json["description"]


@pytest.mark.observes("tfs-handlers-old-errors")
def test_older_container_hands_an_error_of_the_model_server_to_the_output_handler(old_handlers):
    reply = old_handlers.invoke({"instances": []}, Accept=JSON)
    assert (reply.status, reply.json) == (200, {"seen": 400})


@pytest.mark.observes("tfs-handlers-empty-error")
def test_error_has_no_body_for_who_accepts_csv(new_handlers):
    for body in ("refuse", json.dumps({"instances": []})):
        reply = new_handlers.invoke(body, Accept="text/csv")
        assert (reply.status >= 400, reply.body) == (True, b"")


@pytest.mark.observes("tfs-handlers-accept-echo")
def test_handler_that_answers_the_accepted_type_may_answer_any(new_handlers):
    body = {"instances": [ROW]}
    assert new_handlers.invoke(body, Accept="*/*").content_type == "*/*"
    assert new_handlers.invoke(body).content_type == JSON


@pytest.mark.observes("tfs-handlers-context")
def test_context_has_its_fields(model_server, new_handlers, old_handlers):
    for server, more in ((new_handlers, {"timeout": 60}), (old_handlers, {})):
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
            **more,
        }
        bare = json.loads(server.invoke("context").error)
        assert (bare["model_name"], bare["custom_attributes"]) == (None, None)
        assert (bare["request_content_type"], bare["accept_header"]) == (JSON, JSON)


@pytest.mark.observes("tfs-not-grpc")
def test_channel_of_the_context_says_that_there_is_no_grpc(new_handlers):
    reply = new_handlers.invoke("channel")
    assert "the local AWS's model server has no gRPC" in reply.error


@pytest.mark.observes("tfs-handlers-one")
def test_one_handler_does_all_itself(model_server, tmp_path):
    with front(code(tmp_path, ONE_HANDLER), model_server, "2.20", "python_service") as server:
        reply = server.invoke({"instances": []})
        assert (reply.status, reply.content_type) == (200, "text/plain")
        assert b"NO VALUES IN 'INSTANCES' ARRAY" in reply.body
        assert server.invoke("broken").status == 500
        assert server.ask("GET", "/invocations").status == 405


@pytest.mark.observes("tfs-handlers-none")
def test_code_without_a_script_passes_requests_on_as_they_are(model_server, tmp_path):
    folder = code(tmp_path, "")
    (folder / "opt" / "ml" / "model" / "code" / "inference.py").unlink()
    body = {"instances": [ROW]}
    with front(folder, model_server, "2.20", "python_service") as server:
        assert rows_of(server.invoke(body, Content_Type="application/json; a=b")) == 1
        assert server.invoke([ROW], Content_Type=JSON).status == 400
        reply = server.invoke(body, Content_Type="image/png")
        assert (reply.status, reply.error) == (415, "Unsupported Media Type: image/png")
    with front(folder, model_server, "2.19", "python_service") as server:
        assert rows_of(server.invoke(body, Content_Type="image/png")) == 1
        assert b"Missing 'inputs' or 'instances' key" in server.invoke({}).body


@pytest.mark.observes("tfs-handlers-missing")
def test_script_without_handlers_does_not_start(model_server, tmp_path, capfd):
    folder = code(tmp_path, "x = 1")
    with (
        pytest.raises(AssertionError, match="ended with 1"),
        front(folder, model_server, "2.20", "python_service"),
    ):
        pass
    said = capfd.readouterr().err
    assert "NotImplementedError: Handlers are not implemented correctly in user script." in said
