"""Any fault of the model's object returns 503 with the reason until it is fixed."""

import hashlib
import io

import numpy
import pytest

from lambda_handler.errors import ModelError
from lambda_handler.handler import Handler
from lambda_handler.model_store import ModelStore
from lambda_handler.s3 import Limits, locate, read_object
from tests.lambda_handler import s3_server
from tests.lambda_handler.calling import answer, http_event, refusal

# A socket that is left open causes this warning.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")

URI = "s3://bucket/lambda/models/tiny/model.npz"
SHORT = Limits(wait=0.2, total=0.5)


@pytest.fixture
def server():
    with s3_server.s3_server() as running:
        yield running


@pytest.fixture
def environ(server, model_file):
    own = s3_server.environment(server, model_file, URI, "AWS_ENDPOINT_URL_S3")
    return own | {"AWS_SESSION_TOKEN": "token"}


def reason_until_fixed(environ, server, model_file) -> str:
    """Return the reason of a 503, after checking that calls succeed once the fault is fixed."""
    handler = Handler(ModelStore(environ, SHORT), "tiny")
    status, code, message = refusal(handler, http_event())
    assert (status, code) == (503, "ModelUnavailable")
    assert refusal(handler, http_event(method="GET", path="/health"))[0] == 503
    server.reply = s3_server.complete(model_file.content)
    assert answer(handler, http_event())[0] == 200
    requests = len(server.requests)
    assert answer(handler, http_event())[0] == 200
    assert len(server.requests) == requests, "a loaded model is not fetched again"
    return message


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (s3_server.missing, "is missing (404 NoSuchKey); deploy the model again"),
        (
            s3_server.error(403, "AccessDenied"),
            "or the function's role does not allow s3:GetObject on it (403 AccessDenied)",
        ),
        (s3_server.error(503, "SlowDown"), "S3 returned 503 SlowDown"),
        (s3_server.error(500, "InternalError"), "S3 returned 500 InternalError"),
        (
            s3_server.error(301, "PermanentRedirect", "x-amz-bucket-region: eu-west-1"),
            "is in eu-west-1; expected it in us-east-1",
        ),
        (s3_server.complete(b"another model"), "is not the model that was deployed: its sha256 is"),
        (s3_server.complete(b""), "is not the model that was deployed"),
        (lambda connection: connection.sendall(b"not HTTP\r\n\r\n"), "could not be fetched"),
        (lambda connection: None, "could not be fetched from 127.0.0.1"),
    ],
)
def test_failed_fetch_returns_503_and_recovers(environ, server, model_file, reply, reason):
    server.reply = reply
    assert reason in reason_until_fixed(environ, server, model_file)


def test_fetch_that_is_cut_off_returns_503_and_recovers(environ, server, model_file):
    server.reply = s3_server.cut_off(model_file.content)
    half, size = len(model_file.content) // 2, len(model_file.content)
    reason = f"was cut off after {half:,} of the {size:,} bytes"
    assert reason in reason_until_fixed(environ, server, model_file)


def test_fetch_from_a_silent_server_returns_503_and_recovers(environ, server, model_file):
    server.reply = s3_server.silent(server)
    handler = Handler(ModelStore(environ, SHORT), "tiny")
    status, code, message = refusal(handler, http_event())
    assert (status, code) == (503, "ModelUnavailable")
    assert "S3 did not respond within 0.2 s" in message
    server.released.set()
    server.reply = s3_server.complete(model_file.content)
    assert answer(handler, http_event())[0] == 200


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", "was too slow: it ended after"),
        ("HTTP/1.1 500 Odd\r\nContent-Length: 9999\r\n\r\n", "S3 returned 500"),
    ],
)
def test_slow_fetch_returns_503_in_time_and_recovers(environ, server, model_file, head, reason):
    server.reply = s3_server.slow(head, b"x" * 9999)
    assert reason in reason_until_fixed(environ, server, model_file)


def test_slow_fetch_over_tls_fails_in_time(environ, server, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(server.secure(tmp_path)))
    server.reply = s3_server.slow("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x" * 9999)
    with pytest.raises(ModelError, match=r"was too slow: it ended after \d+ of the 9,999 bytes"):
        read_object(URI, environ | {"AWS_ENDPOINT_URL_S3": server.url}, SHORT)


@pytest.mark.parametrize("kind", ["text", "objects", "half"])
def test_object_that_is_not_a_model_returns_503_and_recovers(environ, server, model_file, kind):
    buffer = io.BytesIO()
    numpy.savez(buffer, weights=numpy.array([{"a": 1}], dtype=object), allow_pickle=True)
    content = {"text": b"text", "objects": buffer.getvalue(), "half": model_file.content[:-60]}[
        kind
    ]
    broken = environ | {"MODEL_SHA256": hashlib.sha256(content).hexdigest()}
    server.reply = s3_server.complete(content)
    handler = Handler(ModelStore(broken, SHORT), "tiny")
    status, code, message = refusal(handler, http_event())
    assert (status, code) == (503, "ModelUnavailable")
    assert message
    # A release fixes it: the same process gets another object.
    broken["MODEL_SHA256"] = model_file.sha256
    server.reply = s3_server.complete(model_file.content)
    assert answer(handler, http_event())[0] == 200


def test_fetch_from_a_closed_port_returns_503(environ, server):
    closed = environ | {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}
    status, _, message = refusal(Handler(ModelStore(closed), "tiny"), http_event())
    assert status == 503
    assert "could not be fetched from 127.0.0.1:9: [Errno" in message


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"MODEL_URI": ""}, "MODEL_URI is not set"),
        ({"MODEL_URI": "s3://bucket"}, "expected s3://BUCKET/KEY"),
        ({"MODEL_URI": "no/such/file.npz"}, "no/such/file.npz cannot be read"),
        ({"AWS_ENDPOINT_URL_S3": "http://x:port"}, "could not be fetched from x:port"),
        ({"AWS_SESSION_TOKEN": "a\nb"}, "could not be fetched from 127.0.0.1"),
    ],
)
def test_invalid_variable_returns_503_with_its_name(environ, changes, reason):
    status, _, message = refusal(Handler(ModelStore(environ | changes), "tiny"), http_event())
    assert status == 503
    assert reason in message


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_REGION"])
def test_variable_that_is_not_set_returns_503_with_its_name(environ, name):
    others = {key: value for key, value in environ.items() if key != name}
    status, _, message = refusal(Handler(ModelStore(others), "tiny"), http_event())
    assert (status, message) == (
        503,
        f"the variable '{name}' is not set; Lambda sets it for a role",
    )


def test_request_is_signed_with_the_session_token(environ, server, model_file):
    server.reply = s3_server.complete(model_file.content)
    assert read_object(URI, environ, Limits()) == model_file.content
    (request,) = server.requests
    assert request.startswith("GET /bucket/lambda/models/tiny/model.npz HTTP/1.1\r\n")
    assert "x-amz-security-token: token" in request
    assert "AWS4-HMAC-SHA256 Credential=key/" in request


@pytest.mark.parametrize(
    ("uri", "region", "url"),
    [
        ("s3://models/a b.npz", "eu-west-1", "https://models.s3.eu-west-1.amazonaws.com/a%20b.npz"),
        ("s3://my.models/a", "us-east-1", "https://s3.us-east-1.amazonaws.com/my.models/a"),
        ("s3://models/a", "cn-north-1", "https://models.s3.cn-north-1.amazonaws.com.cn/a"),
    ],
)
def test_object_on_aws_is_fetched_over_tls_in_its_region(uri, region, url):
    source = locate(uri, {"AWS_REGION": region})
    assert f"{source.scheme}://{source.host}{source.path}" == url


def test_object_over_tls_is_read_only_if_the_certificate_is_trusted(
    environ, server, model_file, tmp_path, monkeypatch
):
    trusted = server.secure(tmp_path)
    server.reply = s3_server.complete(model_file.content)
    with pytest.raises(ModelError, match=r"could not be fetched.*certificate verify failed"):
        read_object(URI, environ | {"AWS_ENDPOINT_URL_S3": server.url}, Limits())
    assert server.requests == []
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    secure = environ | {"AWS_ENDPOINT_URL_S3": server.url}
    assert read_object(URI, secure, Limits()) == model_file.content
