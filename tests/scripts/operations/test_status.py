"""status takes little more time than its libraries, and leaves out what others are deleting."""

import os
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from local_aws.testing import ROOT
from scripts.account.naming import DEFAULT_STACK, stack_tags
from scripts.operations.status import SERVICES, _table, deployments
from scripts.releases.alarms import stack_alarms
from tests.scripts.environments.small_account import Person, SmallAccount
from tests.scripts.processes import command

_CLIENTS = f"""
import boto3
session = boto3.Session(region_name="us-east-1")
for name in {("sts", *SERVICES)}:
    session.client(name)
"""


def cpu_seconds(arguments, environment):
    """Return the CPU time of a process that ends well."""
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.slow
def test_status_takes_at_most_twice_the_time_of_the_clients_that_it_needs(release):
    environment = release.scripts.environment
    lines = (command("status", "--json"), [sys.executable, "-c", _CLIENTS])
    status, clients = (min(cpu_seconds(line, environment) for _ in range(3)) for line in lines)
    assert status <= 2 * clients


class Deleting(SmallAccount):
    """An account in which somebody is deleting the stack of a function."""

    missing = ""  # the operation that does not find its function or stack any more
    code, message = "ResourceNotFoundException", "Function not found"

    def call(self, person, operation, parameters):
        if operation == self.missing:
            raise ClientError({"Error": {"Code": self.code, "Message": self.message}}, operation)
        return super().call(person, operation, parameters)


@pytest.mark.parametrize("operation", ["get_alias", "get_function_configuration"])
def test_function_that_somebody_deletes_meanwhile_is_not_shown(operation):
    account = Deleting()
    account.missing, person = operation, Person(account, 0, DEFAULT_STACK)
    account.create(person, "stack", {"StackName": "f", "Tags": stack_tags(DEFAULT_STACK)})
    assert deployments(person) == []


def test_stack_that_somebody_deletes_meanwhile_has_no_alarms():
    account = Deleting()
    account.missing, person = "describe_stack_resources", Person(account, 0, DEFAULT_STACK)
    account.code, account.message = "ValidationError", "Stack with id f does not exist"
    assert stack_alarms(person, "f", ["ErrorsAlarm"]) == []


def row(**members):
    """Return the cells of the table for a deployment."""
    shown = {"stack": "s", "name": "e", "status": "InService", "model_package_arn": "", **members}
    defaults = {"incoming": "", "released": "2026-01-02T03:04:05+00:00", "alarms": {}}
    return _table([defaults | shown]).splitlines()[-1]


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ([], "none"),
        (["OK", "OK"], "OK"),
        (["OK", "INSUFFICIENT_DATA"], "INSUFFICIENT_DATA"),
        (["OK", "ALARM", "INSUFFICIENT_DATA"], "alarm-1"),
    ],
)
def test_table_shows_the_alarms_that_went_off_or_else_the_worst_state(states, shown):
    alarms = {f"alarm-{number}": state for number, state in enumerate(states)}
    assert row(alarms=alarms).split()[-1] == shown


def test_table_marks_the_accuracy_on_a_generated_sample():
    metrics = {"accuracy": 0.13}
    assert "  0.1300  " in row(metrics=metrics)
    assert "  0.1300 (generated sample)  " in row(metrics=metrics, generated_sample=True)


def test_table_shows_the_release_to_which_traffic_is_moving():
    assert "Updating, moving to new  2026-01-02 03:04  " in row(status="Updating", incoming="new")


@pytest.mark.parametrize(("approval", "shown"), [("Approved", ""), ("Rejected", " (Rejected)")])
def test_table_shows_a_package_that_is_no_longer_approved(approval, shown):
    arn = "arn:aws:sagemaker:us-east-1:1:model-package/r/2"
    assert f"  r/2{shown}  " in row(model_package_arn=arn, approval_status=approval)
