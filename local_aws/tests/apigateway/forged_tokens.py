"""Tokens that must not let their bearer pass, generated from a seed."""

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from local_aws.tests.apigateway.issuers import ALGORITHMS, AUDIENCE, Issuer

_LETTERS = "abcXYZ019-_.=+/ "
_HMACS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_NO_TIMES = (..., None, "", "9999999999", True, [], {}, float("nan"), float("inf"), 10**400)


def encode(value: Any) -> str:
    """Return JSON or bytes as a segment of a token."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Forger:
    """Makes tokens that are almost those of an issuer."""

    def __init__(self, issuer: Issuer, seed: int) -> None:
        self.issuer, self.random = issuer, random.Random(seed)  # noqa: S311
        self.other = RSAKey.generate_key(2048, {"kid": issuer.key.kid})

    def tokens(self, count: int) -> Iterator[tuple[str, str]]:
        """Yield kinds of forgery and tokens, each kind equally often."""
        kinds: list[Callable[[], str]] = [
            self.altered_claims, self.altered_signature, self.altered_header, self.other_key,
            self.embedded_key, self.expired, self.no_expiry, self.not_yet_valid,
            self.wrong_audience, self.wrong_issuer, self.no_algorithm, self.key_confusion,
            self.wrong_kid, self.malformed, self.truncated, self.other_algorithm,
        ]  # fmt: skip
        for number in range(count):
            kind = kinds[number % len(kinds)]
            yield kind.__name__, kind()

    def _valid(self) -> str:
        return self.issuer.token(self.random.choice(ALGORITHMS), sub=self._noise())

    def _noise(self, size: int = 12) -> str:
        return "".join(self.random.choices(_LETTERS, k=self.random.randint(1, size)))

    def altered_claims(self) -> str:
        header, _, signature = self._valid().split(".")
        claims = self.issuer.claims(sub=self._noise(), scope="admin")
        return f"{header}.{encode(claims)}.{signature}"

    def altered_signature(self) -> str:
        header, claims, signature = self._valid().split(".")
        raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
        raw[self.random.randrange(len(raw))] ^= 1 << self.random.randrange(8)
        changed = self.random.choice([bytes(raw), bytes(raw[:-1]), b"", bytes(raw) * 2])
        return f"{header}.{claims}.{encode(changed)}"

    def altered_header(self) -> str:
        _, claims, signature = self._valid().split(".")
        header = {"alg": "RS256", "kid": self.issuer.key.kid, "typ": self._noise()}
        return f"{encode(header)}.{claims}.{signature}"

    def other_key(self) -> str:
        header = {"alg": self.random.choice(ALGORITHMS), "kid": self.other.kid}
        return jwt.encode(header, self.issuer.claims(), self.other, algorithms=ALGORITHMS)

    def embedded_key(self) -> str:
        place = self.random.choice(
            [{"jwk": self.other.as_dict(private=False)}, {"jku": f"{self.issuer.url}/other"}]
        )
        header = {"alg": "RS256", "kid": self.random.choice([self.other.kid, "own"]), **place}
        signed = f"{encode(header)}.{encode(self.issuer.claims())}"
        valid = jwt.encode({"alg": "RS256"}, {}, self.other, algorithms=ALGORITHMS)
        return f"{signed}.{valid.split('.')[2]}"

    def expired(self) -> str:
        ago = self.random.choice([0, 1, self.random.randint(2, 10**9), self.random.random() * 1e6])
        return self.issuer.token(exp=int(time.time()) - ago)

    def no_expiry(self) -> str:
        return self.issuer.token(exp=self.random.choice(_NO_TIMES))

    def not_yet_valid(self) -> str:
        later = time.time() + self.random.choice([30, 3600, 1e9])
        bad = self.random.choice([int(later), later, *_NO_TIMES[1:]])
        return self.issuer.token(**{self.random.choice(["nbf", "iat"]): bad})

    def wrong_audience(self) -> str:
        name = self.random.choice(
            [AUDIENCE.upper(), AUDIENCE[:-1], f"{AUDIENCE} ", f"{AUDIENCE},x", self._noise(), "", 1]
        )
        aud = self.random.choice([name, [name], [[AUDIENCE]], {AUDIENCE: 1}, None, [], True])
        return self.random.choice(
            [
                self.issuer.token(aud=aud),
                self.issuer.token(aud=aud, client_id=AUDIENCE),  # aud counts before client_id
                self.issuer.token(aud=..., client_id=name),
                self.issuer.token(aud=...),
            ]
        )

    def wrong_issuer(self) -> str:
        url = self.issuer.url
        others = [f"{url}/", url.upper(), url[:-1], f"{url}.evil", [url], "", None, ..., {"a": url}]
        return self.issuer.token(iss=self.random.choice(others))

    def no_algorithm(self) -> str:
        name = self.random.choice(["none", "None", "NONE", "nOnE", "", None, 0, [], "RS256none"])
        header = {"alg": name, "kid": self.issuer.key.kid}
        if self.random.random() < 0.2:
            del header["alg"]
        signature = self.random.choice(["", self._valid().split(".")[2]])
        return f"{encode(header)}.{encode(self.issuer.claims())}.{signature}"

    def key_confusion(self) -> str:
        """Sign with a secret that everybody knows: the public key of the issuer."""
        key, name = self.issuer.key, self.random.choice(list(_HMACS))
        public = key.as_dict(private=False)
        secrets = [
            key.as_pem(private=False),
            key.as_pem(private=False).strip(),
            key.as_der(private=False),
            json.dumps(public).encode(),
            str(public["n"]).encode(),
        ]
        header = {"alg": name, "kid": key.kid, "typ": "JWT"}
        signed = f"{encode(header)}.{encode(self.issuer.claims())}"
        secret = self.random.choice(secrets)
        return f"{signed}.{encode(hmac.digest(secret, signed.encode(), _HMACS[name]))}"

    def wrong_kid(self) -> str:
        """Sign with the right key under another name, or none."""
        kid = self.random.choice([..., "", "First", "second", "../first", "first\0", self._noise()])
        header = {"alg": "RS256"} if kid is ... else {"alg": "RS256", "kid": kid}
        return jwt.encode(header, self.issuer.claims(), self.issuer.key, algorithms=ALGORITHMS)

    def malformed(self) -> str:
        count = self.random.choice([0, 1, 2, 4, 5, 40])
        noise = [self._noise(60).replace(".", "").strip() or "x" for _ in range(max(count, 1))]
        nested = encode(b"[" * self.random.choice([1, 5_000]))
        choices = [".".join(noise), "...", "..", f"{nested}.e30.x", encode(b"\xff\xfe") + ".e30.x"]
        choices += [f"{encode([1])}.e30.x", f"{encode('RS256')}.e30.x", f"{encode(None)}.e30."]
        return self.random.choice(choices)

    def truncated(self) -> str:
        token = self._valid()
        return token[: self.random.randrange(1, len(token) - 1)]

    def other_algorithm(self) -> str:
        names = ["ES256", "EdDSA", "RSA1_5", "rs256", "RS256 ", "RS1", "dir"]
        header = {"alg": self.random.choice(names), "kid": self.issuer.key.kid}
        return f"{encode(header)}.{'.'.join(self._valid().split('.')[1:])}"
