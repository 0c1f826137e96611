"""Endpoints, and the weights and counts of their variants."""

from botocore.exceptions import ClientError
from botocore.model import OperationModel

from local_aws import cloud
from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.errors import ResourceLimitExceeded
from local_aws.sagemaker.hosting import deployment
from local_aws.sagemaker.hosting.shifting import Rollout, read_rollout
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.region import Region

_MAX_INSTANCES = 20
_ENDPOINTS = Resource("endpoint", "EndpointName", lambda region: region.endpoints)
start = _ENDPOINTS.start


def create_endpoint(region: Region, request: Record, model: OperationModel) -> Record:
    """Record an endpoint and start its containers in a thread."""
    config = region.endpoint_configs.get(request["EndpointConfigName"])
    check_quota(config)
    # A new endpoint has no traffic to move; the config is kept for updates that retain it.
    guards = request.pop("DeploymentConfig", None)
    _rollout(region, config, guards)
    reply = _ENDPOINTS.create(region, request, EndpointStatus="Creating")
    rollout = Rollout(config=guards)
    start(deployment.deploy, region, request["EndpointName"], config, "Failed", rollout)
    return reply


def update_endpoint(region: Region, request: Record, model: OperationModel) -> Record:
    """Start the containers of another configuration; the old ones serve until these are healthy."""
    config = region.endpoint_configs.get(request["EndpointConfigName"])
    name = request["EndpointName"]
    endpoint = region.endpoints.get(name)
    if request.get("RetainAllVariantProperties"):
        config = deployment.retain_variants(config, endpoint)
    check_quota(config)
    guards = request.get("DeploymentConfig")
    if request.get("RetainDeploymentConfig"):
        guards = guards or endpoint.get("LastDeploymentConfig")
    rollout = _rollout(region, config, guards)
    arn = region.arn("endpoint", name)
    with region.lock:
        endpoint = region.endpoints.get(name)
        status = endpoint["EndpointStatus"]
        if status == "Failed":
            raise ValidationError(f'Cannot update endpoint "{arn}": it is Failed.')
        if status != "InService":
            raise ValidationError(f'Cannot update in-progress endpoint "{arn}".')
        if rollout.stages:
            _check_names(config, endpoint)
        region.endpoints.update(name, EndpointStatus="Updating", **{deployment.UPDATED: True})
    start(deployment.deploy, region, name, config, "InService", rollout)
    return {"EndpointArn": arn}


def _rollout(region: Region, config: Record, guards: Record | None) -> Rollout:
    """Return the rollout of a DeploymentConfig whose alarms exist and can be watched."""
    rollout = read_rollout(guards, config["ProductionVariants"])
    if rollout.alarms:
        models = [item["ModelName"] for item in config["ProductionVariants"]]
        role = region.models.get(models[0]).get("ExecutionRoleArn", "")
        missing = sorted(set(rollout.alarms) - _visible_alarms(region, role, rollout.alarms))
        if missing:
            raise ValidationError(f"Could not find the CloudWatch alarms {', '.join(missing)}.")
    return rollout


def _visible_alarms(region: Region, role: str, names: tuple[str, ...]) -> set[str]:
    """Return which alarms exist, read with the model's role as SageMaker does."""
    try:
        client = region.client("cloudwatch")
        if role:
            place = (region.settings, region.name)
            client = cloud.client_of_role("cloudwatch", *place, role, "SageMaker")
        reply = client.describe_alarms(AlarmNames=list(names))
    except ClientError as error:
        raise ValidationError(
            f"The execution role {role} cannot describe the alarms of the deployment. Allow it "
            "cloudwatch:DescribeAlarms."
        ) from error
    return {alarm["AlarmName"] for alarm in reply["MetricAlarms"]}


def _check_names(config: Record, endpoint: Record) -> None:
    """Raise ValidationError unless an update has the variants of the endpoint."""
    new, live = (
        sorted(variant["VariantName"] for variant in record["ProductionVariants"])
        for record in (config, endpoint)
    )
    if new != live:
        raise ValidationError(
            f"A deployment needs the production variants of the endpoint, {', '.join(live)}, but "
            f"the endpoint configuration has {', '.join(new)}."
        )


def check_quota(config: Record) -> None:
    """Raise ResourceLimitExceeded if a configuration has more instances than are allowed."""
    counts = [variant.get("InitialInstanceCount", 1) for variant in config["ProductionVariants"]]
    if sum(counts) > _MAX_INSTANCES:
        raise ResourceLimitExceeded(
            f"The account-level service limit 'Number of instances across an endpoint' is "
            f"{_MAX_INSTANCES} Instances, with a request delta of {sum(counts)} Instances. Reduce "
            "InitialInstanceCount."
        )


def delete_endpoint(region: Region, request: Record, model: OperationModel) -> Record:
    """Stop the endpoint's containers, then delete its record."""
    name = request["EndpointName"]
    with region.lock:
        if region.endpoints.get(name)["EndpointStatus"] not in ("InService", "Failed"):
            raise ValidationError(
                f'Cannot update in-progress endpoint "{region.arn("endpoint", name)}".'
            )
        region.endpoints.update(name, EndpointStatus="Deleting")
    start(deployment.delete, region, name)
    return {}


def update_weights_and_capacities(region: Region, request: Record, model: OperationModel) -> Record:
    """Put the wanted weights and counts into service.

    New weights take effect in the live fleet. New counts need other instances, so a new fleet
    replaces the live one once it is healthy.
    """
    name, wanted = request["EndpointName"], _wanted(request)
    arn = region.arn("endpoint", name)
    with region.lock:
        endpoint = region.endpoints.get(name)
        if endpoint["EndpointStatus"] != "InService":
            raise ValidationError(f'Cannot update in-progress endpoint "{arn}".')
        live = endpoint["ProductionVariants"]
        unknown = wanted.keys() - {variant["VariantName"] for variant in live}
        if unknown:
            raise ValidationError(
                f"The variant name(s) {', '.join(sorted(unknown))} do not exist in the endpoint "
                f'"{arn}".'
            )
        variants = [variant | wanted.get(variant["VariantName"], {}) for variant in live]
        resized = any(
            new["DesiredInstanceCount"] != old["DesiredInstanceCount"]
            for old, new in zip(live, variants, strict=True)
        )
        if not resized:
            _set_weights(region, name, variants)
            return {"EndpointArn": arn}
        config = region.endpoint_configs.get(endpoint["EndpointConfigName"])
        config = deployment.retain_variants(config, {"ProductionVariants": variants})
        check_quota(config)
        region.endpoints.update(name, EndpointStatus="Updating", **{deployment.UPDATED: True})
    rollout = Rollout(config=endpoint.get("LastDeploymentConfig"))
    start(deployment.deploy, region, name, config, "InService", rollout)
    return {"EndpointArn": arn}


def _wanted(request: Record) -> dict[str, Record]:
    """Return the members to change by the name of their variant."""
    wanted: dict[str, Record] = {}
    for item in request["DesiredWeightsAndCapacities"]:
        name = item["VariantName"]
        if name in wanted:
            raise ValidationError(f"The variant {name} is named more than once.")
        if item.get("DesiredInstanceCount") == 0:
            raise not_reproduced("a DesiredInstanceCount of 0")
        wanted[name] = {key: value for key, value in item.items() if key != "VariantName"}
    return wanted


def _set_weights(region: Region, name: str, variants: list[Record]) -> None:
    weights = {variant["VariantName"]: variant["DesiredWeight"] for variant in variants}
    for variant in region.traffic[name].fleet.variants:
        variant["InitialVariantWeight"] = weights[variant["VariantName"]]
    described = [variant | {"CurrentWeight": variant["DesiredWeight"]} for variant in variants]
    region.endpoints.update(name, ProductionVariants=described)


OPERATIONS = {
    "CreateEndpoint": create_endpoint,
    "UpdateEndpoint": update_endpoint,
    "DescribeEndpoint": _ENDPOINTS.describe,
    "ListEndpoints": _ENDPOINTS.list_page,
    "DeleteEndpoint": delete_endpoint,
    "UpdateEndpointWeightsAndCapacities": update_weights_and_capacities,
}
