"""An endpoint is updated from model to model under load: no request fails, none goes astray."""

import time

import pytest

from local_aws.tests.account import eventually
from local_aws.tests.stages import processes_of
from tests.chaos.conftest import ROUGH, SMOOTH
from tests.chaos.load import asking, counted

REQUESTS, UPDATES = 2000, 3  # at least


def pids_of(endpoint: str) -> set[int]:
    return {process.pid for process in processes_of(endpoint)}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_endpoint_updated_under_load_loses_no_request_and_answers_from_the_right_model(
    stage, endpoint, capsys
):
    clients = [stage.client(endpoint) for _ in range(4)]
    model = ROUGH
    steady = [(ROUGH, time.monotonic(), 0.0)]  # model, from when, until when it alone may answer
    with asking(clients, stage.texts):
        while len(steady) <= UPDATES or counted(clients).total() < REQUESTS:
            time.sleep(1)
            old = pids_of(endpoint)
            steady[-1] = (*steady[-1][:2], time.monotonic())
            model = SMOOTH if model == ROUGH else ROUGH
            config = stage.configs[model]
            stage.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
            found = stage.settled(endpoint)
            assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", config)
            steady.append((model, time.monotonic(), float("inf")))
            eventually(lambda: old.isdisjoint(pids_of(endpoint)))  # noqa: B023 - called at once
    found = counted(clients)
    with capsys.disabled():
        print(f"\n{len(steady) - 1} updates, {found.total()} requests: {dict(found)}")  # noqa: T201
    assert set(found) == {ROUGH, SMOOTH}
    assert found.total() >= REQUESTS
    for model, since, until in steady:
        within = {
            outcome.what
            for client in clients
            for outcome in client.outcomes
            if outcome.began >= since and outcome.ended <= until
        }
        assert within == {model}
