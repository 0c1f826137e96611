"""A command that fails says why, leaves nothing that it could remove, and can be repeated."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.naming import DEFAULT_STACK
from tests.scripts.environments.command_lines import prepare, start
from tests.scripts.environments.resources import refusal
from tests.scripts.environments.small_account import Person, SmallAccount

pytestmark = pytest.mark.usefixtures("in_memory")


def test_setup_removes_a_foundation_that_fails_and_can_be_repeated(capsys):
    account = SmallAccount(failing={0})
    with pytest.raises(DeploymentError, match=f"^the stack {DEFAULT_STACK} could not be created"):
        start(Person(account, 0, DEFAULT_STACK), "setup")
    assert "did not complete; removing what it created" in capsys.readouterr().err
    assert not account.resources
    start(Person(account, 1, DEFAULT_STACK), "setup")
    (stack,) = account.of_kind("stack")
    assert stack.members["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_setup_replaces_a_foundation_whose_creation_failed(status):
    account = SmallAccount()
    start(Person(account, 0, DEFAULT_STACK), "setup")
    account.of_kind("stack")[0].members["StackStatus"] = status
    start(Person(account, 1, DEFAULT_STACK), "setup")
    (stack,) = account.of_kind("stack")
    assert (stack.run, stack.members["StackStatus"]) == (1, "CREATE_COMPLETE")


@pytest.mark.parametrize("verb", ["CREATE", "UPDATE"])
def test_setup_waits_for_another_one_and_then_updates_its_foundation(verb):
    account = SmallAccount()
    start(Person(account, 0, DEFAULT_STACK), "setup")
    account.of_kind("stack")[0].members["StackStatus"] = f"{verb}_IN_PROGRESS"
    start(Person(account, 1, DEFAULT_STACK), "setup")
    (change,) = account.changes
    assert (change.operation, change.status) == ("update_stack", f"{verb}_COMPLETE")


def test_setup_does_not_wait_for_a_change_set_that_nobody_has_executed():
    account = SmallAccount()
    start(Person(account, 0, DEFAULT_STACK), "setup")
    account.of_kind("stack")[0].members |= {"StackStatus": "REVIEW_IN_PROGRESS", "Tags": []}
    with pytest.raises(DeploymentError, match="belongs to someone else"):
        start(Person(account, 1, DEFAULT_STACK), "setup")


def test_reason_of_a_failure_is_shown_also_if_the_stack_may_not_be_deleted(capsys):
    def allow_only_the_creation(number: int, after: bool) -> None:
        if number > 0:
            raise refusal("DeleteStack", "the user is not authorized")

    account = SmallAccount(failing={0})
    person = Person(account, 0, DEFAULT_STACK, allow_only_the_creation)
    with pytest.raises(DeploymentError, match="could not be created"):
        start(person, "setup")
    assert f"The stack {DEFAULT_STACK} may still exist" in capsys.readouterr().err


def test_release_that_cannot_be_cleaned_up_says_why_it_failed_and_what_it_left(capsys):
    def expire_before_the_clean_up(number: int, after: bool) -> None:
        if number > 4:  # of the archive, the model, the logs, the config, and the endpoint
            raise refusal("DeleteEndpoint", "the token is expired")

    account = SmallAccount(failing={0})
    prepare(account, DEFAULT_STACK)
    person = Person(account, 0, DEFAULT_STACK, expire_before_the_clean_up)
    with pytest.raises(DeploymentError, match="spooky-ngrams-pipeline could not be started"):
        start(person, "deploy")
    *_, line = capsys.readouterr().err.splitlines()
    assert "The clean-up failed: AWS refused DeleteEndpoint" in line
    assert "It may have left: endpoint spooky-ngrams-pipeline, endpoint config spooky-" in line
