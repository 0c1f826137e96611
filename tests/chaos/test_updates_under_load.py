"""An endpoint that is updated under load loses no request and uses the correct model."""

import time

import pytest

from local_aws.tests.account import eventually
from local_aws.tests.stages import processes_of
from tests.chaos.conftest import ROUGH, SMOOTH
from tests.chaos.load import Client, count_results, requests_from

REQUESTS, UPDATES, STEADY = 2000, 3, 20  # at least; the last, between two updates


def pids_of(endpoint: str) -> set[int]:
    return {process.pid for process in processes_of(endpoint)}


def answers_since(clients: list[Client], moment: float) -> int:
    """Return the number of requests that were sent and answered after a moment."""
    return sum(outcome.began >= moment for client in clients for outcome in client.outcomes)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_endpoint_updated_under_load_loses_no_request_and_uses_the_correct_model(
    stage, endpoint, capsys
):
    clients = [stage.client(endpoint) for _ in range(4)]
    model = ROUGH
    steady = [(ROUGH, time.monotonic(), 0.0)]  # model, and the time in which only it serves
    with requests_from(clients, stage.texts):
        while len(steady) <= UPDATES or count_results(clients).total() < REQUESTS:
            time.sleep(1)
            eventually(lambda: answers_since(clients, steady[-1][1]) >= STEADY)
            old = pids_of(endpoint)
            steady[-1] = (*steady[-1][:2], time.monotonic())
            model = SMOOTH if model == ROUGH else ROUGH
            config = stage.configs[model]
            stage.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
            current = stage.settled(endpoint)
            assert current["EndpointStatus"] == "InService"
            assert current["EndpointConfigName"] == config
            steady.append((model, time.monotonic(), float("inf")))
            eventually(lambda: old.isdisjoint(pids_of(endpoint)))  # noqa: B023 - runs in this iteration
        eventually(lambda: answers_since(clients, steady[-1][1]) >= STEADY)
    results = count_results(clients)
    with capsys.disabled():
        print(f"\n{len(steady) - 1} updates, {results.total()} requests: {dict(results)}")  # noqa: T201
    assert set(results) == {ROUGH, SMOOTH}
    assert results.total() >= REQUESTS
    for model, since, until in steady:
        models = {
            outcome.result
            for client in clients
            for outcome in client.outcomes
            if outcome.began >= since and outcome.ended <= until
        }
        assert models == {model}
