"""Describe an error in one line: what failed, where, and what to do next."""

import errno
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from newsgroup_classifier.errors import reason_of
from scripts.account.naming import LOOPBACK

_MAX_CHARACTERS = 400  # of a sentence of AWS, which may list all valid values
# What to do about an error of AWS, by a pattern of its code.
_REMEDIES = (
    ("AccessDenied|Unauthorized|Forbidden|403", "Ask the owner of the account for the permission"),
    ("Expired", "Sign in to AWS again"),
    ("Auth|AccessKey|ClientToken|Signature|UnrecognizedClient", "Check the credentials"),
    ("Throttling|SlowDown|TooMany|RequestLimit", "Wait a minute and try again"),
    ("LimitExceeded|Quota", "Delete what is not needed, or request a higher quota"),
    ("Internal|Unavailable", "Try again later"),
    ("", "Correct the command; --dry-run prints its requests"),
)

_DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # full, or read-only


def message_of(error: Exception) -> str:
    """Return an error as one line that says what to do."""
    name = type(error).__name__
    text = " ".join(str(error).split()) or name
    url = os.environ.get("AWS_ENDPOINT_URL")
    is_local = urlsplit(url or "").hostname in LOOPBACK
    if name == "S3UploadFailedError" and error.__context__ is not None:
        error = error.__context__  # type: ignore[assignment]  # the response of S3
    if hasattr(error, "operation_name") and hasattr(error, "response"):
        if url and is_local and error.response["Error"].get("Code") == "503":
            return f"the local AWS at {url} is stopping. Start it again with: {_start(url)}"
        return _refusal(error, "the local AWS" if is_local else "AWS")
    if isinstance(error, OSError) and error.errno in _DISK_FAULTS and error.filename:
        path = Path(error.filename).absolute()
        folder = path if path.is_dir() else path.parent
        return (
            f"{reason_of(error)} in the folder {folder}. Free some space there, or choose another "
            "folder, and try again"
        )
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else reason_of(error)
    return _fault_of_configuration(name, text, url, is_local)


def _fault_of_configuration(name: str, text: str, url: str | None, is_local: bool) -> str:
    """Return an error of boto3 before any response, with what to configure, or another's text."""
    if name in ("NoCredentialsError", "PartialCredentialsError"):
        if url:
            return f"{text}. {url} is not an address of this machine, so it is treated as AWS"
        return f"{text}. Configure credentials, or set AWS_ENDPOINT_URL (see: make local-aws)"
    if name == "EndpointConnectionError" and url and is_local:
        return f"cannot connect to {url}. Is the local AWS running? Start it with: {_start(url)}"
    if name == "EndpointConnectionError":
        remedy = "Check AWS_ENDPOINT_URL" if url else "For the local AWS, set AWS_ENDPOINT_URL"
        return f"{text}. Check the network and the region. {remedy} (see: make local-aws)"
    if name == "SSLError" and url and "WRONG_VERSION_NUMBER" in text:
        return f"the server at {url} does not use TLS. Set AWS_ENDPOINT_URL to an http: address"
    return text


def _start(url: str) -> str:
    port = urlsplit(url).port
    return ("" if port in (None, 4566) else f"LOCAL_AWS_PORT={port} ") + "make local-aws"


def _refusal(error: Any, who: str) -> str:
    """Return a ClientError of boto3 as one line: the call, the reason of AWS, and the remedy."""
    code, reason = (error.response["Error"].get(key, "") for key in ("Code", "Message"))
    reason = " ".join(reason.split())
    reason = reason if len(reason) <= _MAX_CHARACTERS else f"{reason[:_MAX_CHARACTERS]} [...]"
    remedy = next(remedy for pattern, remedy in _REMEDIES if re.search(pattern, code))
    return f"{who} refused {error.operation_name} ({code}): {reason.rstrip('.')}. {remedy}"
