"""Signed requests, and ones that must not pass, generated from a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SERVICE = "execute-api"
Headers = dict[str, str]


@dataclass(frozen=True)
class Signed:
    """A request to an API of the local AWS at an address."""

    base: str
    method: str = "POST"
    path: str = "/a?x=1&y=2"
    body: bytes = b'{"text": "hello"}'
    headers: Headers = field(default_factory=lambda: {"content-type": "application/json"})
    credentials: Credentials = field(default_factory=lambda: Credentials("local", "local"))
    region: str = "us-east-1"
    service: str = SERVICE
    seconds: float = 0.0  # added to the time of the signature

    def sign(self) -> Headers:
        """Return the headers that botocore's own signer adds."""
        request = AWSRequest(self.method, self.base + self.path, dict(self.headers), self.body)
        moment = datetime.now(UTC) + timedelta(seconds=self.seconds)
        with patch("botocore.auth.get_current_datetime", return_value=moment):
            SigV4Auth(self.credentials, self.service, self.region).add_auth(request)
        return dict(request.headers.items())


Attempt = tuple[Signed, Headers]


class Forger:
    """Makes requests that are almost signed by somebody who may call an API."""

    def __init__(self, base: str, callers: list[Credentials], seed: int) -> None:
        self.base, self.callers = base, callers
        self.random = random.Random(seed)  # noqa: S311

    def valid(self) -> Signed:
        """Return a request that passes."""
        pick = self.random.choice
        headers = {"content-type": pick(["application/json", "text/plain"])}
        headers |= pick([{}, {"x-amz-meta": "a  b"}, {"accept": "*/*"}])
        paths = ["/a", "/a?x=1&y=2", "/a?y=2&x=1&x=0", "/a/b%20c", "/a/%C3%A9?z=%2F", "/a?q=a%20b"]
        method, body = pick([("GET", b""), ("POST", b"{}"), ("PUT", b"\x00\xff"), ("DELETE", b"")])
        return Signed(
            self.base, method, pick(paths), body, headers, pick(self.callers),
            seconds=self.random.uniform(-200, 200),
        )  # fmt: skip

    def attempts(self, count: int) -> Iterator[tuple[str, Attempt]]:
        """Yield kinds of forgery and requests, each kind equally often."""
        kinds: list[Callable[[], Attempt]] = [
            self.unsigned, self.wrong_secret, self.unknown_key, self.wrong_time, self.wrong_region,
            self.wrong_service, self.other_body, self.other_path, self.other_method,
            self.other_header, self.missing_header, self.unlisted_header, self.body_hash,
            self.other_signature, self.wrong_token, self.other_scope, self.malformed,
        ]  # fmt: skip
        for number in range(count):
            kind = kinds[number % len(kinds)]
            yield kind.__name__, kind()

    def unsigned(self) -> Attempt:
        headers = self.random.choice([{}, {"Authorization": ""}, {"Authorization": "Bearer x"}])
        return self.valid(), headers

    def _resigned(self, **changes: object) -> Attempt:
        request = replace(self.valid(), **changes)  # type: ignore[arg-type]
        return request, request.sign()

    def wrong_secret(self) -> Attempt:
        caller = self.random.choice(self.callers)
        secret = self.random.choice([caller.secret_key[:-1], caller.secret_key.upper(), "x"])
        return self._resigned(credentials=Credentials(caller.access_key, secret, caller.token))

    def unknown_key(self) -> Attempt:
        key = self.random.choice(["AIDAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "Local", "x"])
        token = self.random.choice([None, self.random.choice(self.callers).token])
        return self._resigned(credentials=Credentials(key, "local", token))

    def wrong_time(self) -> Attempt:
        seconds = self.random.choice([310, 900, 86_400, 1e8]) * self.random.choice([1, -1])
        return self._resigned(seconds=seconds)

    def wrong_region(self) -> Attempt:
        return self._resigned(region=self.random.choice(["us-east-2", "us-east-11", "aws-global"]))

    def wrong_service(self) -> Attempt:
        return self._resigned(service=self.random.choice(["lambda", "apigateway", "s3"]))

    def other_body(self) -> Attempt:
        request = replace(self.valid(), method="POST", body=b'{"text": "a"}')
        other = self.random.choice([b"", b'{"text": "b"}', request.body + b" ", request.body[:-1]])
        return replace(request, body=other), request.sign()

    def other_path(self) -> Attempt:
        request = self.valid()
        path, _, query = request.path.partition("?")
        others = [f"{path}x?{query}", f"{path}?{query}&admin=1", f"{path}/c?{query}", "/admin"]
        others += [f"{path}?w={query}", f"{path}#?{query}"]
        return replace(request, path=self.random.choice(others)), request.sign()

    def other_method(self) -> Attempt:
        request = replace(self.valid(), method="GET", body=b"")
        return replace(
            request, method=self.random.choice(["PUT", "DELETE", "PATCH"])
        ), request.sign()

    def other_header(self) -> Attempt:
        request = self.valid()
        headers = request.sign()
        name = self.random.choice(["content-type", "X-Amz-Date"])
        return request, {**headers, name: headers[name].replace("0", "1").replace("a", "b") + "x"}

    def missing_header(self) -> Attempt:
        request = self.valid()
        signed = request.sign()
        name = self.random.choice([name for name in signed if name != "Authorization"])
        return replace(request, headers={}), {n: v for n, v in signed.items() if n != name}

    def unlisted_header(self) -> Attempt:
        request = self.valid()
        headers = request.sign()
        text = headers["Authorization"]
        _, _, rest = text.partition("SignedHeaders=")
        names = rest.partition(",")[0].split(";")
        left = [name for name in names if name != self.random.choice(["host", "x-amz-date"])]
        left = left if left != names else names[1:]
        added = {"x-amz-added": "1"} if self.random.random() < 0.3 else {}
        listed = text if added else text.replace(";".join(names), ";".join(left))
        return request, {**headers, "Authorization": listed, **added}

    def body_hash(self) -> Attempt:
        digest = self.random.choice(["UNSIGNED-PAYLOAD", "0" * 64, "", "STREAMING"])
        return self._resigned(headers={"x-amz-content-sha256": digest})

    def other_signature(self) -> Attempt:
        request = self.valid()
        headers = request.sign()
        text = headers["Authorization"]
        last = "0" if text[-1] != "0" else "1"
        others = [text[:-1] + last, text[:-1], text[:-64] + "0" * 64, text.replace("4-H", "3-H")]
        others += [text + "0", text.replace("Signature=", "Signature=é")]
        return request, {**headers, "Authorization": self.random.choice(others)}

    def wrong_token(self) -> Attempt:
        callers = [caller for caller in self.callers if caller.token]
        caller = self.random.choice(callers)
        tokens = [
            None,
            caller.token[:-1],
            "x",
            *(one.token for one in callers if one is not caller),
        ]
        wrong = Credentials(caller.access_key, caller.secret_key, self.random.choice(tokens))
        return self._resigned(credentials=wrong)

    def other_scope(self) -> Attempt:
        request = self.valid()
        headers = request.sign()
        old = headers["Authorization"].partition("Credential=")[2].partition(",")[0].split("/")
        new = list(old)
        place = self.random.randrange(len(old))
        new[place] = self.random.choice(["", "20200101", "x", "/"])
        text = headers["Authorization"].replace("/".join(old), "/".join(new))
        return request, {**headers, "Authorization": text}

    def malformed(self) -> Attempt:
        request = self.valid()
        headers = request.sign()
        text = headers["Authorization"]
        cut = text[: self.random.randrange(len(text) - 1)]
        date = self.random.choice(["", "x", "20261301T000000Z", "99999999T999999Z", "2026-11-29"])
        broken = [{"Authorization": cut}, {"X-Amz-Date": date}]
        return request, {**headers, **self.random.choice(broken)}
