"""rollback says how to reject the package that it left, and returns to no rejected one."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.naming import DEFAULT_STACK
from scripts.operations import watch
from tests.scripts.environments.command_lines import COMMANDS, prepare, start
from tests.scripts.environments.small_account import Person, SmallAccount

pytestmark = pytest.mark.usefixtures("in_memory")
REJECTION = "--reject --package "


class VersionedFunction(SmallAccount):
    """An account whose function serves one of two versions, and served the other one before.

    Version 2 has a package or "", and the stack names it.
    """

    left, live = "", "2"

    def call(self, person, operation, parameters):
        if operation == "list_tags":
            return {"Tags": {"previous-version": "1", "earlier-version": "2"}}
        if operation == "get_alias":
            return {"FunctionVersion": self.live, "RevisionId": "r"}
        if operation == "get_function_configuration":
            package = {"1": "arn:served", "2": self.left}[parameters["Qualifier"]]
            return {"Environment": {"Variables": {"MODEL_PACKAGE": package}}}
        return super().call(person, operation, parameters)


@pytest.mark.parametrize("known", [True, False])
def test_rollback_of_an_endpoint_suggests_a_rejection_unless_its_config_was_deleted(known, capsys):
    account = SmallAccount()
    for _ in range(2):
        prepare(account, DEFAULT_STACK)
    person = Person(account, 0, DEFAULT_STACK)
    approved = [each.members["ModelPackageArn"] for each in account.of_kind("model_package")][::2]
    served, left = (start(person, "deploy", "--package", package) for package in approved)
    if not known:
        config = left["endpoint_config_name"]
        person.client("sagemaker").delete_endpoint_config(EndpointConfigName=config)
    assert start(person, "rollback")["model_package_arn"] == served["model_package_arn"]
    printed = capsys.readouterr().err
    assert (f"{REJECTION}{approved[1]}\n" in printed, REJECTION in printed) == (known, known)


@pytest.mark.parametrize("left", ["arn:left", "arn:served", ""])
def test_rollback_of_a_function_suggests_to_reject_only_another_package_that_is_known(left, capsys):
    account = VersionedFunction()
    account.left, person = left, Person(account, 0, DEFAULT_STACK)
    prepare(account, DEFAULT_STACK)
    start(person, "deploy --target lambda")
    assert start(person, "rollback --target lambda")["version"] == "1"
    printed = capsys.readouterr().err
    assert (REJECTION in printed) == (left == "arn:left")
    assert (f"{REJECTION}arn:left\n" in printed) == (left == "arn:left")


@pytest.mark.parametrize(("live", "other"), [("2", "1"), ("1", "2")])
def test_rollback_of_a_function_names_the_version_of_its_stack_if_that_is_another(
    live, other, capsys
):
    account = VersionedFunction()
    account.left, person = "arn:left", Person(account, 0, DEFAULT_STACK)
    prepare(account, DEFAULT_STACK)
    start(person, "deploy --target lambda")
    account.live = live
    assert start(person, "rollback --target lambda")["version"] == other
    printed = capsys.readouterr().err
    assert ("Its stack still names version 2, so " in printed) == (other == "1")
    assert ("--target lambda --package arn:served\n" in printed) == (other == "1")


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        ("rollback", "pass --target lambda to roll it back"),
        ("watch", "its stack already has alarms, and deploy --target lambda --email sends them"),
    ],
)
def test_missing_endpoint_of_a_recipe_with_a_function_leads_to_the_function(
    monkeypatch, command, advice
):
    monkeypatch.setitem(COMMANDS, "watch", watch)
    monkeypatch.setattr(watch, "connect", lambda arguments: arguments.person)
    account = SmallAccount()
    prepare(account, DEFAULT_STACK)
    person = Person(account, 0, DEFAULT_STACK)
    start(person, "deploy --target lambda")
    with pytest.raises(DeploymentError, match=f"The recipe has a function; {advice}"):
        start(person, command)


def test_rollback_to_a_rejected_package_is_refused_with_the_command_that_approves_it(capsys):
    account = SmallAccount()
    for _ in range(2):
        prepare(account, DEFAULT_STACK)
    person = Person(account, 0, DEFAULT_STACK)
    approved = account.of_kind("model_package")[::2]
    for each in approved:
        start(person, "deploy", "--package", each.members["ModelPackageArn"])
    previous = approved[0].members
    previous["ModelApprovalStatus"] = "Rejected"
    with pytest.raises(DeploymentError, match=r"is Rejected\. To return to it") as caught:
        start(person, "rollback")
    assert str(caught.value).endswith(f" --package {previous['ModelPackageArn']}")
    previous["ModelApprovalStatus"] = "Approved"
    assert start(person, "rollback")["model_package_arn"] == previous["ModelPackageArn"]
