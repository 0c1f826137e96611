"""Ask a new release of a function before it gets a call.

An update that keeps the sha256 of the stack's release changes $LATEST only: SAM publishes a version
when that changes, so the alias does not move. The function answers with the new model while its
callers still get the old one, and the update that follows publishes what has answered.
"""

from collections.abc import Mapping
from dataclasses import replace

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.messages import message_of
from scripts.account.naming import lambda_log_group
from scripts.account.stacks import parameters_of, settle_stack
from scripts.functions.plans import stack_parameters
from scripts.functions.release import StackRelease, upload_missing
from scripts.functions.versions import last_token
from scripts.releases.smoke import LATEST, Smoke, ask_function
from scripts.releases.stack_changes import update

_CONTENT = (
    *("CodeBucket", "CodeKey", "Recipe", "Package", "Runtime", "Architecture"),
    *("ModelPrefix", "ModelFile", "ModelSha256", "MemorySize"),
)
_RELEASE = "ReleaseSha256"


def is_new(release: StackRelease) -> bool:
    """Return whether a release publishes another version than the stack has."""
    before = parameters_of(release.previous).get(_RELEASE)
    return before != stack_parameters(release.plan)[_RELEASE]


def is_staged(release: StackRelease, smoke: Smoke) -> bool:
    """Return whether a release publishes another version that can be asked before."""
    return smoke.example is not None and release.previous is not None and is_new(release)


def staged_call(release: StackRelease) -> Call:
    """Return the update that gives $LATEST the content of a release."""
    return _content_call(release, stack_parameters(release.plan))


def _content_call(release: StackRelease, content: Mapping[str, str]) -> Call:
    call, before = release.call, parameters_of(release.previous)
    named = [name for name in _CONTENT if name in content]
    others = {item["ParameterKey"] for item in call.parameters["Parameters"]} - set(named)
    parameters = [
        *({"ParameterKey": name, "ParameterValue": content[name]} for name in named),
        *(
            {"ParameterKey": each, "UsePreviousValue": True}
            for each in sorted(others & set(before))
        ),
    ]
    return Call(call.service, call.operation, call.parameters | {"Parameters": parameters})


def stage(aws: Aws, release: StackRelease, function: str, smoke: Smoke) -> None:
    """Give $LATEST of a function the content of a release, and ask it.

    If it does not answer as expected, it gets its previous content again. Raise DeploymentError if
    another command has changed the stack meanwhile: the answer may be that of another release.
    """
    upload_missing(aws, release)
    say(f"Trying the new release in $LATEST of function {function}, which no call gets.")
    stack, token = release.plan.stack, f"{release.token}-staged"
    last = last_token(aws, stack)
    try:
        if update(aws, staged_call(release), token):
            last = token
    except KeyboardInterrupt:
        say("No call gets the new release until you repeat the command.")
        raise
    except Exception:
        restore(aws, release)
        raise
    try:
        try:
            ask_function(aws, function, LATEST, replace(smoke, log=lambda_log_group(stack)))
        finally:
            _check_alone(aws, stack, last)
    except BaseException:
        restore(aws, release)
        raise


def _check_alone(aws: Aws, stack: str, token: str) -> None:
    """Raise DeploymentError unless the last operation on a stack is that of a token."""
    if last_token(aws, stack) != token:
        raise DeploymentError(
            f"someone else has changed the stack {stack} in the meantime, so this release was not "
            "published; deploy it again after theirs"
        )


def restore(aws: Aws, release: StackRelease) -> None:
    """Give $LATEST its previous content again, unless somebody changed it; say so if that fails."""
    stack = release.plan.stack
    try:
        if settle_stack(aws, stack) is None or not last_token(aws, stack).startswith(release.token):
            return
        previous = _content_call(release, parameters_of(release.previous))
        update(aws, previous, f"{release.token}-restored")
    except Exception as error:
        say(
            f"$LATEST of the stack {stack}, which gets no calls, keeps the content of the release "
            f"that failed: {message_of(error)}"
        )
    else:
        say(f"The stack {stack} has its previous content again.")
