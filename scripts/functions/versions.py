"""The published versions of a function: the one that its alias serves, and the one before it.

In a guarded release, CodeDeploy moves the calls of the alias in shares, and alarms return them.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.messages import message_of
from scripts.account.stacks import find_stack, outputs_of, settle_stack
from scripts.releases.alarms import check_alarms, return_hint, stack_alarms
from scripts.releases.history import VERSION, history_tags, previous_of

_DEFAULT_MINUTES = 5
_ALARMS = ("ErrorsAlarm", "DurationAlarm", "FaultsAlarm")  # of infra/lambda.yaml, by default
_announce = cache(say)
_CHANGING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


@dataclass(frozen=True)
class LiveAlias:
    """An alias by the outputs of its stack, and the version that it serves."""

    function: str
    name: str
    version: str
    incoming: str = ""  # the version to which a release is moving its calls, if any
    function_arn: str = ""
    share: float = 0  # of the calls that the incoming version gets already
    revision: str = ""  # changes with each change of the alias

    def move_call(self, version: str) -> Call:
        """Return the call after which the alias serves only a version, unless it has changed."""
        names = {"FunctionName": self.function, "Name": self.name, "RevisionId": self.revision}
        only = {"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": {}}}
        return Call("lambda", "update_alias", names | only)


def live_alias(aws: Aws, outputs: Mapping[str, str]) -> LiveAlias:
    """Return the alias of a function's stack."""
    function, (arn, _, name) = outputs["FunctionName"], outputs["FunctionAlias"].rpartition(":")
    query = {"FunctionName": function, "Name": name}
    alias = aws.make(Call("lambda", "get_alias", query))
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    share = sum(weights.values())
    version, revision = alias["FunctionVersion"], alias["RevisionId"]
    return LiveAlias(function, name, version, "".join(weights), arn, share, revision)


def history_call(aws: Aws, alias: LiveAlias) -> Call:
    """Return the call that records, in the function's tags, the version that an alias serves."""
    tags = history_tags(_tags(aws, alias), alias.version, VERSION)
    return Call("lambda", "tag_resource", {"Resource": alias.function_arn, "Tags": tags})


def _tags(aws: Aws, alias: LiveAlias) -> Mapping[str, str]:
    response = aws.make(Call("lambda", "list_tags", {"Resource": alias.function_arn}))
    tags: Mapping[str, str] = response.get("Tags", {})
    return tags


def previous_version(aws: Aws, alias: LiveAlias, deployed: str) -> str:
    """Return the version that an alias served before; raise DeploymentError if there is none."""
    version = previous_of(_tags(aws, alias), alias.version, VERSION)
    query = {"FunctionName": alias.function}
    published = aws.pages("lambda", "list_versions_by_function", "Versions", **query)
    if version not in [each["Version"] for each in published]:
        what = f"its version {version} was deleted" if version else "it has had one release only"
        raise DeploymentError(
            f"function {alias.function} has no previous release: {what}. Deploy another package "
            f"with: python -m scripts.deploy {deployed} --package ARN"
        )
    return version


def package_at(aws: Aws, function: str, version: str) -> str:
    """Return the model package of a version of a function, "" if it names none."""
    query = {"FunctionName": function, "Qualifier": version}
    configuration = aws.make(Call("lambda", "get_function_configuration", query))
    variables: Mapping[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return variables.get("MODEL_PACKAGE", "")


def stack_version(aws: Aws, stack: str) -> str:
    """Return the version of the function that a stack names, not one that somebody published.

    During an update, a stack has two versions; the newer one is that of the update.
    """
    query = {"StackName": stack}
    resources = aws.make(Call("cloudformation", "describe_stack_resources", query))
    versions = (
        each["PhysicalResourceId"].rpartition(":")[2]
        for each in resources["StackResources"]
        if each["ResourceType"] == "AWS::Lambda::Version"
        and each.get("PhysicalResourceId")
        and not each["ResourceStatus"].startswith("DELETE")  # one of a failed update is retained
    )
    return str(max(versions, key=int))


def check_not_rolled_back(aws: Aws, stack: str, outputs: Mapping[str, str]) -> None:
    """Raise DeploymentError if an alias does not serve the version that its stack names.

    An alarm would return the calls to the version of the stack, which was left for a reason.
    """
    alias = live_alias(aws, outputs)
    named = stack_version(aws, stack)
    if alias.version != named:
        raise DeploymentError(
            f"function {alias.function} was rolled back to version {alias.version}, and an alarm "
            f"would return its calls to version {named}, which its stack still names. First "
            "deploy the package that serves now, without --canary and --linear; status shows it"
        )


def serve(aws: Aws, outputs: Mapping[str, str], version: str) -> None:
    """Make an alias serve only a version, if it does not."""
    alias = live_alias(aws, outputs)
    if (alias.version, alias.incoming) != (version, ""):
        move(aws, alias, version)


def move(aws: Aws, alias: LiveAlias, version: str) -> None:
    """Make an alias serve only a version; raise DeploymentError if somebody has changed it."""
    if aws.make(alias.move_call(version), "PreconditionFailedException") is None:
        raise DeploymentError(
            f"someone else changed the alias of function {alias.function} in the meantime, so it "
            f"is left as it is: expected it to serve version {alias.version}. See it with: "
            "python -m scripts status"
        )
    say(f"Function {alias.function} serves version {version} again.")


def last_token(aws: Aws, stack: str) -> str:
    """Return the token of the call that began the last operation on a stack, or ""."""
    call = Call("cloudformation", "describe_stack_events", {"StackName": stack})
    newest: dict[str, str] = aws.make(call)["StackEvents"][0]
    return newest.get("ClientRequestToken", "")


def take_back(aws: Aws, stack: str, token: str, outputs: Mapping[str, str], version: str) -> None:
    """Make an alias serve a version again after the update with a token; say so if that fails.

    If the last operation on the stack is another one, the alias stays as that left it.
    """
    try:
        if settle_stack(aws, stack) is not None and last_token(aws, stack) == token:
            serve(aws, outputs, version)
    except Exception as error:
        say(
            f"The release may serve calls of the function {outputs['FunctionName']}, which could "
            f"not return to version {version}: {message_of(error)}"
        )


def shift_parameters(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the parameters of infra/lambda.yaml that the flags ask for, none without flags.

    Raise DeploymentError for what CodeDeploy does not have.
    """
    share = arguments.canary or arguments.linear
    if share is None:
        others = [name for name in ("bake", "alarm") if getattr(arguments, name) is not None]
        if others:
            raise DeploymentError(
                f"--{others[0]} needs --canary or --linear for a function: CodeDeploy watches no "
                "alarms after it has moved all calls at once"
            )
        return {}
    minutes = _DEFAULT_MINUTES if arguments.bake is None else arguments.bake
    if minutes != round(minutes) or minutes < 1:
        raise DeploymentError(
            f"--bake {minutes:g}: CodeDeploy moves calls after whole minutes; expected 1 to 60"
        )
    alarms = arguments.alarm or [""]
    if len(alarms) > 1:
        raise DeploymentError(
            f"--alarm {' '.join(alarms)}: expected one alarm for a function, found {len(alarms)}"
        )
    return {
        "Guarded": "true",
        "ShiftType": "TimeBasedCanary" if arguments.canary else "TimeBasedLinear",
        "ShiftPercent": str(share),
        "ShiftMinutes": str(round(minutes)),
        "ShiftAlarm": alarms[0],
    }


def check_shift(aws: Aws, shift: Mapping[str, str], stack: str) -> None:
    """Raise DeploymentError for a first release, without a stack, or one that alarms would end."""
    if not stack:
        raise DeploymentError(
            "the first release of a function has no calls to move; pass --canary and --linear to "
            "a later one"
        )
    named = shift["ShiftAlarm"]
    check_alarms(aws, [named] if named else guarding_alarms(aws, stack))


def guarding_alarms(aws: Aws, stack: str) -> list[str]:
    """Return the alarms of a stack that guard its releases by default."""
    return stack_alarms(aws, stack, _ALARMS)


def check_at_rest(aws: Aws, stack: dict[str, Any]) -> None:
    """Raise DeploymentError if a release of a stack is in progress."""
    if stack["StackStatus"].endswith(_CHANGING):
        name, outputs = stack["StackName"], outputs_of(stack)
        moves = "FunctionAlias" in outputs and live_alias(aws, outputs).incoming
        hint = return_hint(aws, guarding_alarms(aws, name)) if moves else ""
        raise DeploymentError(
            f"the stack {name} is {stack['StackStatus']}. Wait until that ends{hint}"
        )


def announce_release(aws: Aws, name: str) -> None:
    """Print, once each, what a release of a stack in progress moves, and how to return it."""
    stack = find_stack(aws, name)
    outputs = outputs_of(stack)
    if stack is None or not stack["StackStatus"].endswith(_CHANGING):
        return
    if "FunctionAlias" in outputs and live_alias(aws, outputs).incoming:
        announce_move(aws, outputs)
        hint = return_hint(aws, guarding_alarms(aws, name))
        _announce(f"AWS cannot delete the stack {name} before this release ends{hint}")


def announce_move(aws: Aws, outputs: Mapping[str, str]) -> None:
    """Print which share of the calls of a function a release has moved, once for each share."""
    alias = live_alias(aws, outputs)
    if alias.incoming:
        moved = f"{alias.share:.0%} of the calls go to version {alias.incoming}"
        _announce(f"Function {alias.function}: {moved}")
