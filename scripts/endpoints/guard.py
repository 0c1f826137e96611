"""A guarded release: the deployment config by which traffic moves, and the alarms that return it.

Both fleets run and are billed until the last wait ends.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws
from scripts.account.command import whole_number
from scripts.account.parsing import number
from scripts.endpoints.flags import deployed_flags
from scripts.endpoints.live import selected_endpoint
from scripts.endpoints.plans import Live
from scripts.releases.alarms import check_alarms, describe_alarms, return_hint, watch_alarms

_MINUTES = "a number of minutes, at least a second and at most 60"
_START_SECONDS = 1800  # for the new instances, in addition to the waits
_MAX_LIMIT = 28_800  # of MaximumExecutionTimeoutInSeconds, which is more than all waits
_MAX_ALARMS = 10
_DEFAULT_MINUTES = 5
_FLAGS = ("canary", "linear", "bake", "alarm")


def add_guard_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a guarded release."""
    group = parser.add_argument_group(
        "guarded releases (updates of endpoints and functions)",
        "alarms watch each share of the traffic, and return all of it to the old model",
    )
    shares = group.add_mutually_exclusive_group()
    shares.add_argument(
        "--canary",
        type=whole_number(1, 50),
        metavar="PERCENT",
        help="share of the traffic that the new model gets first",
    )
    shares.add_argument(
        "--linear",
        type=whole_number(10, 50),
        metavar="PERCENT",
        help="share of the traffic that each step adds for the new model",
    )
    group.add_argument(
        "--bake",
        type=number(lambda minutes: 1 / 60 <= minutes <= 60, _MINUTES),
        metavar="MINUTES",
        help=f"minutes for which each share is watched (default: {_DEFAULT_MINUTES})",
    )
    group.add_argument(
        "--alarm",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="alarms to use (default: those that `watch` created for the endpoint, or those of the "
        "function's stack)",
    )


def guarded(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, live: Live | None, count: int
) -> Live | None:
    """Return what an update keeps, with the deployment config that the flags ask for, if any."""
    flags = [f"--{name}" for name in _FLAGS if getattr(arguments, name) is not None]
    if not flags:
        return live
    if live is None:
        raise DeploymentError(
            f"{', '.join(flags)}: the first release of an endpoint has no traffic to move; pass "
            "them to a later one"
        )
    alarms = arguments.alarm or watch_alarms(aws, selected_endpoint(recipe, arguments))
    config = deployment_config(arguments, count, alarms, deployed_flags(aws, recipe, arguments))
    check_alarms(aws, alarms)
    return replace(live, options={**live.options, "DeploymentConfig": config})


def deployment_config(
    arguments: argparse.Namespace, count: int, alarms: Sequence[str], deployed: str
) -> dict[str, Any]:
    """Return the DeploymentConfig of UpdateEndpoint for `count` instances, as the flags ask.

    `deployed` are the flags that name the endpoint in a suggested command. Raise DeploymentError if
    the release cannot be guarded so.
    """
    kind, member = ("CANARY", "CanarySize") if arguments.canary else ("LINEAR", "LinearStepSize")
    share = arguments.canary or arguments.linear
    if share and count < 2:  # AWS does not document how it rounds a share of one instance
        raise DeploymentError(
            f"--{kind.lower()} {share} needs at least 2 instances, found {count}; deploy with "
            "--instance-count 2, or pass --bake alone, which moves all traffic at once"
        )
    if not 1 <= len(alarms) <= _MAX_ALARMS:
        raise DeploymentError(
            f"a guarded release needs 1 to {_MAX_ALARMS} alarms that can end it, found "
            f"{len(alarms)}; pass --alarm NAME, or create some with: python -m scripts watch "
            f"{deployed}"
        )
    bake = round(60 * (_DEFAULT_MINUTES if arguments.bake is None else arguments.bake))
    waits = math.ceil(100 / arguments.linear) if arguments.linear else 2 if share else 1
    if waits * bake >= _MAX_LIMIT:
        raise DeploymentError(
            f"the release would be watched {waits} times for {bake / 60:g} minutes; AWS ends "
            f"a release after {_MAX_LIMIT // 60} minutes. Pass a shorter --bake"
        )
    routing: dict[str, Any] = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    if share:
        size = {"Type": "CAPACITY_PERCENT", "Value": share}
        routing = {"Type": kind, member: size, "WaitIntervalInSeconds": bake}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": bake,
            "MaximumExecutionTimeoutInSeconds": min(waits * bake + _START_SECONDS, _MAX_LIMIT),
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
    }


def _alarms_of(live: Live) -> list[str]:
    config = live.options.get("DeploymentConfig", {})
    listed = config.get("AutoRollbackConfiguration", {}).get("Alarms", ())
    return [each["AlarmName"] for each in listed]


def undoing(aws: Aws, name: str, live: Live | None) -> str:
    """Return what happens to an endpoint whose release is interrupted."""
    if live is None:
        return f"Undoing the release of endpoint {name}."
    hint = return_hint(aws, _alarms_of(live))
    return f"AWS cannot cancel the update of endpoint {name}; waiting until it ends{hint}"


def fired_alarms(aws: Aws, live: Live, endpoint: Mapping[str, Any], start: datetime) -> list[str]:
    """Return the names of the alarms that have gone off since the start of a failed update."""
    names, reason = _alarms_of(live), endpoint.get("FailureReason", "")
    if named := [name for name in names if name in reason]:
        return named
    alarms = describe_alarms(aws, names)
    firing = [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    if firing or reason:
        return firing
    # An alarm may be OK again by now.
    since = (alarm for alarm in alarms if alarm.get("StateUpdatedTimestamp", start) > start)
    return [alarm["AlarmName"] for alarm in since]
