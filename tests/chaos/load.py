"""Clients that invoke an endpoint repeatedly and compare every response with models in memory."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.testing import LocalAws
from tests.end_to_end.posts import TOLERANCE, InMemory
from tests.scripts.releases import SMALL_REGION


@dataclass(frozen=True)
class Known:
    """Texts with the predictions of one model."""

    texts: Sequence[str]
    labels: Sequence[str]
    probabilities: Sequence[Mapping[str, float]]

    def matches(self, index: int, prediction: Mapping[str, Any]) -> bool:
        """Return whether a prediction for a text is that of the model."""
        expected, actual = self.probabilities[index], prediction["probabilities"]
        return prediction["label"] == self.labels[index] and all(
            abs(actual[name] - value) <= TOLERANCE for name, value in expected.items()
        )


def known_predictions(model: InMemory, texts: Sequence[str]) -> Known:
    """Score texts in memory."""
    rows = model.probabilities(texts).tolist()
    probabilities = [dict(zip(model.label_names, row, strict=True)) for row in rows]
    return Known(texts, model.labels(texts), probabilities)


@dataclass(frozen=True)
class Outcome:
    """The times of one request, and its result: the name of a model, "wrong", or an error."""

    began: float
    ended: float
    result: str


class Client:
    """A boto3 client without retries, and the outcomes of its requests."""

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
        """Send one text; return and record the outcome."""
        began = time.monotonic()
        result = self._result(index)
        outcome = Outcome(began, time.monotonic(), result)
        self.outcomes.append(outcome)
        return outcome

    def _result(self, index: int) -> str:
        text = next(iter(self._models.values())).texts[index]
        try:
            response = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint,
                Body=text,
                ContentType="text/plain",
                Accept="application/json",
            )
            (prediction,) = json.loads(response["Body"].read())["predictions"]
        except ClientError as error:
            return _error_name(error.response)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        models = (name for name, known in self._models.items() if known.matches(index, prediction))
        return next(models, "wrong")


def _error_name(response: Mapping[str, Any]) -> str:
    """Return the code of an error, its status, and the status of the container."""
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return f"{response['Error']['Code']} {status} {response.get('OriginalStatusCode')}"


@contextmanager
def requests_from(clients: Sequence[Any], texts: int) -> Iterator[None]:
    """Let clients send requests until the block ends, each beginning with another text."""
    done = threading.Event()

    def send(client: Any, first: int) -> None:
        for index in count(first):
            if done.is_set():
                return
            client.ask(index % texts)

    threads = [
        threading.Thread(target=send, args=(client, number * texts // len(clients)))
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


def count_results(clients: Sequence[Client]) -> Counter[str]:
    """Return the number of each result over all clients."""
    return Counter(outcome.result for client in clients for outcome in client.outcomes)
