"""The update that gives $LATEST a new release, and the one that takes it back."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from scripts.account.aws import Aws
from scripts.account.lineage import TRIAL
from scripts.functions.plans import stack_parameters, uploads
from scripts.functions.release import StackRelease
from scripts.functions.staging import is_staged, restore, stage, staged_call
from scripts.releases.smoke import Smoke
from tests.scripts.functions.test_plans import PLAN, UNNAMED
from tests.scripts.stubbed import Interrupted, stub

ASKED, NOT_ASKED = Smoke(TRIAL), Smoke(TRIAL, 0)
SHIFT = {"Guarded": "true", "ShiftPercent": "10"}
NEW = replace(UNNAMED, model=b"new", package="arn", email="night@example.com", shift=SHIFT)


def release(plan=NEW, without=("Email",), **changes):
    """Return a release of a plan over a stack of PLAN, which lacks some parameters."""
    before = stack_parameters(PLAN) | {"Guarded": "false", "Email": ""} | changes
    items = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in before.items()
        if name not in without
    ]
    stack = {"StackName": PLAN.stack, "StackStatus": "UPDATE_COMPLETE", "Parameters": items}
    return StackRelease(replace(plan, previous=before), stack, stack)


def parameters(call):
    """Return the values that a call sets by parameter, and the names of those that it keeps."""
    items = call.parameters["Parameters"]
    named = {each["ParameterKey"]: each.get("ParameterValue") for each in items}
    assert len(named) == len(items)
    kept = {each["ParameterKey"] for each in items if each.get("UsePreviousValue")}
    return {name: value for name, value in named.items() if name not in kept}, kept


def test_staged_update_sets_the_content_and_keeps_everything_else_that_the_stack_has():
    new = stack_parameters(NEW)
    named, kept = parameters(staged_call(release()))
    content = {"CodeKey", "CodeBucket", "ModelFile", "ModelPrefix", "ModelSha256", "Package"}
    assert content < named.keys()
    assert named == {name: new[name] for name in named}
    assert {"ReleaseSha256", "DefinitionUri", "ReservedConcurrency", "Guarded"} <= kept
    # AWS refuses the previous value of a parameter that a stack of an earlier release lacks.
    assert not {"Email", "ShiftPercent"} & (named.keys() | kept)


def test_only_a_release_that_publishes_another_version_and_can_be_asked_is_staged():
    assert is_staged(release(), ASKED)
    assert not is_staged(release(), NOT_ASKED)
    assert not is_staged(release(PLAN), ASKED)
    assert not is_staged(StackRelease(NEW, None, None), ASKED)


class Account(Aws):
    """AWS whose clients are all stubbed, also the new ones."""

    def new_client(self, service, **options):
        return self.client(service)


def stack_in(status):
    return {"Stacks": [{"StackName": PLAN.stack, "CreationTime": 0, "StackStatus": status}]}


def uploaded(aws, plan):
    """Stub the answers about a plan's objects, which are all in the bucket."""
    objects = stub(aws, "s3")
    for each in uploads(plan):
        objects.add_response("head_object", {"ChecksumSHA256": each.checksum})


def test_release_that_nobody_can_ask_is_taken_back(capsys):
    aws = Account("us-east-1")
    uploaded(aws, NEW)
    formation, functions = stub(aws, "cloudformation"), stub(aws, "lambda")
    new = release()
    for call in (staged_call(new), None):
        formation.add_response("update_stack", {}, call and call.parameters)
        formation.add_response("describe_stacks", stack_in("UPDATE_COMPLETE"))
    functions.add_client_error("invoke", "TooManyRequestsException", "Rate Exceeded.")
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        stage(aws, new, "f", ASKED)
    formation.assert_no_pending_responses()
    assert "has the content of the previous release again." in capsys.readouterr().err


def test_previous_release_has_its_own_content_again():
    aws, calls = Account("us-east-1"), []
    formation = stub(aws, "cloudformation")
    formation.add_response("update_stack", {})
    formation.add_response("describe_stacks", stack_in("UPDATE_COMPLETE"))
    make = aws.make
    aws.make = lambda call, *ignored: calls.append(call) or make(call, *ignored)
    old = release(MemorySize="1024")
    restore(aws, old)
    named, kept = parameters(calls[0])
    assert named["MemorySize"] == "1024"
    assert named["ModelSha256"] == stack_parameters(PLAN)["ModelSha256"]
    assert "ReleaseSha256" in kept


def test_failure_to_take_a_release_back_is_only_printed(capsys):
    aws = Account("us-east-1")
    stub(aws, "cloudformation").add_client_error("update_stack", "ValidationError", "is locked")
    restore(aws, release())
    assert capsys.readouterr().err == (
        f"$LATEST of the stack {PLAN.stack}, which gets no calls, keeps the content of the release "
        "that failed: AWS refused UpdateStack (ValidationError): is locked. Correct the command; "
        "--dry-run prints its requests\n"
    )


def test_interrupted_staging_says_that_no_call_gets_the_release(capsys):
    aws = Interrupted("update_stack", "us-east-1")
    uploaded(aws, NEW)
    stub(aws, "cloudformation").add_response("update_stack", {})
    with pytest.raises(KeyboardInterrupt):
        stage(aws, release(), "f", ASKED)
    assert capsys.readouterr().err == (
        "No call gets the new release until you repeat the command.\n"
    )
