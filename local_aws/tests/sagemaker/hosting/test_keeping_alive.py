"""Containers that hang or exit are restarted."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import VARIANT, Account, eventually
from local_aws.tests.stages import processes_of

# Is busy for the requested number of seconds, unable to respond to other requests.
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
WORK_SECONDS = 24  # longer than it takes to detect a hanging container


def work(account: Account, endpoint: str, seconds: float = 0.0) -> int:
    """Keep an endpoint busy; return the process ID of the worker."""
    response = account.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=f"[[{seconds}]]", ContentType="application/json"
    )
    return int(json.load(response["Body"]))


@pytest.mark.slow  # it takes 20 seconds to detect a hanging container
def test_hanging_container_is_restarted_and_busy_container_is_not(account):
    hanging = account.deploy(account.packed_container(BUSY))
    container = account.packed_container(BUSY)
    container["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    busy = account.deploy(container)
    before = {process.pid for process in processes_of(hanging)}
    worker = work(account, busy)
    with ThreadPoolExecutor(max_workers=1) as pool:
        working = pool.submit(work, account, busy, WORK_SECONDS)
        for pid in before:
            psutil.Process(pid).send_signal(signal.SIGSTOP)
        eventually(lambda: {process.pid for process in processes_of(hanging)} - before)
        assert working.result() == worker
    assert work(account, busy) == worker
    eventually(lambda: responds(account, hanging))
    log = account.log(f"/aws/sagemaker/Endpoints/{hanging}", f"{VARIANT}/i-")
    assert "local AWS: the container does not respond to /ping; restarting it" in log
    for name in (hanging, busy):
        account.delete_endpoint(name)


def responds(account: Account, endpoint: str) -> int | None:
    try:
        return work(account, endpoint)
    except ClientError:
        return None


def base_of(process: Any) -> Path:
    return Path(process.environ()["SAGEMAKER_BASE_DIR"])


@pytest.mark.slow
def test_failed_restart_is_tried_again(account):
    name = account.deploy(account.packed_container(BUSY))
    base = base_of(processes_of(name)[0])
    away = base.with_name("away")
    base.rename(away)
    for process in processes_of(name):
        process.kill()
    group = f"/aws/sagemaker/Endpoints/{name}"
    line = "local AWS: the container exited; restarting it"
    eventually(lambda: line in account.log(group, f"{VARIANT}/i-"))
    assert processes_of(name) == []
    away.rename(base)
    assert eventually(lambda: responds(account, name))
    account.delete_endpoint(name)
