"""Web pages cannot use the local AWS, either directly or by DNS rebinding; boto3 can."""

import http.client
import json
from urllib.parse import urlsplit

import boto3
import pytest

from local_aws.tests.account import unique

CONTROL_PLANE = {
    "X-Amz-Target": "SageMaker.ListModels",
    "Content-Type": "application/x-amz-json-1.1",
}
FORM = {"Content-Type": "multipart/form-data; boundary=b", "Origin": "https://evil.example"}
PREFLIGHT = {
    "Origin": "https://evil.example",
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "x-amz-target",
}


def send(aws, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple:
    """Send a request with exactly these headers; return its status, headers, and body."""
    connection = http.client.HTTPConnection(urlsplit(aws.url).netloc, timeout=10)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_unknown_page_of_the_local_aws_is_not_taken_for_a_bucket(account):
    status, _, body = send(account.aws, "GET", "/_local_aws/helth", {})
    assert (status, b"/_local_aws/health" in body) == (404, True)


@pytest.mark.parametrize("path", ["/", "/a-bucket/a-key", "/endpoints/name/invocations"])
def test_preflight_of_a_web_page_is_refused(account, path):
    status, headers, body = send(account.aws, "OPTIONS", path, PREFLIGHT)
    assert status == 403
    assert b"does not answer web pages" in body
    assert headers["Content-Type"].startswith("text/plain")
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_form_of_a_web_page_stores_nothing_in_a_bucket(account):
    fields = (("key", "planted"), ("file", "by a web page"))
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    form = ("".join(parts) + "--b--\r\n").encode()
    assert send(account.aws, "POST", f"/{account.bucket}", FORM, form)[0] == 403
    objects = account.s3.list_objects_v2(Bucket=account.bucket, Prefix="planted")
    assert objects["KeyCount"] == 0


@pytest.mark.parametrize(
    "marks",
    [
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:4566"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_request_with_a_mark_of_a_browser_is_refused(account, marks):
    assert send(account.aws, "POST", "/", CONTROL_PLANE | marks)[0] == 403
    assert send(account.aws, "GET", "/_local_aws/health", marks)[0] == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:4566", "127.0.0.1.evil.example", "localhost.evil.example",
     "evillocalhost", "192.168.0.1", "", "localhost:80@evil.example"],
)  # fmt: skip
def test_request_to_a_foreign_host_is_refused(account, host):
    status, _, body = send(account.aws, "POST", "/", CONTROL_PLANE | {"Host": host})
    assert (status, b"Host" in body) == (403, True)
    assert send(account.aws, "GET", f"/{account.bucket}", {"Host": host})[0] == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST:4566", "[::1]:4566"]
)
def test_request_to_this_computer_is_answered(account, host):
    status, _, body = send(account.aws, "POST", "/", CONTROL_PLANE | {"Host": host})
    assert status == 200
    assert "Models" in json.loads(body)


def test_refused_body_is_not_read_as_the_next_request(account):
    inner = b"GET /_local_aws/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    connection = http.client.HTTPConnection(urlsplit(account.aws.url).netloc, timeout=10)
    connection.connect()
    connection.sock.sendall(
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(inner), inner)
    )
    received = b""
    while part := connection.sock.recv(65536):
        received += part
    connection.close()
    assert received.startswith(b"HTTP/1.1 403")
    assert received.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("style", ["auto", "path"])
def test_boto3_with_the_name_localhost_reads_what_it_wrote(account, style):
    client = boto3.client(
        "s3",
        endpoint_url=f"http://localhost:{urlsplit(account.aws.url).port}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=boto3.session.Config(s3={"addressing_style": style}),
    )
    key = unique("key")
    client.put_object(Bucket=account.bucket, Key=key, Body=b"content")
    assert client.get_object(Bucket=account.bucket, Key=key)["Body"].read() == b"content"
    assert account.s3.get_object(Bucket=account.bucket, Key=key)["Body"].read() == b"content"


def test_request_with_a_bucket_in_the_host_name_is_answered(account):
    key = unique("key")
    account.s3.put_object(Bucket=account.bucket, Key=key, Body=b"content")
    port = urlsplit(account.aws.url).port
    host = f"{account.bucket}.localhost:{port}"
    scope = "Credential=local/20260101/us-east-1/s3/aws4_request"
    signed = {"Host": host, "Authorization": f"AWS4-HMAC-SHA256 {scope}"}
    status, _, body = send(account.aws, "GET", f"/{key}", signed)
    assert (status, body) == (200, b"content")
