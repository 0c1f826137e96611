"""A guarded release of a function: CodeDeploy moves its calls in shares, and alarms return them."""

import argparse
from collections.abc import Mapping
from functools import cache
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.stacks import find_stack, outputs_of
from scripts.functions.versions import live_alias
from scripts.releases.alarms import check_alarms, return_hint, stack_alarms

_DEFAULT_MINUTES = 5
_ALARMS = ("ErrorsAlarm", "DurationAlarm", "FaultsAlarm")  # of infra/lambda.yaml, by default
_announce = cache(say)
_CHANGING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


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
