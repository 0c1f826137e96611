"""The HTTP servers in front of the model server for models with code, in 2.20 and 2.19."""

import json

import pytest

from local_aws.tests.sagemaker.containers.tensorflow.http_servers import (
    ATTRIBUTES,
    JSON,
    ROW,
    check_attributes,
    check_paths,
    http_server,
    rows_of,
    unsafe_attributes,
    write_code,
)

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


@pytest.mark.observes("tfs-attributes", "tfs-ping", "tfs-execution-parameters")
def test_attributes_and_other_paths_are_handled_as_without_code(new_handlers, old_handlers):
    check_attributes(new_handlers)
    assert unsafe_attributes(new_handlers) == [
        "invalid tfs-model-name",
        "invalid tfs-model-version: must be a positive integer",
        "invalid tfs-method: must be one of predict|classify|regress",
    ]
    signs = {ATTRIBUTES: "tfs-model-name=a=b"}
    assert new_handlers.invoke([ROW], Content_Type=JSON, **signs).status == 400
    attributes = {ATTRIBUTES: "tfs-model-name=a b"}  # which the older container passes on
    assert old_handlers.invoke([ROW], Content_Type=JSON, **attributes).json == {"status": 404}
    for server in (new_handlers, old_handlers):
        check_paths(server)


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
    assert "JSON Parse error: Expecting value" in form  # the body was a=1
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


@pytest.mark.slow
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
