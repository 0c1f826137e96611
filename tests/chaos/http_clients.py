"""Clients that call an HTTP API on and on, each over its own connection, and judge every answer."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.load import Known

RIGHT = "right"
_SECONDS = 40  # the API itself gives up after thirty


class HttpClient:
    """One client: what came of each of its requests."""

    def __init__(self, api_url: str, known: Known) -> None:
        parts = urlsplit(f"{api_url}/predict")
        self._path, self._known = parts.path, known
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=_SECONDS)
        self.outcomes: Counter[str] = Counter()

    def ask(self, index: int) -> None:
        """Send one text, and count "right", "wrong", or status and body."""
        try:
            self._connection.request(
                "POST",
                self._path,
                json.dumps({"text": self._known.texts[index]}),
                {"content-type": "application/json"},
            )
            answer = self._connection.getresponse()
            outcome = self._judged(index, answer.status, json.loads(answer.read()))
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            outcome = repr(error)
        self.outcomes[outcome] += 1

    def _judged(self, index: int, status: int, content: Any) -> str:
        if status != 200:
            return f"{status} {content}"
        (prediction,) = content["predictions"]
        return RIGHT if self._known.matches(index, prediction) else "wrong"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def call_for(seconds: float, clients: Sequence[HttpClient], texts: int) -> Counter[str]:
    """Let clients ask on and on, each from another text, and count what came of it."""
    ending = time.monotonic() + seconds

    def ask_on(client: HttpClient, index: int) -> None:
        while time.monotonic() < ending:
            client.ask(index % texts)
            index += 1

    threads = [
        threading.Thread(target=ask_on, args=(client, number * texts // len(clients)))
        for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found: Counter[str] = Counter()
    for client in clients:
        client.close()
        found += client.outcomes
    return found
