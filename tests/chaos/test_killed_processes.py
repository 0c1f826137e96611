"""Serving processes are killed under load: right answers or honest errors, and whole in the end."""

import random
import time

import psutil
import pytest

from local_aws.tests.account import eventually
from local_aws.tests.stages import processes_of
from tests.chaos.conftest import ROUGH
from tests.chaos.load import asking, counted

SECONDS, PAUSE = 60, 2
MASTER_EVERY = 5  # each fifth victim is a master
IN_A_ROW = 50
KILLS = 20  # of some 30
RIGHT = 100  # answers, at least, between the kills
HONEST = {f"ModelError 424 {status}" for status in (500, 502, 503, 504)}


def masters_and_workers(name: str) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Return the processes of an endpoint: those that have others of it as children, and those."""
    processes = processes_of(name)
    parents = {process.ppid() for process in processes}
    masters = [process for process in processes if process.pid in parents]
    return masters, [process for process in processes if process not in masters]


def kill_one(name: str, number: int, dice: random.Random) -> bool:
    """Kill a process of an endpoint, most times a worker; False if there was none just then."""
    try:
        masters, workers = masters_and_workers(name)
        victims = masters if number % MASTER_EVERY == 0 else workers
        dice.choice(victims or masters or workers).kill()
    except (psutil.NoSuchProcess, IndexError):  # all of them ended since the last look
        return False
    return True


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_endpoint_whose_processes_are_killed_under_load_answers_right_or_with_a_model_error(
    stage, endpoint, capsys
):
    dice = random.Random(20261120)  # noqa: S311 - which process, no secret
    before = [len(group) for group in masters_and_workers(endpoint)]
    assert min(before) >= 2
    clients = [stage.client(endpoint, ROUGH) for _ in range(4)]
    end = time.monotonic() + SECONDS
    number = kills = 0
    with asking(clients, stage.texts):
        while time.monotonic() < end:
            time.sleep(PAUSE)
            number += 1
            kills += kill_one(endpoint, number, dice)
    found = counted(clients)
    with capsys.disabled():
        print(f"\n{kills} kills, {found.total()} requests: {dict(found)}")  # noqa: T201
    assert set(found) <= {ROUGH} | HONEST, found
    assert found[ROUGH] >= RIGHT
    assert kills >= KILLS
    # Whole first: the workers of a killed master answer until it is noticed.
    eventually(lambda: [len(group) for group in masters_and_workers(endpoint)] == before)
    eventually(lambda: all(client.ask(0).what == ROUGH for client in clients))
    for client in clients:
        row = [client.ask(index % stage.texts).what for index in range(IN_A_ROW)]
        assert row == [ROUGH] * IN_A_ROW
    assert stage.settled(endpoint)["EndpointStatus"] == "InService"
    assert [len(group) for group in masters_and_workers(endpoint)] == before
