"""A stack that is protected against deletion stays until the protection is removed."""

import pytest

from local_aws.tests.account import refusal
from local_aws.tests.cloudformation.stacks import resource

GROUP = {"Group": resource("AWS::Logs::LogGroup")}


def protected(stacks, name):
    return stacks.describe(name)["EnableTerminationProtection"]


def protect(stacks, name, value):
    request = {"StackName": name, "EnableTerminationProtection": value}
    return stacks.client.update_termination_protection(**request)["StackId"]


@pytest.mark.observes("stack-termination-protection")
def test_protected_stack_is_not_deleted_and_changes_nothing(stacks):
    name = stacks.create(GROUP, EnableTerminationProtection=True)
    before = stacks.describe(name)
    assert protected(stacks, name) is True
    for named in (name, before["StackId"]):
        assert refusal(stacks.client.delete_stack, StackName=named) == (
            "ValidationError",
            f"Stack [{named}] cannot be deleted while TerminationProtection is enabled",
        )
    assert stacks.describe(name) == before
    assert list(stacks.physical(name)) == ["Group"]


@pytest.mark.observes("stack-termination-protection")
def test_protection_is_turned_on_and_off_and_kept_by_updates(stacks):
    name = stacks.create(GROUP)
    assert protected(stacks, name) is False
    assert protect(stacks, name, True) == stacks.describe(name)["StackId"]
    stacks.update(name, {"Group": resource("AWS::Logs::LogGroup", RetentionInDays=7)})
    assert protected(stacks, name) is True
    protect(stacks, name, False)
    stacks.delete(name)


@pytest.mark.observes("stack-termination-protection")
def test_protection_of_a_missing_stack_is_refused(stacks):
    request = {"StackName": "missing", "EnableTerminationProtection": True}
    assert refusal(stacks.client.update_termination_protection, **request) == (
        "ValidationError",
        "Stack with id missing does not exist",
    )
