"""A guarded release: the deployment config by which traffic moves, and the alarms that return it.

Both fleets run and are billed until the last wait ends.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws
from scripts.account.command import whole_number
from scripts.endpoints.flags import deployed_flags
from scripts.endpoints.live import selected_endpoint
from scripts.endpoints.plans import Live
from scripts.releases.alarms import check_alarms, describe_alarms, return_hint, watch_alarms

_MAX_MINUTES = 60
_START_SECONDS = 1800  # for the new instances, in addition to the waits
_MAX_LIMIT = 28_800  # of MaximumExecutionTimeoutInSeconds, which is more than all waits
_MAX_ALARMS = 10
_DEFAULT_MINUTES = 5
_FLAGS = ("canary", "linear", "bake", "alarm")


@dataclass(frozen=True)
class Guard:
    """How traffic moves: a first share or equal shares in percent, each of which bakes.

    `alarms` are the names of those that return all traffic to the old fleet.
    """

    bake_seconds: int
    alarms: Sequence[str]
    canary: int | None = None
    linear: int | None = None

    @property
    def waits(self) -> int:
        """The number of times that traffic bakes."""
        if self.linear:
            return math.ceil(100 / self.linear)
        return 2 if self.canary else 1

    def deployment_config(self) -> dict[str, Any]:
        """Return the DeploymentConfig of UpdateEndpoint."""
        routing: dict[str, Any] = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
        for kind, member, value in (
            ("CANARY", "CanarySize", self.canary),
            ("LINEAR", "LinearStepSize", self.linear),
        ):
            if value:
                size = {"Type": "CAPACITY_PERCENT", "Value": value}
                waits = {"WaitIntervalInSeconds": self.bake_seconds}
                routing = {"Type": kind, member: size, **waits}
        limit = min(self.waits * self.bake_seconds + _START_SECONDS, _MAX_LIMIT)
        return {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": routing,
                "TerminationWaitInSeconds": self.bake_seconds,
                "MaximumExecutionTimeoutInSeconds": limit,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in self.alarms]},
        }


def minutes(text: str) -> float:
    """Parse a number of minutes, with decimals."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 1 / 60 <= value <= _MAX_MINUTES:
        raise argparse.ArgumentTypeError(
            f"expected a number of minutes, at least a second and at most {_MAX_MINUTES}, "
            f"found {text!r}"
        )
    return value


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
        type=minutes,
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


def _guard_flags(arguments: argparse.Namespace) -> list[str]:
    return [f"--{name}" for name in _FLAGS if getattr(arguments, name) is not None]


def guarded(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, live: Live | None, count: int
) -> Live | None:
    """Return what an update keeps, with the guard that the flags ask for, if any."""
    if not _guard_flags(arguments):
        return live
    alarms = arguments.alarm or watch_alarms(aws, selected_endpoint(recipe, arguments))
    deployed = deployed_flags(aws, recipe, arguments)
    guard = guard_of(arguments, live is not None, count, alarms, deployed)
    if live is None or guard is None:
        return live
    check_alarms(aws, guard.alarms)
    config = {"DeploymentConfig": guard.deployment_config()}
    return replace(live, options={**live.options, **config})


def guard_of(
    arguments: argparse.Namespace,
    live: bool,
    count: int,
    default_alarms: Sequence[str],
    deployed: str,
) -> Guard | None:
    """Return the guard that the flags ask for, or None.

    `count` are the instances, 0 of a serverless endpoint, and `deployed` the flags that name the
    endpoint in a suggested command. Raise DeploymentError if the release cannot be guarded so.
    """
    flags = _guard_flags(arguments)
    if not flags:
        return None
    if not live:
        raise DeploymentError(
            f"{', '.join(flags)}: the first release of an endpoint has no traffic to move; pass "
            "them to a later one"
        )
    shares = arguments.canary or arguments.linear
    if shares and count < 2:  # AWS does not document how it rounds a share of one instance
        raise DeploymentError(
            f"{flags[0]} {shares} needs at least 2 instances, found {count}; deploy with "
            "--instance-count 2, or pass --bake alone, which moves all traffic at once"
        )
    alarms = tuple(arguments.alarm or default_alarms)
    if not 1 <= len(alarms) <= _MAX_ALARMS:
        raise DeploymentError(
            f"a guarded release needs 1 to {_MAX_ALARMS} alarms that can end it, found "
            f"{len(alarms)}; pass --alarm NAME, or create some with: python -m scripts watch "
            f"{deployed}"
        )
    bake = round(60 * (_DEFAULT_MINUTES if arguments.bake is None else arguments.bake))
    guard = Guard(bake, alarms, arguments.canary, arguments.linear)
    if guard.waits * bake >= _MAX_LIMIT:
        raise DeploymentError(
            f"the release would be watched {guard.waits} times for {bake / 60:g} minutes; AWS ends "
            f"a release after {_MAX_LIMIT // 60} minutes. Pass a shorter --bake"
        )
    return guard


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
    """Return the names of the alarms that have gone off since the start of a failed update.

    The reason of the endpoint may name them. Without a reason, an alarm may be OK again by now.
    """
    names, reason = _alarms_of(live), endpoint.get("FailureReason", "")
    if named := [name for name in names if name in reason]:
        return named
    alarms = describe_alarms(aws, names)
    firing = [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    if firing or reason:
        return firing
    return [
        alarm["AlarmName"] for alarm in alarms if alarm.get("StateUpdatedTimestamp", start) > start
    ]
