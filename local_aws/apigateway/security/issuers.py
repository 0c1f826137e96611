"""The keys of issuers of tokens: fetched as OpenID Connect Discovery says, and cached.

https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import json
import threading
import time
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

_SECONDS = 1.5  # AWS's limit
_CACHED_SECONDS = 7_200.0
_MAX_BYTES = 2**20
_DISCOVERY = "/.well-known/openid-configuration"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
Keys = dict[str, RSAKey]  # by id
_cache: dict[str, tuple[float, Keys]] = {}  # by issuer, with the time of the fetch
_fetching = threading.Lock()


class IssuerUnavailable(Exception):
    """The keys of an issuer cannot be fetched; the message says why."""


def keys_of(issuer: str) -> Keys:
    """Return the RSA keys of an issuer, which are fetched at most every two hours.

    A call with cached keys does not wait while those of another issuer are fetched.
    """
    keys = _cached(issuer)
    if keys is None:
        with _fetching:
            keys = _cached(issuer)  # another call may have fetched them
            if keys is None:
                keys = _fetch_keys(issuer)
    return keys


def _cached(issuer: str) -> Keys | None:
    fetched, keys = _cache.get(issuer, (0.0, None))
    return keys if time.monotonic() - fetched <= _CACHED_SECONDS else None


def refresh(issuer: str) -> None:
    """Fetch the keys of an issuer again, whether they are cached or not."""
    with _fetching:
        _fetch_keys(issuer)


def _fetch_keys(issuer: str) -> Keys:
    configuration = _fetch(issuer.rstrip("/") + _DISCOVERY)
    if configuration.get("issuer") != issuer:
        raise IssuerUnavailable("the issuer in the discovery document is a different one")
    listed = _fetch(str(configuration.get("jwks_uri"))).get("keys")
    objects = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
    ours = [key for key in objects if key.get("kty") == "RSA" and key.get("use") != "enc"]
    try:
        keys = {str(key["kid"]): RSAKey.import_key(key) for key in ours if "kid" in key}
    except (JoseError, ValueError, TypeError) as error:
        raise IssuerUnavailable(f"a key of its jwks_uri is invalid: {error}") from error
    _cache[issuer] = (time.monotonic(), keys)
    return keys


def _fetch(url: str) -> dict[str, Any]:
    """Return the JSON object at an address; plain HTTP is for this computer only."""
    address = urlsplit(url)
    is_local = address.hostname in _LOOPBACK
    if address.scheme != "https" and not (address.scheme == "http" and is_local):
        raise IssuerUnavailable(f"{url[:200]!r} is not an https:// address")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({} if is_local else None))
    try:
        with opener.open(url, timeout=_SECONDS) as response:
            document = json.loads(response.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError, HTTPException) as error:
        raise IssuerUnavailable(f"{url} does not return JSON: {error}") from error
    if not isinstance(document, dict):
        raise IssuerUnavailable(f"{url} does not return a JSON object")
    return document
