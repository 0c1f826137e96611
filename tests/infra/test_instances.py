"""A serving container has as many workers as its instance has CPUs, unless it is told."""

import os

import pytest

from infra.local_aws.hosting.instances import cpus
from tests.infra.account import Account, eventually
from tests.infra.stages import ECHO, processes_of


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [
        ("ml.t2.medium", 2),
        ("ml.m5.large", 2),
        ("ml.c7i-flex.large", 2),
        ("ml.m5.xlarge", 4),
        ("ml.m5.2xlarge", 8),
        ("ml.m5.24xlarge", 96),
    ],
)
def test_instance_type_has_the_cpus_of_its_size(monkeypatch, instance_type, count):
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    assert cpus(instance_type) == count


def test_instance_has_no_more_cpus_than_this_machine(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert cpus("ml.m5.24xlarge") == 3


def wait_for_workers(account: Account, count: int, **environment: str) -> None:
    """Deploy a container on ml.m5.large; wait until its server has just so many workers."""
    container = account.packed_container(ECHO)
    container["Environment"] |= {"STAGE": "only"} | environment
    name = account.deploy(container)
    (master,) = [process for process in processes_of(name) if process.children()]
    eventually(lambda: len(master.children()) == count)
    account.delete_endpoint(name)


@pytest.mark.observes("serve-workers-default")
def test_container_has_a_worker_for_each_cpu_of_its_instance(account):
    wait_for_workers(account, min(2, os.cpu_count() or 1))


@pytest.mark.observes("serve-workers")
def test_container_has_as_many_workers_as_it_declares(account):
    wait_for_workers(account, 3, SAGEMAKER_MODEL_SERVER_WORKERS="3")
