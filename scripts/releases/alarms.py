"""The alarms of endpoints, which stacks of infra/watch.yaml have, and those of functions."""

import argparse
import re
from collections.abc import Collection, Sequence
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.naming import watch_stack_name
from scripts.account.stacks import find_stack, outputs_of

_TYPES = ("MetricAlarm", "CompositeAlarm")
ALARMS = "AlarmNames"  # an output of infra/watch.yaml


def describe_alarms(aws: Aws, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the metric and composite alarms of the names that exist."""
    if not names:
        return []
    # By default, AWS returns no composite alarms, and not all of many.
    query = {"AlarmNames": list(names), "AlarmTypes": list(_TYPES), "MaxRecords": len(names)}
    response = aws.make(Call("cloudwatch", "describe_alarms", query))
    return [alarm for kind in _TYPES for alarm in response.get(f"{kind}s", ())]


def watch_alarms(aws: Aws, endpoint: str) -> list[str]:
    """Return the names of the alarms that `watch` created for an endpoint."""
    outputs = outputs_of(find_stack(aws, watch_stack_name(endpoint)))
    return [name for name in outputs.get(ALARMS, "").split(",") if name]


def stack_alarms(aws: Aws, stack: str, names: Collection[str]) -> list[str]:
    """Return the alarms of a stack with certain names in its template; none if it is deleted."""
    call = Call("cloudformation", "describe_stack_resources", {"StackName": stack})
    resources = aws.make(call, "does not exist") or {"StackResources": []}
    return [
        resource["PhysicalResourceId"]
        for resource in resources["StackResources"]
        if resource["LogicalResourceId"] in names
    ]


def email_address(text: str) -> str:
    """Return an e-mail address, or "" for none; argparse prints the error."""
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an e-mail address")
    return text


def announce_mail(aws: Aws, email: str | None, before: str) -> None:
    """Say that the owner of a new address of a topic has to confirm a message."""
    if email and email != before and aws.is_local:
        say(f"The local AWS sends no e-mail; AWS would ask {email} to confirm the subscription.")
    elif email and email != before:
        say(f"AWS has sent {email} a message; confirm the subscription with its link.")


def return_hint(aws: Aws, alarms: Sequence[str]) -> str:
    """Return the sentence about how to return a release that alarms guard, "" without alarms."""
    if not alarms:
        return ""
    return (
        ". To stop a guarded release at once, set off one of its alarms; without --alarm, use: "
        f"aws cloudwatch set-alarm-state --region {aws.region} --alarm-name {alarms[0]} "
        '--state-value ALARM --state-reason "returned by hand"'
    )


def check_alarms(aws: Aws, names: Sequence[str]) -> None:
    """Raise DeploymentError unless the alarms exist, and none is in the state ALARM."""
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in describe_alarms(aws, names)}
    missing = [name for name in names if name not in states]
    if missing:
        raise DeploymentError(
            f"there is no alarm {', '.join(missing)} in region {aws.region}. List them with: "
            f"aws cloudwatch describe-alarms --region {aws.region}"
        )
    firing = [name for name, state in states.items() if state == "ALARM"]
    if firing:
        raise DeploymentError(
            f"the alarm {', '.join(firing)} is in the state ALARM, and would end the release at "
            "once. Wait until it is OK, or pass other alarms with --alarm"
        )
