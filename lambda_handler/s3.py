"""Fetch one object of S3 with http.client, in bounded time, with a plain reason if it fails.

boto3's client would make a cold start much slower (docs/explanation/decisions/lambda.md has the
figures). Imported only where the model lies in S3.
"""

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from lambda_handler.errors import ModelError
from lambda_handler.sigv4 import Credentials, encoded_path, signed_headers

MOST_BYTES = 100_000_000
_CHUNK = 1 << 20
_SECURE = "https"


class Limits(NamedTuple):
    """How long a fetch may take: one wait on the network, and all of it (seconds).

    Less than the 10 seconds that Lambda gives a start.
    """

    wait: float = 3.0
    whole: float = 8.0


class Source(NamedTuple):
    """Where an object is asked for."""

    scheme: str
    host: str
    path: str
    region: str


def locate(uri: str, environ: Mapping[str, str]) -> Source:
    """Return where an s3:// address is asked for, as the environment names endpoint and region."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not bucket or not key:
        raise ModelError(f"MODEL_URI is {uri!r}; expected s3://BUCKET/KEY")
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise ModelError("AWS_REGION is not set; expected the region of the model's bucket")
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", _SECURE) or not parts.netloc:
            raise ModelError(
                f"the S3 endpoint is {endpoint!r}; expected http://HOST or https://HOST"
            )
        return Source(parts.scheme, parts.netloc, encoded_path(bucket, key), region)
    host = f"s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    if "." in bucket:  # the certificate is for one name before the dot
        return Source(_SECURE, host, encoded_path(bucket, key), region)
    return Source(_SECURE, f"{bucket}.{host}", encoded_path(key), region)


def read_object(uri: str, environ: Mapping[str, str], limits: Limits) -> Iterator[bytes]:
    """Yield an object's bytes in pieces; raise ModelError with the reason if that fails."""
    source = locate(uri, environ)
    headers = _headers(source, environ)
    deadline = time.monotonic() + limits.whole
    try:
        connection = _connection(source, limits.wait)
        with _hung_up_at(deadline, connection):
            connection.request("GET", source.path, headers=headers)
            with connection.getresponse() as response:
                if time.monotonic() >= deadline:
                    raise http.client.HTTPException("the answer's headers were cut off")
                if response.status != 200:
                    raise ModelError(_refusal(uri, source.region, response))
                yield from _pieces(uri, response, deadline)
    except TimeoutError:
        raise ModelError(
            f"S3 was silent for {limits.wait:g} s while {uri} was fetched; the next call tries "
            "again"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= deadline
        reason = f"that took over {limits.whole:g} s, which is too slow" if late else _words(error)
        raise ModelError(f"{uri} could not be fetched from {source.host}: {reason}") from error


@contextmanager
def _hung_up_at(deadline: float, connection: http.client.HTTPConnection) -> Iterator[None]:
    """Connect, and close again at the end; at the deadline hang up on whoever sends drop by drop.

    A time-out of the socket is for one wait; nothing else ends headers that come byte by byte.
    """
    with closing(connection):
        connection.connect()
        wire = connection.sock

        def hang_up() -> None:
            with suppress(OSError):  # the other side did
                socket.socket.shutdown(wire, socket.SHUT_RDWR)  # TLS would have its say first

        alarm = threading.Timer(deadline - time.monotonic(), hang_up)
        alarm.daemon = True
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()


def _pieces(uri: str, response: http.client.HTTPResponse, deadline: float) -> Iterator[bytes]:
    """Yield the body as it comes; raise ModelError if it is too long, too slow or cut off."""
    expected, got = response.length, 0
    if expected is None or expected > MOST_BYTES:
        raise ModelError(f"{uri} has {expected} bytes; expected a length up to {MOST_BYTES:,}")
    while piece := response.read1(_CHUNK):
        got += len(piece)
        yield piece
    if got < expected:
        how = "was too slow: it ended" if time.monotonic() >= deadline else "broke off"
        raise ModelError(
            f"the answer of S3 {how} after {got:,} of the {expected:,} bytes of {uri}; the "
            "next call tries again"
        )


def _connection(source: Source, wait: float) -> http.client.HTTPConnection:
    if source.scheme != _SECURE:
        return http.client.HTTPConnection(source.host, timeout=wait)
    return http.client.HTTPSConnection(source.host, timeout=wait)  # verifies the certificate


def _headers(source: Source, environ: Mapping[str, str]) -> dict[str, str]:
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        raise ModelError(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set; expected the "
            "credentials of the function's role"
        )
    credentials = Credentials(key, secret, environ.get("AWS_SESSION_TOKEN"))
    timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return signed_headers(source.host, source.path, source.region, credentials, timestamp)


def _refusal(uri: str, region: str, response: http.client.HTTPResponse) -> str:
    """Return what an answer that brings no object means."""
    code = _tag(response.read(10_000).decode("utf-8", "replace"), "Code")
    status = f"{response.status} {code}".rstrip()
    elsewhere = response.getheader("x-amz-bucket-region")
    if elsewhere and elsewhere != region:
        return f"the bucket of {uri} is in {elsewhere}; expected it in {region} ({status})"
    if response.status == 404:
        return f"{uri} is missing ({status}); deploy the model again"
    if response.status == 403:
        # To a role without s3:ListBucket S3 does not tell a missing object from a forbidden one.
        return (
            f"the function may not read {uri}, or it is missing ({status}); expected "
            "s3:GetObject in its role, and the object there"
        )
    return f"S3 answered {status} for {uri}; the next call tries again"


def _tag(text: str, name: str) -> str:
    """Return the text of an XML element, cut short; an XML parser would cost the cold start."""
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0][:60]


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
