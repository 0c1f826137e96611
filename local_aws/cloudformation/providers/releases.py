"""AWS::CodeDeploy: applications, deployment groups and configs, and the shifts that they guide."""

import math
from dataclasses import dataclass

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, only
from local_aws.cloudformation.records import Properties, Region
from local_aws.monitoring import alarms

_KINDS = ("Canary", "Linear")
_GROUP = frozenset(
    {"ApplicationName", "DeploymentGroupName", "DeploymentConfigName", "DeploymentStyle",
     "ServiceRoleArn", "AlarmConfiguration", "AutoRollbackConfiguration", "Tags"}
)  # fmt: skip


@dataclass(frozen=True)
class _Plan:
    """The shares of the new version, each held for some seconds, before it gets all calls."""

    shares: tuple[float, ...]
    seconds: float


def _plan(region: Region, name: str) -> _Plan:
    """Return the plan of a configuration of the region, or of one of CodeDeploy's own."""
    if name in region.deployment_configs:
        return _own_plan(region.deployment_configs[name])
    if name not in _PLANS:
        raise ResourceFailure(f"CodeDeploy has no DeploymentConfig {name} for functions.")
    return _PLANS[name]


def _own_plan(config: Properties) -> _Plan:
    """Return the plan of a configuration; raise ResourceFailure if it is not reproduced."""
    routing = config.get("TrafficRoutingConfig", {"Type": "AllAtOnce"})
    kind = str(routing["Type"]).removeprefix("TimeBased")
    if kind == "AllAtOnce":
        return _Plan((), 0)
    values = routing.get(f"TimeBased{kind}")
    if kind not in _KINDS or not values:
        raise ResourceFailure(
            f"Expected TimeBasedCanary or TimeBasedLinear for the type {routing['Type']}."
        )
    return _steps(kind, int(values[f"{kind}Percentage"]), int(values[f"{kind}Interval"]))


def _steps(kind: str, percent: int, minutes: int) -> _Plan:
    steps = 1 if kind == "Canary" else math.ceil(100 / percent) - 1
    return _Plan(tuple(percent * step / 100 for step in range(1, steps + 1)), 60.0 * minutes)


_PLANS = {
    f"CodeDeployDefault.Lambda{name}": plan
    for name, plan in {
        "AllAtOnce": _Plan((), 0),
        **{f"Canary10Percent{n}Minutes": _steps("Canary", 10, n) for n in (5, 10, 15, 30)},
        "Linear10PercentEvery1Minute": _steps("Linear", 10, 1),
        **{f"Linear10PercentEvery{n}Minutes": _steps("Linear", 10, n) for n in (2, 3, 10)},
    }.items()
}


def shift(context: Context, function: str, alias: str, version: str) -> None:
    """Move an alias to a version as its deployment group says; raise ResourceFailure on an alarm.

    The alias is then back at its old version. An alias that is there already does not move.
    """
    policy = context.resource.update_policy["CodeDeployLambdaAliasUpdate"]
    only("CodeDeployLambdaAliasUpdate", policy, "ApplicationName", "DeploymentGroupName")
    name = policy["DeploymentGroupName"]
    group = context.region.deployment_groups.get((policy["ApplicationName"], name))
    if group is None:
        raise ResourceFailure(f"No Deployment Group found for name: {name}")
    plan = _plan(context.region, group["DeploymentConfigName"])
    names = _alarms(group)
    functions = context.client("lambda")
    target = {"FunctionName": function, "Name": alias}
    old = functions.get_alias(**target)["FunctionVersion"]

    def route(main: str, **weights: float) -> None:
        routing = {"AdditionalVersionWeights": weights}
        functions.update_alias(**target, FunctionVersion=main, RoutingConfig=routing)

    try:
        for share in plan.shares if old != version else ():
            route(old, **{version: share})
            _bake(context, names, plan.seconds)
        if old != version:
            _bake(context, names, 0)
    except ResourceFailure:
        route(old)
        raise
    route(version)


def _alarms(group: Properties) -> list[str]:
    """Return the alarms that end a deployment of a group.

    Its rollback events do not matter: without them, the rollback of the stack returns the alias.
    """
    configuration = group.get("AlarmConfiguration", {})
    enabled = configuration.get("Enabled", True)
    return [alarm["Name"] for alarm in configuration.get("Alarms", []) if enabled]


def _bake(context: Context, names: list[str], seconds: float) -> None:
    """Watch alarms for a while; raise ResourceFailure naming those that go off."""
    region = context.region
    if tripped := alarms.watch(region.name, names, region.settings.scaled(seconds)):
        raise ResourceFailure(
            "Rollback is performed because one or more alarms have been activated according "
            f"to the Amazon CloudWatch metrics selected: {', '.join(tripped)}"
        )


def _create_application(context: Context, properties: Properties) -> str:
    platform = properties.get("ComputePlatform", "Server")
    if platform != "Lambda":
        raise ResourceFailure(f"The local AWS does not reproduce the ComputePlatform {platform}.")
    return context.name(properties.get("ApplicationName"), 100)


def _create_group(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("DeploymentGroupName"), 100)
    if (properties["ApplicationName"], name) in context.region.deployment_groups:
        raise ResourceFailure(f"{name} already exists.")
    return name


def _apply_group(context: Context, name: str, old: Properties, new: Properties) -> None:
    _plan(context.region, new["DeploymentConfigName"])
    context.region.deployment_groups[new["ApplicationName"], name] = new


def _create_config(context: Context, properties: Properties) -> str:
    _own_plan(properties)
    name = context.name(properties.get("DeploymentConfigName"), 100)
    if name in context.region.deployment_configs:
        raise ResourceFailure(f"{name} already exists.")
    context.region.deployment_configs[name] = properties
    return name


PROVIDERS = {
    "AWS::CodeDeploy::Application": Provider(
        properties=frozenset({"ApplicationName", "ComputePlatform", "Tags"}),
        create=_create_application,
        delete=lambda *_: None,
    ),
    "AWS::CodeDeploy::DeploymentConfig": Provider(
        properties=frozenset({"ComputePlatform", "DeploymentConfigName", "TrafficRoutingConfig"}),
        create=_create_config,
        delete=lambda context, name, _: context.region.deployment_configs.pop(name, None),
    ),
    "AWS::CodeDeploy::DeploymentGroup": Provider(
        properties=_GROUP,
        create=_create_group,
        apply=_apply_group,
        delete=lambda context, name, properties: context.region.deployment_groups.pop(
            (properties["ApplicationName"], name), None
        ),
    ),
}
