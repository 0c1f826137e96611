"""A serving container has one worker per CPU of its instance by default."""

import os
from collections.abc import Iterator

import pytest

from local_aws.__main__ import parse_arguments
from local_aws.sagemaker.hosting.specs import cpu_count
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually
from local_aws.tests.stages import processes_of, stage


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
def test_instance_type_has_a_number_of_cpus(instance_type, count):
    assert cpu_count(instance_type, 128) == count


def test_instance_has_no_more_cpus_than_the_limit():
    assert cpu_count("ml.m5.24xlarge", 3) == 3


def test_limit_of_cpus_is_the_number_of_this_computer_by_default():
    assert parse_arguments([]).instance_cpus == os.cpu_count()
    assert parse_arguments(["--instance-cpus", "1"]).instance_cpus == 1


@pytest.mark.parametrize("count", ["0", "-1", "two", ""])
def test_invalid_number_of_cpus_is_rejected(capsys, count):
    with pytest.raises(SystemExit):
        parse_arguments([f"--instance-cpus={count}"])
    assert f"{count!r} is not a number from 1 to" in capsys.readouterr().err


@pytest.fixture(scope="module")
def two_cpus() -> Iterator[Account]:
    """Start a local AWS whose instances have up to two CPUs."""
    with running_local_aws("--instance-cpus", "2") as aws:
        yield Account(aws)


def wait_for_workers(account: Account, count: int, **environment: str) -> None:
    """Deploy a container on ml.m5.large, and wait until it has exactly `count` workers."""
    name = account.deploy(stage(account, **environment))
    (master,) = [process for process in processes_of(name) if process.children()]
    eventually(lambda: len(master.children()) == count)
    account.delete_endpoint(name)


@pytest.mark.slow
@pytest.mark.observes("serve-workers-default")
def test_container_has_one_worker_per_cpu_of_its_instance(two_cpus):
    wait_for_workers(two_cpus, 2)


@pytest.mark.slow
def test_container_has_no_more_workers_than_the_limit_of_cpus(account):
    wait_for_workers(account, 1)  # the local AWS of the tests has --instance-cpus 1


@pytest.mark.slow
@pytest.mark.observes("serve-workers")
def test_container_has_the_number_of_workers_in_its_environment(two_cpus):
    wait_for_workers(two_cpus, 3, SAGEMAKER_MODEL_SERVER_WORKERS="3")
