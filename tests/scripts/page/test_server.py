"""The server of the playground answers its own page and programs of this computer only."""

import http.client
import io
import json
import subprocess
from threading import Event
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from local_aws.testing import ROOT
from local_aws.tests.account import eventually
from newsgroup_classifier.datasets.files.images import drawn_pixels, gray_pixels
from newsgroup_classifier.errors import RequestError
from tests.scripts.page.canned import TEXTS
from tests.scripts.processes import Scripts, command

JSON = {"Content-Type": "application/json"}
PREDICT = f"/predict?model={quote(TEXTS.id, safe='')}"


def send(server, method: str, path: str, headers: dict[str, str], body: bytes | None = None):
    """Send a request; return its status, headers, and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_request_of_another_host_or_origin_is_refused(canned, headers):
    for method, path, body in (
        ("GET", "/", None),
        ("GET", "/models", None),
        ("POST", PREDICT, b"{}"),
    ):
        assert send(canned, method, path, JSON | headers, body)[0] == 403
    assert canned.deployments.requests == []


def test_image_becomes_the_pixels_that_a_model_gets(canned):
    file = io.BytesIO()
    shades = np.arange(60 * 40 * 3, dtype=np.int64).reshape(40, 60, 3) % 251
    Image.fromarray(shades.astype(np.uint8)).save(file, "PNG")
    status, _, content = send(canned, "POST", "/pixels", {}, file.getvalue())
    assert (status, json.loads(content)) == (200, gray_pixels(file.getvalue(), "x").tolist())
    status, _, content = send(canned, "POST", "/pixels?fit=20", {}, file.getvalue())
    assert (status, json.loads(content)) == (200, drawn_pixels(file.getvalue(), "x", 20).tolist())
    assert send(canned, "POST", "/pixels?fit=29", {}, file.getvalue())[0] == 400
    status, _, content = send(canned, "POST", "/pixels", {}, b"no image")
    assert (status, json.loads(content)["error"]["code"]) == (400, "InvalidInput")
    assert send(canned, "POST", "/pixels", {"Origin": "https://evil.example"}, b"x")[0] == 403
    assert send(canned, "POST", "/pixels", {"Content-Length": "100000001"})[0] == 413


def test_request_of_the_page_or_of_a_program_is_answered(canned):
    origin = canned.url.rstrip("/")
    body = json.dumps({"instances": ["a text"]}).encode()
    for headers in ({}, {"Origin": origin, "Sec-Fetch-Site": "same-origin"}):
        status, _, content = send(canned, "POST", PREDICT, JSON | headers, body)
        assert (status, json.loads(content)["predictions"][0]["label"]) == (200, "right")
    assert send(canned, "GET", "/", {"Sec-Fetch-Site": "none"})[0] == 200


def test_page_is_served_with_strict_headers(canned):
    status, headers, _ = send(canned, "GET", "/", {})
    assert status == 200
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'sha256-")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/predict", {}, 404),
        ("POST", "/", JSON, 404),
        ("GET", "/../secret", {}, 404),
        ("PUT", "/", {}, 501),
        ("POST", PREDICT, {"Content-Type": "text/plain"}, 415),
        ("POST", PREDICT, JSON | {"Content-Length": "7000000"}, 413),
        ("POST", PREDICT, JSON | {"Content-Length": "-1"}, 413),
    ],
)
def test_request_that_is_not_one_of_the_page_is_refused(canned, method, path, headers, status):
    assert send(canned, method, path, headers)[0] == status


def test_error_of_a_model_becomes_json_and_other_errors_stay_inside(canned):
    def fail(error):
        def answer(_):
            raise error

        canned.deployments.answer = answer
        status, _, content = send(canned, "POST", PREDICT, JSON, b'{"instances": []}')
        return status, json.loads(content)["error"]

    assert fail(RequestError("the request has no texts")) == (
        400,
        {"code": "InvalidInput", "message": "the request has no texts"},
    )
    status, error = fail(RuntimeError("a secret"))
    assert (status, error["code"]) == (500, "InternalError")
    assert "secret" not in json.dumps(error)


def test_closing_the_tab_during_a_prediction_prints_nothing(canned, capfd):
    asked, may_answer = Event(), Event()

    def answer(_):
        asked.set()
        may_answer.wait(60)
        return ["word " * 1_000_000]  # more than the buffers of a connection

    canned.deployments.answer = answer
    ended = Event()
    end = canned.shutdown_request
    canned.shutdown_request = lambda request: (end(request), ended.set())
    connection = http.client.HTTPConnection("127.0.0.1", canned.server_port, timeout=60)
    connection.request("POST", PREDICT, b'{"instances": ["a text"]}', JSON)
    assert asked.wait(60)
    connection.close()
    may_answer.set()
    assert ended.wait(60)
    assert capfd.readouterr().err == ""


def test_unexpected_error_prints_one_line_without_the_text(canned, capfd):
    def fail(request):
        raise RuntimeError(request["instances"][0])

    canned.deployments.answer = fail
    body = b'{"instances": ["a secret text"]}'
    assert send(canned, "POST", PREDICT, JSON, body)[0] == 500
    line = "the playground could not answer a request: RuntimeError\n"
    assert capfd.readouterr().err == line


@pytest.mark.slow
def test_command_opens_the_page_and_ends_on_ctrl_c_with_its_address(
    empty_region: Scripts, tmp_path
):
    """The browser returns when it has read the page, as those of a terminal do."""
    page = tmp_path / "page.html"
    started = subprocess.Popen(
        command("playground", "--port", "0"),
        cwd=ROOT,
        env=empty_region.environment | {"BROWSER": f"curl --silent --output {page} %s"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stderr is not None
    line = next(line for line in started.stderr if line.startswith("Serving 0 deployed models at"))
    url = line.split()[-1]
    connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"))
    connection.request("GET", "/models")
    assert json.loads(connection.getresponse().read())["models"] == []
    eventually(page.exists)
    started.send_signal(2)
    stdout, _ = started.communicate(timeout=30)
    assert started.returncode == 0
    assert json.loads(stdout) == {"url": url, "models": []}


def test_command_names_a_port_that_is_taken(canned, empty_region):
    error = empty_region.run("playground", "--no-open", "--port", str(canned.server_port)).error
    assert error.startswith(f"port {canned.server_port} cannot be used")
    assert "--port" in error
