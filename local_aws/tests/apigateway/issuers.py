"""An issuer of tokens on this computer, and tokens of it, for tests."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

AUDIENCE = "the-classifier"
ALGORITHMS = ["RS256", "RS384", "RS512"]


@dataclass
class Issuer:
    """A server with the documents of OpenID Connect, which tests may change."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    documents: dict[str, Any] = field(default_factory=dict)  # by path
    requests: list[str] = field(default_factory=list)
    seconds: float = 0.0  # before each response

    def publish(self, *keys: RSAKey) -> None:
        """Publish the public parts of keys."""
        self.documents["/keys"] = KeySet(list(keys)).as_dict(private=False)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return valid claims with changes; a claim that is changed to ... is absent."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "s", "iat": now - 5, "exp": now + 300}
        return {name: value for name, value in {**claims, **changes}.items() if value is not ...}

    def token(self, algorithm: str = "RS256", **changes: Any) -> str:
        """Return a token with changed claims."""
        header = {"alg": algorithm, "kid": self.key.kid}
        return jwt.encode(header, self.claims(**changes), self.key, algorithms=ALGORITHMS)


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run an issuer until the block ends."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.requests.append(self.path)
            time.sleep(issuer.seconds)
            document = issuer.documents.get(self.path)
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(404 if document is None else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    issuer.publish(issuer.key)
    configuration = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
    issuer.documents["/.well-known/openid-configuration"] = configuration
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
