"""Clients that call an HTTP API repeatedly over one connection each and check every response."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from local_aws.tests.account import eventually
from tests.chaos.load import Known, requests_from

CORRECT = "correct"
_SECONDS = 40  # the API itself times out after 30 s


class HttpClient:
    """A client with one connection, and the outcomes of its requests."""

    def __init__(self, api_url: str, known: Known) -> None:
        parts = urlsplit(f"{api_url}/predict")
        self._path, self._known = parts.path, known
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=_SECONDS)
        self.outcomes: Counter[str] = Counter()

    def ask(self, index: int) -> None:
        """Send one text; count the outcome: "correct", "wrong", an error, or status and body."""
        try:
            self._connection.request(
                "POST",
                self._path,
                json.dumps({"text": self._known.texts[index]}),
                {"content-type": "application/json"},
            )
            response = self._connection.getresponse()
            outcome = self._outcome(index, response.status, json.loads(response.read()))
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            outcome = repr(error)
        self.outcomes[outcome] += 1

    def _outcome(self, index: int, status: int, content: Any) -> str:
        if status != 200:
            return f"{status} {content}"
        (prediction,) = content["predictions"]
        return CORRECT if self._known.matches(index, prediction) else "wrong"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def call_for(seconds: float, clients: Sequence[HttpClient], texts: int) -> Counter[str]:
    """Let clients send requests for some seconds; return the number of each outcome."""
    with requests_from(clients, texts):
        time.sleep(seconds)
    return _outcomes(clients)


def call_in_groups(clients: Sequence[HttpClient], texts: int, group: int) -> Counter[str]:
    """Let clients send requests, a further group when all before have an answer; as `call_for`."""
    with ExitStack() as calling:
        for first in range(0, len(clients), group):
            more = clients[first : first + group]
            calling.enter_context(requests_from(more, texts))
            eventually(lambda: all(client.outcomes for client in more))  # noqa: B023 - runs now
    return _outcomes(clients)


def _outcomes(clients: Sequence[HttpClient]) -> Counter[str]:
    """Close clients; return the number of each of their outcomes."""
    outcomes: Counter[str] = Counter()
    for client in clients:
        client.close()
        outcomes += client.outcomes
    return outcomes
