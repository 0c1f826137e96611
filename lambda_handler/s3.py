"""Fetch one object from S3 with http.client in bounded time, or raise an error with the reason.

The request is signed with AWS Signature Version 4:
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
boto3 would make a cold start much slower (docs/explanation/decisions/lambda.md has the figures).
This module is imported only if the model is in S3.
"""

import hashlib
import hmac
import http.client
import time
from collections.abc import Mapping
from contextlib import closing
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from lambda_handler.errors import ModelError

MAX_BYTES = 100_000_000
_CHUNK = 1 << 20
_SECURE = "https"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"


class Limits(NamedTuple):
    """The maximum duration of one wait on the network and of the fetch in total (seconds).

    Lambda allows 10 seconds for a cold start.
    """

    wait: float = 3.0
    total: float = 8.0


class Credentials(NamedTuple):
    """The credentials that sign a request."""

    access_key: str
    secret_key: str
    session_token: str | None


class Source(NamedTuple):
    """The address of an object."""

    scheme: str
    host: str
    path: str
    region: str


def locate(uri: str, environ: Mapping[str, str]) -> Source:
    """Return the address of an s3:// URI, at the endpoint and in the region of the environment.

    Raise KeyError for a variable that is not set.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not bucket or not key:
        raise ModelError(f"MODEL_URI is {uri!r}; expected s3://BUCKET/KEY")
    region = environ["AWS_REGION"]
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint)
        return Source(parts.scheme, parts.netloc, encode_path(bucket, key), region)
    host = f"s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    if "." in bucket:  # the wildcard certificate covers a single label
        return Source(_SECURE, host, encode_path(bucket, key), region)
    return Source(_SECURE, f"{bucket}.{host}", encode_path(key), region)


def read_object(uri: str, environ: Mapping[str, str], limits: Limits) -> bytes:
    """Return the content of an object; raise ModelError with the reason on failure."""
    try:
        source = locate(uri, environ)
        headers = _headers(source, environ)
    except KeyError as error:
        raise ModelError(f"the variable {error} is not set; Lambda sets it for a role") from None
    deadline = time.monotonic() + limits.total
    try:
        with closing(_connection(source, limits.wait)) as connection:
            connection.request("GET", source.path, headers=headers)
            with connection.getresponse() as response:
                if response.status != 200:
                    raise ModelError(_refusal(uri, source.region, response))
                return _content(uri, response, deadline)
    except TimeoutError:
        raise ModelError(
            f"S3 did not respond within {limits.wait:g} s to the request for {uri}; the next call "
            "tries again"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(f"{uri} could not be fetched from {source.host}: {reason}") from error


def _content(uri: str, response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Return the body; raise ModelError if it is too long, too slow or cut off."""
    expected = response.length
    if expected is None or expected > MAX_BYTES:
        raise ModelError(f"{uri} has {expected} bytes; expected a length up to {MAX_BYTES:,}")
    parts: list[bytes] = []
    while time.monotonic() < deadline and (part := response.read1(_CHUNK)):
        parts.append(part)
    content = b"".join(parts)
    if len(content) < expected:
        how = "was too slow: it ended" if time.monotonic() >= deadline else "was cut off"
        raise ModelError(
            f"the response of S3 {how} after {len(content):,} of the {expected:,} bytes of {uri}; "
            "the next call tries again"
        )
    return content


def _connection(source: Source, wait: float) -> http.client.HTTPConnection:
    if source.scheme != _SECURE:
        return http.client.HTTPConnection(source.host, timeout=wait)
    return http.client.HTTPSConnection(source.host, timeout=wait)  # verifies the certificate


def _headers(source: Source, environ: Mapping[str, str]) -> dict[str, str]:
    credentials = Credentials(
        environ["AWS_ACCESS_KEY_ID"],
        environ["AWS_SECRET_ACCESS_KEY"],
        environ.get("AWS_SESSION_TOKEN"),
    )
    timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return sign_headers(source.host, source.path, source.region, credentials, timestamp)


def _refusal(uri: str, region: str, response: http.client.HTTPResponse) -> str:
    code = _code(response.read1(10_000).decode("utf-8", "replace"))
    status = f"{response.status} {code}".rstrip()
    actual = response.getheader("x-amz-bucket-region")
    if actual and actual != region:
        return f"the bucket of {uri} is in {actual}; expected it in {region} ({status})"
    if response.status == 404:
        return f"{uri} is missing ({status}); deploy the model again"
    if response.status == 403:
        # For a role without s3:ListBucket, S3 does not distinguish missing from forbidden objects.
        return (
            f"{uri} is missing, or the function's role does not allow s3:GetObject on it "
            f"({status}); deploy the model again"
        )
    return f"S3 returned {status} for {uri}; the next call tries again"


def _code(text: str) -> str:
    """Return the code of an error; an XML parser would slow down the cold start."""
    return text.partition("<Code>")[2].partition("</Code>")[0][:60]


def encode_path(*parts: str) -> str:
    """Return a path as S3 expects it in a request and in its signature."""
    return "/" + "/".join(quote(part, safe="/-_.~") for part in parts)


def sign_headers(
    host: str, path: str, region: str, credentials: Credentials, timestamp: str
) -> dict[str, str]:
    """Return the headers of a GET of an encoded path; the timestamp looks like 20260102T030405Z."""
    headers = {"host": host, "x-amz-content-sha256": EMPTY_SHA256, "x-amz-date": timestamp}
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(headers))
    canonical = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    scope = f"{timestamp[:8]}/{region}/s3/aws4_request"
    request = f"GET\n{path}\n\n{canonical}\n{names}\n{EMPTY_SHA256}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return headers
