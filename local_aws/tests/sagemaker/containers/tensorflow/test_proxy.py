"""The HTTP servers in front of the model server for models without code, in 2.20 and 2.19."""

import json

import pytest

from local_aws.sagemaker.hosting.ports import give_back, take_ports
from local_aws.tests.sagemaker.containers.model_servers import Server
from local_aws.tests.sagemaker.containers.tensorflow.http_servers import (
    ATTRIBUTES,
    JSON,
    ROW,
    check_attributes,
    check_paths,
    http_server,
    rows_of,
    unsafe_attributes,
)


@pytest.fixture(scope="module")
def new(model_server, tmp_path_factory):
    with http_server(tmp_path_factory.mktemp("new"), model_server, "2.20", "proxy") as server:
        yield server


@pytest.fixture(scope="module")
def old(model_server, tmp_path_factory):
    with http_server(tmp_path_factory.mktemp("old"), model_server, "2.19", "proxy") as server:
        yield server


@pytest.fixture(scope="module")
def both(new, old):
    return (new, old)


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
def test_custom_attributes_choose_model_version_and_method(both):
    for server in both:
        check_attributes(server)


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
def test_newer_container_rejects_attributes_that_are_unsafe_in_a_path(new):
    names = ("model-name", "model-version", "method")
    assert unsafe_attributes(new) == [f"invalid tfs-{name}" for name in names]
    reply = new.invoke([ROW], Content_Type=JSON, **{ATTRIBUTES: "tfs-method=a=b"})
    assert rows_of(reply) == 1  # its JavaScript skips values with an equals sign


def test_older_container_passes_any_model_name_to_the_model_server(old):
    reply = old.invoke([ROW], Content_Type=JSON, **{ATTRIBUTES: "tfs-model-name=a b"})
    assert (reply.status, reply.error) == (404, "Servable not found for request: Latest(a b)")


@pytest.mark.observes("tfs-ping", "tfs-execution-parameters")
def test_ping_gets_200_and_other_paths_get_404_with_a_json_error(both):
    for server in both:
        check_paths(server)


@pytest.mark.slow
@pytest.mark.observes("tfs-ping")
def test_proxy_without_a_model_server_fails_the_ping(tmp_path):
    (port,) = take_ports(1)
    with http_server(tmp_path, Server(port), "2.20", "proxy") as server:
        assert server.request("GET", "/ping").status == 502
        assert server.invoke([ROW], Content_Type=JSON).status == 502
    give_back([port])
