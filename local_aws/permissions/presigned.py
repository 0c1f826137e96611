"""Presigned URLs, whose query has what the headers of other requests have.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

_DATE = "%Y%m%dT%H%M%SZ"


def signed_headers(sent: Mapping[str, str], address: str) -> dict[str, str]:
    """Return the headers of a request, with those that a presigned URL has in its query."""
    headers = dict(sent)
    if "Authorization" in headers:
        return headers
    query = _query(address)
    scope = query.get("x-amz-credential")
    if scope is None and "awsaccesskeyid" in query:  # S3's older way to sign
        scope = f"{query['awsaccesskeyid']}/-/us-east-1/s3/aws4_request"
    if scope is not None:
        headers["Authorization"] = f"Credential={scope},"
    if "x-amz-security-token" in query:
        headers["X-Amz-Security-Token"] = query["x-amz-security-token"]
    return headers


def is_expired(address: str, now: float) -> bool:
    """Return whether a presigned URL has expired; `now` is in seconds since the epoch."""
    query = _query(address)
    try:
        if "x-amz-credential" not in query:
            return now > int(query["expires"])
        signed = datetime.strptime(query["x-amz-date"], _DATE).replace(tzinfo=UTC).timestamp()
        return now > signed + int(query["x-amz-expires"])
    except (KeyError, ValueError):  # S3 accepts no address without these
        return True


def _query(address: str) -> dict[str, str]:
    """Return the parameters of an address, their names in small letters."""
    query = parse_qs(urlsplit(address).query)
    return {name.lower(): values[0] for name, values in query.items()}
