"""Clients that invoke an endpoint on and on, and compare every answer with the model in memory."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.testing import LocalAws
from tests.end_to_end.posts import InMemory
from tests.scripts.releases import SMALL_REGION

_CLOSE = 1e-6  # what a probability may differ by


@dataclass(frozen=True)
class Known:
    """Texts and what one model answers to each."""

    texts: Sequence[str]
    labels: Sequence[str]
    probabilities: Sequence[Mapping[str, float]]

    def matches(self, index: int, prediction: Mapping[str, Any]) -> bool:
        """Tell whether a prediction of a text is the model's own."""
        expected, found = self.probabilities[index], prediction["probabilities"]
        return prediction["label"] == self.labels[index] and all(
            abs(found[name] - value) <= _CLOSE for name, value in expected.items()
        )


def known_answers(model: InMemory, texts: Sequence[str]) -> Known:
    """Score texts in memory."""
    rows = model.probabilities(texts).tolist()
    named = [dict(zip(model.label_names, row, strict=True)) for row in rows]
    return Known(texts, model.labels(texts), named)


@dataclass(frozen=True)
class Outcome:
    """One request: when, and what came of it: a model's name, "wrong", or an error."""

    began: float
    ended: float
    what: str


class Client:
    """A boto3 client that never tries again, and the outcomes of its requests."""

    def __init__(self, aws: LocalAws, endpoint: str, models: Mapping[str, Known]) -> None:
        self._endpoint, self._models = endpoint, models
        self.outcomes: list[Outcome] = []
        self._runtime = boto3.client(
            "sagemaker-runtime",
            endpoint_url=aws.url,
            region_name=SMALL_REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=90),
        )

    def ask(self, index: int) -> Outcome:
        """Send one text; return (and keep) what came of it."""
        began = time.monotonic()
        what = self._outcome(index)
        outcome = Outcome(began, time.monotonic(), what)
        self.outcomes.append(outcome)
        return outcome

    def _outcome(self, index: int) -> str:
        text = next(iter(self._models.values())).texts[index]
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint,
                Body=text,
                ContentType="text/plain",
                Accept="application/json",
            )
            (prediction,) = json.loads(answer["Body"].read())["predictions"]
        except ClientError as error:
            return _named(error.response)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        fitting = [name for name, known in self._models.items() if known.matches(index, prediction)]
        return fitting[0] if fitting else "wrong"


def _named(response: Mapping[str, Any]) -> str:
    """Name an error by its code, its status and the container's own status."""
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return f"{response['Error']['Code']} {status} {response.get('OriginalStatusCode')}"


@contextmanager
def asking(clients: Sequence[Client], texts: int) -> Iterator[None]:
    """Let clients ask on and on, each from another text, until the block ends."""
    done = threading.Event()

    def ask_on(client: Client, first: int) -> None:
        index = first
        while not done.is_set():
            client.ask(index % texts)
            index += 1

    threads = [
        threading.Thread(target=ask_on, args=(client, number * texts // len(clients)))
        for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def counted(clients: Sequence[Client]) -> Counter[str]:
    """Count the outcomes of all clients."""
    return Counter(outcome.what for client in clients for outcome in client.outcomes)
