"""An endpoint whose processes are killed under load returns correct predictions or errors."""

import random
import time

import psutil
import pytest

from local_aws.tests.account import eventually
from local_aws.tests.stages import processes_of
from tests.chaos.conftest import ROUGH
from tests.chaos.load import count_results, requests_from

SECONDS, PAUSE = 60, 2
MASTER_EVERY = 5  # every fifth victim is a master
IN_A_ROW = 50
KILLS = 20  # at least, of about 30
PREDICTIONS = 100  # predictions, at least, between the kills
ERRORS = {f"ModelError 424 {status}" for status in (500, 502, 503, 504)}


def masters_and_workers(name: str) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Return the processes of an endpoint with child processes, and those without."""
    processes = processes_of(name)
    parents = {process.ppid() for process in processes}
    masters = [process for process in processes if process.pid in parents]
    return masters, [process for process in processes if process not in masters]


def kill_one(name: str, number: int, dice: random.Random) -> bool:
    """Kill a process of an endpoint, usually a worker; return whether there was one."""
    try:
        masters, workers = masters_and_workers(name)
        victims = masters if number % MASTER_EVERY == 0 else workers
        dice.choice(victims or masters or workers).kill()
    except (psutil.NoSuchProcess, IndexError):  # all of them have ended
        return False
    return True


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_endpoint_whose_processes_are_killed_returns_correct_predictions_or_model_errors(
    stage, endpoint, capsys
):
    dice = random.Random(20261120)  # noqa: S311 - selects processes
    before = [len(group) for group in masters_and_workers(endpoint)]
    assert min(before) >= 2
    clients = [stage.client(endpoint, ROUGH) for _ in range(4)]
    end = time.monotonic() + SECONDS
    number = kills = 0
    with requests_from(clients, stage.texts):
        while time.monotonic() < end:
            time.sleep(PAUSE)
            number += 1
            kills += kill_one(endpoint, number, dice)
    results = count_results(clients)
    with capsys.disabled():
        print(f"\n{kills} kills, {results.total()} requests: {dict(results)}")  # noqa: T201
    assert set(results) <= {ROUGH} | ERRORS, results
    assert results[ROUGH] >= PREDICTIONS
    assert kills >= KILLS
    # Wait for all processes first: the workers of a killed master respond for a moment.
    eventually(lambda: [len(group) for group in masters_and_workers(endpoint)] == before)
    eventually(lambda: all(client.ask(0).result == ROUGH for client in clients))
    for client in clients:
        sequence = [client.ask(index % stage.texts).result for index in range(IN_A_ROW)]
        assert sequence == [ROUGH] * IN_A_ROW
    assert stage.settled(endpoint)["EndpointStatus"] == "InService"
    assert [len(group) for group in masters_and_workers(endpoint)] == before
