"""Containers in service are kept there: those that hang, and those that cannot be started."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.hosting.ports import give_back, take_port
from local_aws.tests.account import VARIANT, Account, eventually
from local_aws.tests.stages import processes_of

# Works for as many seconds as it is told, leaving no time to answer anything else.
BUSY = """
import os
import time


def model_fn(model_dir):
    return os.getpid()


def predict_fn(seconds, pid):
    end = time.monotonic() + float(seconds.sum())
    while time.monotonic() < end:
        sum(range(1000))
    return pid
"""
WORK_SECONDS = 24  # longer than a hanging container takes to be noticed


def work(account: Account, endpoint: str, seconds: float = 0.0) -> int:
    """Let an endpoint work; return the process that did."""
    answer = account.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=f"[[{seconds}]]", ContentType="application/json"
    )
    return int(json.load(answer["Body"]))


@pytest.mark.slow  # a hang is noticed after 20 seconds
def test_container_that_hangs_is_started_again_and_one_that_is_busy_is_not(account):
    hanging = account.deploy(account.packed_container(BUSY))
    lone = account.packed_container(BUSY)
    lone["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    busy = account.deploy(lone)
    before = {process.pid for process in processes_of(hanging)}
    worker = work(account, busy)
    with ThreadPoolExecutor(max_workers=1) as pool:
        working = pool.submit(work, account, busy, WORK_SECONDS)
        for pid in before:
            psutil.Process(pid).send_signal(signal.SIGSTOP)
        eventually(lambda: {process.pid for process in processes_of(hanging)} - before)
        assert working.result() == worker
    assert work(account, busy) == worker
    eventually(lambda: answered(account, hanging))
    log = account.log(f"/aws/sagemaker/Endpoints/{hanging}", f"{VARIANT}/i-")
    assert "local AWS: the container does not answer /ping and is started again" in log
    for name in (hanging, busy):
        account.delete_endpoint(name)


def answered(account: Account, endpoint: str) -> int | None:
    try:
        return work(account, endpoint)
    except ClientError:
        return None


def base_of(process: Any) -> Path:
    return Path(process.environ()["SAGEMAKER_BASE_DIR"])


@pytest.mark.slow
def test_container_that_could_not_be_started_again_is_tried_again(account):
    name = account.deploy(account.packed_container(BUSY))
    base = base_of(processes_of(name)[0])
    away = base.with_name("away")
    base.rename(away)
    for process in processes_of(name):
        process.kill()
    group = f"/aws/sagemaker/Endpoints/{name}"
    line = "local AWS: the container ended and is started again"
    eventually(lambda: line in account.log(group, f"{VARIANT}/i-"))
    assert processes_of(name) == []
    away.rename(base)
    assert eventually(lambda: answered(account, name))
    account.delete_endpoint(name)


def test_ports_drawn_at_once_are_all_different():
    with ThreadPoolExecutor(max_workers=16) as pool:
        ports = list(pool.map(lambda _: take_port(), range(400)))
    assert len(set(ports)) == len(ports)
    for port in ports:
        give_back(port)
