"""The update that gives $LATEST a new release, and the one that takes it back."""

import io
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.lineage import TRIAL
from scripts.functions.plans import stack_parameters, uploads
from scripts.functions.release import StackRelease
from scripts.functions.staging import is_staged, restore, stage, staged_call
from scripts.releases.smoke import Smoke
from tests.scripts.functions.test_plans import PLAN, UNNAMED
from tests.scripts.stubbed import Interrupted, stub

ASKED, NOT_ASKED = Smoke(TRIAL), Smoke(None)
SHIFT = {"Guarded": "true", "ShiftPercent": "10"}
EMAIL = {"Email": "night@example.com"}
NEW = replace(UNNAMED, model=b"new", package="arn", named=EMAIL, shift=SHIFT)


def release(plan=NEW, without=("Email",), **changes):
    """Return a release of a plan over a stack of PLAN, which lacks some parameters."""
    before = stack_parameters(PLAN) | {"Guarded": "false", "Email": ""} | changes
    items = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in before.items()
        if name not in without
    ]
    stack = {"StackName": PLAN.stack, "StackStatus": "UPDATE_COMPLETE", "Parameters": items}
    return StackRelease(replace(plan, previous=before), stack, stack, "mine")


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


class Stack:
    """The stubbed requests about a stack, in their order, and those about its function."""

    def __init__(self, aws, answer=True):
        uploaded(aws, NEW)
        self._formation, self._functions = stub(aws, "cloudformation"), stub(aws, "lambda")
        if answer:
            body = io.BytesIO(b'{"predictions": [{"label": "any"}]}')
            self._functions.add_response("invoke", {"StatusCode": 200, "Payload": body})

    def last(self, token):
        """Answer that the last operation has a token."""
        event = {"StackId": "s", "EventId": "e", "StackName": "s", "Timestamp": 0}
        event["ClientRequestToken"] = token
        self._formation.add_response("describe_stack_events", {"StackEvents": [event]})
        return self

    def updated(self, call=None, token=""):
        """Expect an update, and answer that it is complete."""
        expected = call and call.parameters | {"ClientRequestToken": token}
        self._formation.add_response("update_stack", {}, expected)
        return self.at_rest()

    def refuses(self, code, message):
        """Refuse an update."""
        self._formation.add_client_error("update_stack", code, message)
        return self

    def cannot_be_asked(self):
        """Refuse an invocation of the function."""
        self._functions.add_client_error("invoke", "TooManyRequestsException", "Rate Exceeded.")
        return self

    def at_rest(self):
        """Answer that no operation is in progress."""
        self._formation.add_response("describe_stacks", stack_in("UPDATE_COMPLETE"))
        return self

    def check(self):
        """Check that all requests were made."""
        self._formation.assert_no_pending_responses()
        self._functions.assert_no_pending_responses()


TRIED = "Trying the new release in $LATEST of function f, which no call gets."


def test_release_that_answers_and_that_nobody_has_changed_since_stays_in_latest(capsys):
    aws, new = Account("us-east-1"), release()
    stack = Stack(aws).last("x").updated(staged_call(new), "mine-staged").last("mine-staged")
    stage(aws, new, "f", ASKED)
    stack.check()
    tried, updated, asked = capsys.readouterr().err.splitlines()
    assert (tried, updated) == (TRIED, f"Stack {PLAN.stack}: UPDATE_COMPLETE")
    assert asked.startswith("Smoke request: the new release of function f returned ")


def test_release_that_someone_else_has_replaced_while_it_was_asked_is_refused_and_theirs_is_kept():
    aws, new = Account("us-east-1"), release()
    stack = Stack(aws).last("x").updated(staged_call(new), "mine-staged").last("theirs-staged")
    stack.at_rest().last("theirs-staged")
    with pytest.raises(DeploymentError, match=f"someone else has changed the stack {PLAN.stack}"):
        stage(aws, new, "f", ASKED)
    stack.check()


def test_release_that_is_staged_already_is_asked_and_refused_after_someone_elses():
    for last, expected in (("x", None), ("theirs", "deploy it again after theirs")):
        aws, new = Account("us-east-1"), release()
        stack = Stack(aws).last("x").refuses("ValidationError", "No updates are to be performed.")
        stack.last(last)
        if expected is None:
            stage(aws, new, "f", ASKED)
        else:
            stack.at_rest().last(last)
            with pytest.raises(DeploymentError, match=expected):
                stage(aws, new, "f", ASKED)
        stack.check()


def test_release_that_nobody_can_ask_is_taken_back(capsys):
    aws, new = Account("us-east-1"), release()
    stack = Stack(aws, answer=False).last("x").updated(staged_call(new), "mine-staged")
    stack.cannot_be_asked().last("mine-staged").at_rest().last("mine-staged")
    stack.updated()
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        stage(aws, new, "f", ASKED)
    stack.check()
    assert "has its previous content again." in capsys.readouterr().err


@pytest.mark.parametrize("code", ["Throttling", "ExpiredToken", "ValidationError"])
def test_release_whose_update_is_refused_is_taken_back_unless_the_stack_is_someone_elses(code):
    aws, new = Account("us-east-1"), release()
    stack = Stack(aws, answer=False).last("x").refuses(code, "Not now.").at_rest().last("x")
    with pytest.raises(ClientError, match=code):
        stage(aws, new, "f", ASKED)
    stack.check()


def test_previous_release_has_its_own_content_again():
    aws, calls = Account("us-east-1"), []
    old = release(MemorySize="1024")
    Stack(aws).at_rest().last("mine").updated()
    make = aws.make
    aws.make = lambda call, *ignored: calls.append(call) or make(call, *ignored)
    restore(aws, old)
    named, kept = parameters(next(call for call in calls if call.operation == "update_stack"))
    assert named["MemorySize"] == "1024"
    assert named["ModelSha256"] == stack_parameters(PLAN)["ModelSha256"]
    assert "ReleaseSha256" in kept


def test_failure_to_take_a_release_back_is_only_printed(capsys):
    aws = Account("us-east-1")
    Stack(aws).at_rest().last("mine").refuses("ValidationError", "is locked")
    restore(aws, release())
    assert capsys.readouterr().err == (
        f"$LATEST of the stack {PLAN.stack}, which gets no calls, keeps the content of the release "
        "that failed: AWS refused UpdateStack (ValidationError): is locked. Correct the command; "
        "--dry-run prints its requests\n"
    )


def test_interrupted_staging_says_that_no_call_gets_the_release(capsys):
    aws, new = Interrupted("update_stack", "us-east-1"), release()
    Stack(aws).last("x").updated(staged_call(new), "mine-staged")
    with pytest.raises(KeyboardInterrupt):
        stage(aws, new, "f", ASKED)
    assert capsys.readouterr().err.splitlines() == [
        TRIED,
        "No call gets the new release until you repeat the command.",
    ]
