"""A serving container has as many workers as its instance has CPUs, unless it is told."""

import os
from collections.abc import Iterator

import pytest

from local_aws.__main__ import parse_arguments
from local_aws.sagemaker.hosting.instances import cpus
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually
from local_aws.tests.stages import ECHO, processes_of


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
def test_instance_type_has_the_cpus_of_its_size(instance_type, count):
    assert cpus(instance_type, 128) == count


def test_instance_has_no_more_cpus_than_there_may_be():
    assert cpus("ml.m5.24xlarge", 3) == 3


def test_instances_have_the_cpus_of_this_machine_unless_the_local_aws_is_told():
    assert parse_arguments([]).instance_cpus == os.cpu_count()
    assert parse_arguments(["--instance-cpus", "1"]).instance_cpus == 1


@pytest.mark.parametrize("count", ["0", "-1", "two", ""])
def test_local_aws_told_a_wrong_number_of_cpus_says_so(capsys, count):
    with pytest.raises(SystemExit):
        parse_arguments([f"--instance-cpus={count}"])
    assert f"{count!r} is not a number of CPUs; expected 1 or more" in capsys.readouterr().err


@pytest.fixture(scope="module")
def two_cpus() -> Iterator[Account]:
    """Have an account of a local AWS whose instances have both CPUs of an ml.m5.large."""
    with running_local_aws(None, "--instance-cpus", "2") as aws:
        yield Account(aws)


def wait_for_workers(account: Account, count: int, **environment: str) -> None:
    """Deploy a container on ml.m5.large; wait until its server has just so many workers."""
    container = account.packed_container(ECHO)
    container["Environment"] |= {"STAGE": "only"} | environment
    name = account.deploy(container)
    (master,) = [process for process in processes_of(name) if process.children()]
    eventually(lambda: len(master.children()) == count)
    account.delete_endpoint(name)


@pytest.mark.observes("serve-workers-default")
def test_container_has_a_worker_for_each_cpu_of_its_instance(two_cpus):
    wait_for_workers(two_cpus, 2)


def test_container_has_no_more_workers_than_the_local_aws_was_told_cpus(account):
    wait_for_workers(account, 1)  # the tests' local AWS has --instance-cpus 1


@pytest.mark.observes("serve-workers")
def test_container_has_as_many_workers_as_it_declares(two_cpus):
    wait_for_workers(two_cpus, 3, SAGEMAKER_MODEL_SERVER_WORKERS="3")
