"""Sign GET requests to S3 with AWS Signature Version 4, using only the standard library.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """The credentials that sign a request."""

    access_key: str
    secret_key: str
    session_token: str | None


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
    scope = f"{timestamp[:8]}/{region}/s3/aws4_request"
    request = f"GET\n{path}\n\n{_canonical(headers)}\n{names}\n{EMPTY_SHA256}"
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


def _canonical(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
